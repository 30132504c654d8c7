import NIOCore

/// Cuts a stream of bytes into frames: a length of four bytes, then as many bytes.
///
/// What has come of the frame in front is gathered in an array of its own, which the frame then is. So a stream whose
/// pieces never end where a frame does takes no more memory than the frame and the last piece.
struct FrameReader {
  /// More than a request of librdkafka's, whose batches are of a million bytes, and little enough to be lent to one who
  /// only claims to send as much: memory that is not written to is not taken.
  private static let reservedAtFirst = 1 << 20

  private let limit: Int
  /// Of the frame in front; nil until its length has come.
  private var length: Int?
  private var frame: [UInt8] = []
  /// What came after that.
  private var waiting = ByteBuffer()

  init(limit: Int) { self.limit = limit }

  /// How many bytes wait for the rest of their frame.
  var pendingBytes: Int { (length == nil ? 0 : 4 + frame.count) + waiting.readableBytes }

  /// How many bytes are reserved for them.
  var reservedBytes: Int { frame.capacity + waiting.capacity }

  /// What the frame in front says of its length; nil until that has come.
  var nextLength: Int? { length ?? waiting.getInteger(at: waiting.readerIndex, as: Int32.self).map(Int.init) }

  /// A frame has begun and is not all there.
  var isMidFrame: Bool { pendingBytes > 0 && nextLength.map { pendingBytes < 4 + $0 } ?? true }

  mutating func append(_ bytes: consuming ByteBuffer) {
    if waiting.readableBytes == 0 {
      waiting = bytes
    } else {
      waiting.discardReadBytes()
      waiting.writeImmutableBuffer(bytes)
    }
  }

  /// The next whole frame without its length; nil until all of it has come.
  mutating func next() throws(FrameError) -> [UInt8]? {
    if length == nil { length = try beginFrame() }
    guard let length else { return nil }
    let count = min(length - frame.count, waiting.readableBytes)
    waiting.readWithUnsafeReadableBytes { bytes in
      frame.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return count
    }
    if waiting.readableBytes == 0 { waiting = ByteBuffer() }
    guard frame.count == length else { return nil }
    defer {
      self.length = nil
      frame = []
    }
    return frame
  }

  private mutating func beginFrame() throws(FrameError) -> Int? {
    guard let length = waiting.readInteger(as: Int32.self).map(Int.init) else { return nil }
    guard length >= 0, length <= limit else { throw FrameError(length: length, limit: limit) }
    frame.reserveCapacity(min(length, Self.reservedAtFirst))
    return length
  }
}

/// A length that no request has.
struct FrameError: Error, CustomStringConvertible {
  var length: Int
  var limit: Int

  var description: String {
    "a request of \(length) bytes; expected at most \(limit), and that this is Kafka's protocol"
  }
}
