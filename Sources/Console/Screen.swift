import Glibc
public import Workbench

/// The terminal as a surface: its size, and what is drawn across it.
public enum Screen {
  /// As the terminal says now, so a resize needs no bookkeeping; 80×24 when it does not say.
  public static func size() -> (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  public static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// Writes text now. What cannot be written (a closed terminal) is lost.
  public static func write(_ text: String) {
    fflush(nil)
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let wrote = Glibc.write(STDOUT_FILENO, bytes.baseAddress! + done, bytes.count - done)
        if wrote < 0, errno == EINTR { continue }
        if wrote <= 0 { return }
        done += wrote
      }
    }
  }

  /// Empties the screen, not its scrolled history; nothing on a terminal without a cursor.
  public static func clear(_ palette: Palette) {
    guard let term = getenv("TERM"), String(cString: term) != "dumb" else { return }
    write("\u{1B}[H\u{1B}[2J")
  }

  /// A heading in a rule across the screen: `── Step 3 ─────`.
  public static func rule(_ title: String, width: Int) -> Line {
    let left = title.isEmpty ? "" : "── " + title + " "
    return Line(left + String(repeating: "─", count: max(0, min(width, 100) - DisplayWidth.of(left))), .heading)
  }
}
