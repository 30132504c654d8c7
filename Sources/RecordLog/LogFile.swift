import CMemoryFile
import Glibc

/// An open file, closed with its last owner: a log's segment, or one who still sends bytes of a segment that was deleted
/// meanwhile. Every call states where in the file it works, so there is no cursor to share.
public final class LogFile: Sendable {
  let path: String
  /// Valid for as long as this object lives.
  public let descriptor: Int32

  /// Opens `path` for reading and writing, and creates it if need be; `emptied` drops what was in it.
  init(_ path: String, emptied: Bool = false) throws(LogError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (emptied ? O_TRUNC : 0), 0o644)
    guard descriptor >= 0 else { throw LogError(errno: errno, "open \(path)") }
  }

  /// A new file in memory; `name` is for whoever looks into /proc.
  init(inMemory name: String) throws(LogError) {
    path = name
    // The system takes no more than 249 bytes.
    descriptor = baedal_memory_file(String(decoding: name.utf8.suffix(200), as: UTF8.self))
    guard descriptor >= 0 else { throw LogError(errno: errno, "create the file \(name) in memory") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  public func size() throws(LogError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw LogError(errno: errno, "look at \(path)") }
    return Int(status.st_size)
  }

  /// Up to `count` bytes from `position`: fewer only where the file ends.
  public func read(at position: Int, count: Int) throws(LogError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      (filled, code) = fill(UnsafeMutableRawBufferPointer(buffer), at: position)
    }
    guard code == 0 else { throw LogError(errno: code, "read \(path)") }
    return bytes
  }

  /// Reads up to `count` bytes into the front of `chunk`, which has room for them; how many there were.
  func read(into chunk: inout [UInt8], count: Int, at position: Int) throws(LogError) -> Int {
    let (filled, code) = chunk.withUnsafeMutableBytes {
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<count]), at: position)
    }
    guard code == 0 else { throw LogError(errno: code, "read \(path)") }
    return filled
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer, at position: Int) -> (filled: Int, code: Int32) {
    var filled = 0
    while filled < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, position + filled)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { return (filled, errno) }
      if got == 0 { break }
      filled += got
    }
    return (filled, 0)
  }

  /// All of `bytes`, or an error with perhaps some of them written.
  public func write(_ bytes: [UInt8], at position: Int) throws(LogError) {
    let code = bytes.withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(of: iovec.self, capacity: 1) { pieces in
        pieces.initializeElement(at: 0, to: iovec(bytes))
        return write(pieces, at: position)
      }
    }
    guard code == 0 else { throw LogError(errno: code, "write \(path)") }
  }

  /// Writes the pieces one after the other, without copying them together; 0, or what the system says against it with
  /// perhaps some bytes written. The pieces are used up.
  func write(_ pieces: UnsafeMutableBufferPointer<iovec>, at position: Int) -> Int32 {
    var pieces = pieces[...]
    var position = position
    while true {
      while let first = pieces.first, first.iov_len == 0 { pieces = pieces.dropFirst() }
      guard !pieces.isEmpty else { return 0 }
      let put = UnsafeMutableBufferPointer(rebasing: pieces).baseAddress.map {
        pwritev(descriptor, $0, Int32(truncatingIfNeeded: pieces.count), position)
      }
      guard let put, put > 0 else {
        if put == -1 && errno == EINTR { continue }
        return put == -1 ? errno : EIO
      }
      position += put
      pieces.advance(by: put)
    }
  }

  public func truncate(to size: Int) throws(LogError) {
    guard ftruncate(descriptor, size) == 0 else { throw LogError(errno: errno, "truncate \(path)") }
  }

  /// Waits until everything written, and the size, is on the platter.
  public func sync() throws(LogError) {
    guard fdatasync(descriptor) == 0 else { throw LogError(errno: errno, "sync \(path)") }
  }
}

extension iovec {
  init(_ bytes: UnsafeRawBufferPointer) {
    self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
  }
}

extension Slice<UnsafeMutableBufferPointer<iovec>> {
  /// Drops the first `count` bytes.
  fileprivate mutating func advance(by count: Int) {
    var rest = count
    while let first = self.first, rest >= first.iov_len {
      rest -= first.iov_len
      self = dropFirst()
    }
    if rest > 0, !isEmpty {
      self[startIndex].iov_base = self[startIndex].iov_base.map { $0 + rest }
      self[startIndex].iov_len -= rest
    }
  }
}

extension LogError {
  /// What the operating system's refusal means.
  init(errno code: Int32, _ attempt: String) {
    self = code == ENOSPC || code == EDQUOT ? .diskFull : .io(code, attempt)
  }
}
