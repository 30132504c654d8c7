import Glibc

/// Waits for a file to be saved, by inotify(7) on its folder: editors save by renaming, which ends a watch on the file.
public enum FileWatch {
  /// Returns when `file` was written or replaced; false when `isCancelled` says so first, asked ten times a second.
  public static func wait(for file: String, isCancelled: () -> Bool) throws(FileError) -> Bool {
    let watch = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard watch >= 0 else { throw FileError(file, "watch") }
    defer { close(watch) }
    let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO)
    guard inotify_add_watch(watch, File.parent(of: file), mask) >= 0 else { throw FileError(file, "watch") }
    let name = File.name(of: file)
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while !isCancelled() {
      var ready = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 100) > 0 else { continue }
      let count = buffer.withUnsafeMutableBytes { read(watch, $0.baseAddress, $0.count) }
      if count > 0, names(in: buffer[..<count]).contains(name) { return true }
    }
    return false
  }

  /// The file names of a buffer of `struct inotify_event`: 16 bytes of head, the last four the length of the name.
  private static func names(in bytes: ArraySlice<UInt8>) -> [String] {
    var names: [String] = []
    var start = bytes.startIndex
    while start + 16 <= bytes.endIndex {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[start + 12 + $1]) << (8 * $1) }
      guard start + 16 + length <= bytes.endIndex else { break }
      let name = bytes[(start + 16)..<(start + 16 + length)]
      names.append(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
      start += 16 + length
    }
    return names
  }
}
