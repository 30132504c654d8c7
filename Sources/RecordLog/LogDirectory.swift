import Glibc

/// The directory of one partition's log: on disk, or in memory, where its files are freed with their last owner.
struct LogDirectory: Sendable {
  private enum Place: Sendable {
    case disk(String)
    case memory(FilesInMemory)
  }

  private let place: Place

  /// Creates the directory on disk if it is not there; the one above it must be.
  init(_ path: String) throws(LogError) {
    place = .disk(path)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw LogError(errno: errno, "create \(path)") }
  }

  /// A new directory in memory.
  init(inMemory name: String) { place = .memory(FilesInMemory(name)) }

  var isInMemory: Bool { if case .memory = place { true } else { false } }

  /// The names of the files in it, sorted.
  func names() throws(LogError) -> [String] {
    switch place {
    case .disk(let path): try Self.names(in: path)
    case .memory(let files): files.names
    }
  }

  /// Opens a file for reading and writing, and creates it if need be; `emptied` drops what was in it.
  func file(_ name: String, emptied: Bool = false) throws(LogError) -> LogFile {
    switch place {
    case .disk(let path): try LogFile("\(path)/\(name)", emptied: emptied)
    case .memory(let files): try files.file(name, emptied: emptied)
    }
  }

  /// Removes a file; one that is not there is fine. Whoever has it open keeps it.
  func remove(_ name: String) throws(LogError) {
    switch place {
    case .disk(let path):
      guard unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
        throw LogError(errno: errno, "remove \(path)/\(name)")
      }
    case .memory(let files): files.contents[name] = nil
    }
  }

  /// A new file that is not part of the log yet: on disk under `name`, in memory under none, so that whoever writes it on
  /// another thread touches nothing shared.
  func draft(_ name: String) throws(LogError) -> LogFile {
    isInMemory ? try LogFile(inMemory: name) : try file(name, emptied: true)
  }

  /// Makes a draft part of the log.
  func place(_ draft: LogFile, _ name: String, as other: String) throws(LogError) {
    if case .memory(let files) = place {
      files.contents[other] = .file(draft)
      return
    }
    try rename(name, to: other)
  }

  /// Throws a draft away.
  func discard(_ name: String) throws(LogError) { if !isInMemory { try remove(name) } }

  /// Gives a file another name, in place of the file that had it.
  func rename(_ name: String, to other: String) throws(LogError) {
    switch place {
    case .disk(let path):
      guard Glibc.rename("\(path)/\(name)", "\(path)/\(other)") == 0 else {
        throw LogError(errno: errno, "rename \(path)/\(name)")
      }
    case .memory(let files): files.contents[other] = files.contents.removeValue(forKey: name)
    }
  }

  /// The file's bytes; nil when it is not there.
  func contents(of name: String) throws(LogError) -> [UInt8]? {
    switch place {
    case .disk(let path):
      guard access("\(path)/\(name)", F_OK) == 0 else { return nil }
    case .memory(let files):
      guard let content = files.contents[name] else { return nil }
      if case .bytes(let bytes) = content { return bytes }
    }
    let file = try file(name)
    return try file.read(at: 0, count: try file.size())
  }

  /// Replaces a file so that after a crash either all of the old or all of the new is there: written beside it, synced,
  /// renamed over it. Without `durably` nothing is synced: after a power loss (not after the death of the process) the
  /// file may be the old one, or hold nothing of use.
  func replace(_ name: String, with bytes: [UInt8], durably: Bool = true) throws(LogError) {
    if case .memory(let files) = place {
      files.contents[name] = .bytes(bytes)
      return
    }
    let draft = name + ".tmp"
    let file = try file(draft, emptied: true)
    try file.write(bytes, at: 0)
    if durably { try file.sync() }
    try rename(draft, to: name)
    if durably { try sync() }
  }

  /// Waits until the names of files created, renamed and removed are on the platter.
  func sync() throws(LogError) {
    guard case .disk(let path) = place else { return }
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LogError(errno: errno, "open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LogError(errno: errno, "sync \(path)") }
  }

  /// Removes the directory and the files in it. Other directories in it are an error.
  func removeAll() throws(LogError) {
    for name in try names() { try remove(name) }
    guard case .disk(let path) = place else { return }
    guard rmdir(path) == 0 else { throw LogError(errno: errno, "remove \(path)") }
  }

  private static func names(in path: String) throws(LogError) -> [String] {
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
}

/// What is in a directory in memory: large files as files that no directory of the system knows, small ones as bytes.
// Unchecked: belongs to one log, which has one owner.
private final class FilesInMemory: @unchecked Sendable {
  enum Content {
    case file(LogFile)
    case bytes([UInt8])
  }

  let name: String
  /// Listed by `names` only, in order.
  var contents: [String: Content] = [:]

  init(_ name: String) { self.name = name }

  var names: [String] { contents.keys.sorted() }

  func file(_ name: String, emptied: Bool) throws(LogError) -> LogFile {
    if case .file(let file) = contents[name], !emptied { return file }
    let file = try LogFile(inMemory: "\(self.name)/\(name)")
    if case .bytes(let bytes) = contents[name], !emptied { try file.write(bytes, at: 0) }
    contents[name] = .file(file)
    return file
  }
}
