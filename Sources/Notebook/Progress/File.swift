import Glibc

/// The operating system refused something about a file.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  public var path: String
  public var action: String
  public var code: Int32

  init(_ path: String, _ action: String, _ code: Int32 = errno) {
    self.path = path
    self.action = action
    self.code = code
  }

  public var description: String {
    let advice =
      switch code {
      case ENOSPC, EDQUOT: " Free some space; nothing that was kept before is lost."
      case EACCES, EPERM, EROFS: " Check who owns it and whether it may be written."
      default: ""
      }
    return "Cannot \(action) \(path): \(String(cString: strerror(code))).\(advice)"
  }
}

/// Whole files, written so that they survive a loss of power.
enum File {
  /// A file larger than this is none of ours.
  private static let limit = 64 << 20

  /// The content; nil when there is no such file.
  static func read(_ path: String) throws(FileError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError(path, "open")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, "read") }
    if status.st_mode & S_IFMT == S_IFDIR { throw FileError(path, "read", EISDIR) }
    guard status.st_size <= limit else { throw FileError(path, "read", EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        receive(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path, "read") }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes.prefix(filled))
  }

  static func text(_ path: String) throws(FileError) -> String? {
    guard let bytes = try read(path) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError(path, "read as UTF-8", EILSEQ) }
    return text
  }

  /// Adds a line, which must end in a line end, after the last whole line: what a loss of power left of a line is cut
  /// off. On failure the file is cut back to what it was. Two processes that append take turns.
  static func append(line: [UInt8], to path: String) throws(FileError) {
    try makeDirectory(parent(of: path))
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError(path, "open") }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    let end = try endOfLines(descriptor, path)
    do {
      try write(line, to: descriptor, at: end, path)
    } catch {
      _ = ftruncate(descriptor, off_t(end))
      throw error
    }
    if end == 0 { syncDirectory(parent(of: path)) }
  }

  /// The length up to and with the last line end, to which the file is cut.
  private static func endOfLines(_ descriptor: Int32, _ path: String) throws(FileError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, "read") }
    var end = Int(status.st_size)
    var byte: UInt8 = 0
    // A torn line is as short as a line, so this is a few hundred reads at most.
    while end > 0 {
      guard pread(descriptor, &byte, 1, off_t(end - 1)) == 1 else { throw FileError(path, "read") }
      if byte == UInt8(ascii: "\n") { break }
      end -= 1
    }
    if end < Int(status.st_size), ftruncate(descriptor, off_t(end)) != 0 { throw FileError(path, "write") }
    return end
  }

  /// Replaces the content whole, or not at all.
  static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    try makeDirectory(parent(of: path))
    let draft = path + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(draft, "open") }
    do {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, at: 0, draft)
    } catch {
      unlink(draft)
      throw error
    }
    guard rename(draft, path) == 0 else { throw FileError(path, "replace") }
    syncDirectory(parent(of: path))
  }

  /// The names in a directory, sorted; none when it cannot be read.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  private static func receive(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    Glibc.read(descriptor, buffer.baseAddress, buffer.count)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int, _ path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        return pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path, "write", count == 0 ? ENOSPC : errno) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw FileError(path, "write") }
  }

  private static func makeDirectory(_ path: String) throws(FileError) {
    guard !isDirectory(path) else { return }
    try makeDirectory(parent(of: path))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError(path, "make the folder") }
  }

  /// A new name is on the disk only when its folder is (fsync(2)).
  private static func syncDirectory(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
