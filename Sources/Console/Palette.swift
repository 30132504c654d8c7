import Workbench

/// Which colours the terminal can show, and so what each tone looks like.
public enum Palette: Hashable, Sendable {
  /// Plain text: `NO_COLOR` is set, `TERM=dumb`, or nobody looks.
  case none
  case sixteen
  case many

  /// `NO_COLOR` (no-color.org) set and not empty wins over everything.
  public static func choose(isTerminal: Bool, environment: (String) -> String?) -> Palette {
    func value(_ name: String) -> String { environment(name) ?? "" }
    let term = value("TERM")
    guard isTerminal, value("NO_COLOR").isEmpty, !term.isEmpty, term != "dumb" else { return .none }
    let showsMany = !value("COLORTERM").isEmpty || term.hasSuffix("256color") || term.hasSuffix("direct")
    return showsMany ? .many : .sixteen
  }

  /// The escape sequence that begins a tone, nil when it looks like plain text.
  func begins(_ tone: Tone) -> String? {
    guard self != .none else { return nil }
    return switch tone {
    case .plain: nil
    case .strong: sgr("1")
    case .faint: sgr("2")
    case .heading: sgr("1;4")
    case .code: sgr("36")
    case .good: sgr("32")
    case .bad: sgr("1;31")
    case .doubtful: sgr("33")
    case .node(let number): sgr(node(number))
    }
  }

  static let ends = "\u{1B}[0m"

  /// Distinct for seven nodes, then again from the first. None of them is the red, green or yellow of a verdict.
  private func node(_ number: Int) -> String {
    switch self {
    case .none: "0"
    case .sixteen: ["34", "35", "36", "94", "95", "96", "1"][index(number, of: 7)]
    case .many:
      ["38;5;75", "38;5;213", "38;5;80", "38;5;141", "38;5;180", "38;5;110", "38;5;175"][index(number, of: 7)]
    }
  }

  private func index(_ number: Int, of count: Int) -> Int { (number % count + count - 1) % count }

  private func sgr(_ code: String) -> String { "\u{1B}[\(code)m" }
}
