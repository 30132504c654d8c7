import NIOCore

/// Cuts a stream of bytes into frames: a length of four bytes, then as many bytes.
struct FrameReader {
  private let limit: Int
  private var buffer = ByteBuffer()

  init(limit: Int) { self.limit = limit }

  /// How many bytes wait for the rest of their frame.
  var pendingBytes: Int { buffer.readableBytes }

  /// What the frame in front says of its length; nil until that has come.
  var nextLength: Int? { buffer.getInteger(at: buffer.readerIndex, as: Int32.self).map(Int.init) }

  mutating func append(_ bytes: consuming ByteBuffer) {
    if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
  }

  /// The next whole frame without its length; nil until all of it has come.
  mutating func next() throws(FrameError) -> [UInt8]? {
    guard let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self) else { return nil }
    guard length >= 0, length <= limit else { throw FrameError(length: Int(length), limit: limit) }
    guard buffer.readableBytes >= 4 + Int(length) else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    let frame = buffer.readBytes(length: Int(length))
    if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    return frame
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
