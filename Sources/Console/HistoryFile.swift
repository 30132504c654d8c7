import Glibc

/// The history kept per user, one line of text a line.
///
/// A line is appended when it is entered, so that a killed program loses none and two programs may write at once; a
/// lock on the folder orders them. The file is rewritten, beside itself and then renamed, only when it has grown to
/// twice its limit or is damaged; a damaged file is kept as `history.damaged`.
struct HistoryFile {
  /// More than this is not read: the newest part counts.
  static let largest = 4 << 20

  let path: String
  private var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

  /// `$XDG_STATE_HOME/baedal/history`, by default under `~/.local/state`. Nil without a home.
  static func standardPath(environment: (String) -> String?) -> String? {
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/baedal/history" }
    return environment("HOME").flatMap { $0.isEmpty ? nil : $0 + "/.local/state/baedal/history" }
  }

  /// The kept lines, and a sentence for the user when the file was damaged or cannot be used.
  func load(limit: Int) -> (HistoryLines, warning: String?) {
    guard access(path, F_OK) == 0 else { return (HistoryLines(limit: limit), nil) }
    guard let bytes = read() else {
      return (HistoryLines(limit: limit), "Cannot read the history \(path): \(reason()). It starts empty.")
    }
    let (lines, isDamaged) = HistoryLines.parse(bytes)
    let kept = HistoryLines(limit: limit, lines)
    if isDamaged {
      let aside = path + ".damaged"
      guard rename(path, aside) == 0 else { return (kept, "The history \(path) is damaged: \(reason()).") }
      rewrite(kept)
      return (kept, "The history was damaged. Its \(kept.lines.count) good lines are kept; the old file is \(aside).")
    }
    if lines.count > 2 * limit { rewrite(kept) }
    return (kept, nil)
  }

  /// False when it could not be written; the caller goes on without.
  @discardableResult
  func append(_ line: String) -> Bool {
    locked {
      let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard file >= 0 else { return false }
      defer { close(file) }
      return writeAll(file, line + "\n")
    }
  }

  /// Makes the file hold these lines and nothing else.
  @discardableResult
  func rewrite(_ history: HistoryLines) -> Bool {
    locked {
      let beside = path + ".new"
      let file = open(beside, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0o600)
      guard file >= 0 else { return false }
      let isWritten = writeAll(file, history.lines.map { $0 + "\n" }.joined()) && fsync(file) == 0
      close(file)
      guard isWritten, rename(beside, path) == 0 else {
        unlink(beside)
        return false
      }
      return true
    }
  }

  private func locked(_ act: () -> Bool) -> Bool {
    guard makeFolder() else { return false }
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { return false }
    defer { close(lock) }
    guard flock(lock, LOCK_EX) == 0 else { return false }
    return act()
  }

  private func makeFolder() -> Bool {
    guard access(folder, W_OK) != 0 else { return true }
    var made = ""
    for part in folder.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o700) != 0, errno != EEXIST { return false }
    }
    return true
  }

  private func read() -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    guard size >= 0 else { return nil }
    let start = max(0, size - HistoryFile.largest)
    guard lseek(file, start, SEEK_SET) >= 0 else { return nil }
    var isWhole = true
    var bytes = [UInt8](unsafeUninitializedCapacity: size - start) { buffer, count in
      while count < size - start {
        let got = Glibc.read(file, buffer.baseAddress! + count, size - start - count)
        if got < 0 { isWhole = false }
        if got <= 0 { break }
        count += got
      }
    }
    guard isWhole else { return nil }
    // What the limit cut in two is no line.
    if start > 0 { bytes.removeFirst((bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1) }
    return bytes
  }

  private func writeAll(_ file: Int32, _ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let wrote = write(file, bytes.baseAddress! + done, bytes.count - done)
        guard wrote > 0 else { return false }
        done += wrote
      }
      return true
    }
  }

  private func reason() -> String { String(cString: strerror(errno)) }
}
