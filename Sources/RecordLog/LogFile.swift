import Glibc

/// An open file that belongs to one owner and is closed with it. Every call states where in the file it works, so there
/// is no cursor to lose.
struct LogFile: ~Copyable, Sendable {
  let path: String
  private let descriptor: Int32

  /// Opens `path` for reading and writing, and creates it if need be; `emptied` drops what was in it.
  init(_ path: String, emptied: Bool = false) throws(LogError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (emptied ? O_TRUNC : 0), 0o644)
    self.path = path
    guard descriptor >= 0 else { throw LogError(errno: errno, "open \(path)") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func size() throws(LogError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw LogError(errno: errno, "look at \(path)") }
    return Int(status.st_size)
  }

  /// Up to `count` bytes from `position`: fewer only where the file ends.
  func read(at position: Int, count: Int) throws(LogError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, position + filled)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard code == 0 else { throw LogError(errno: code, "read \(path)") }
    return bytes
  }

  /// All of `bytes`, or an error with perhaps some of them written.
  func write(_ bytes: [UInt8], at position: Int) throws(LogError) {
    var written = 0
    while written < bytes.count {
      let put = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, position + written)
      }
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw LogError(errno: put < 0 ? errno : EIO, "write \(path)") }
      written += put
    }
  }

  func truncate(to size: Int) throws(LogError) {
    guard ftruncate(descriptor, size) == 0 else { throw LogError(errno: errno, "truncate \(path)") }
  }

  /// Waits until everything written, and the size, is on the platter.
  func sync() throws(LogError) {
    guard fdatasync(descriptor) == 0 else { throw LogError(errno: errno, "sync \(path)") }
  }
}

extension LogError {
  /// What the operating system's refusal means.
  init(errno code: Int32, _ attempt: String) {
    self = code == ENOSPC || code == EDQUOT ? .diskFull : .io(code, attempt)
  }
}
