import Glibc

/// The directory of one partition's log.
struct LogDirectory: Sendable {
  let path: String

  /// Creates the directory if it is not there; the one above it must be.
  init(_ path: String) throws(LogError) {
    self.path = path
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw LogError(errno: errno, "create \(path)") }
  }

  /// A new directory under `/tmp`.
  static func scratch() throws(LogError) -> LogDirectory {
    var template = Array(("/tmp/baedal-log-" + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else { throw LogError(errno: errno, "create a directory in /tmp") }
    return try LogDirectory(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  func path(of name: String) -> String { "\(path)/\(name)" }

  /// The names of the files in it, sorted.
  func names() throws(LogError) -> [String] {
    guard let stream = opendir(path) else { throw LogError(errno: errno, "list \(path)") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file; one that is not there is fine.
  func remove(_ name: String) throws(LogError) {
    guard unlink(path(of: name)) == 0 || errno == ENOENT else {
      throw LogError(errno: errno, "remove \(path(of: name))")
    }
  }

  /// The file's bytes; nil when it is not there.
  func contents(of name: String) throws(LogError) -> [UInt8]? {
    guard access(path(of: name), F_OK) == 0 else { return nil }
    let file = try LogFile(path(of: name))
    return try file.read(at: 0, count: try file.size())
  }

  /// Replaces a file so that after a crash either all of the old or all of the new is there: written beside it, synced,
  /// renamed over it.
  func replace(_ name: String, with bytes: [UInt8]) throws(LogError) {
    let draft = path(of: name + ".tmp")
    let file = try LogFile(draft, emptied: true)
    try file.write(bytes, at: 0)
    try file.sync()
    guard rename(draft, path(of: name)) == 0 else { throw LogError(errno: errno, "rename \(draft)") }
    try sync()
  }

  /// Waits until the names of files created, renamed and removed are on the platter.
  func sync() throws(LogError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LogError(errno: errno, "open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LogError(errno: errno, "sync \(path)") }
  }

  /// Removes the directory and the files in it, as far as that goes.
  func removeAll() {
    for name in (try? names()) ?? [] { unlink(path(of: name)) }
    rmdir(path)
  }
}
