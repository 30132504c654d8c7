/// A paste, cut into the lines it enters and the rest that stays to be edited, as if it had been typed at the cursor.
struct PastedLines {
  /// More lines than these are dropped: nobody follows them.
  static let most = 10_000

  private var lines: ArraySlice<String> = []
  private var rest = ""
  private var insertion = ""

  init() {}

  /// `before` and `after` the cursor stand on the line already. Each newline of the paste enters a line, blank
  /// ones excepted: a bare Enter means something, and terminals make two of `\r\n`.
  init(_ text: String, before: String, after: String) {
    // By scalar: a carriage return and a newline together are one Character.
    var parts = [""]
    for scalar in text.unicodeScalars {
      if scalar != "\n" && scalar != "\r" {
        parts[parts.count - 1].unicodeScalars.append(scalar)
      } else if parts.count <= PastedLines.most {
        parts.append("")
      } else {
        break
      }
    }
    parts = parts.map(Composition.settle)
    guard parts.count > 1 else {
      insertion = parts[0]
      return
    }
    parts[0] = before + parts[0]
    rest = parts.removeLast() + after
    lines = parts.filter { $0.contains { $0 != " " } }[...]
  }

  mutating func takeLine() -> String? { lines.popFirst() }

  /// What is typed ahead at the next prompt.
  mutating func takeRest() -> String {
    defer { rest = "" }
    return rest
  }

  /// What goes in at the cursor when the paste enters no line.
  mutating func takeInsertion() -> String {
    defer { insertion = "" }
    return insertion
  }
}
