import ArgumentParser

/// A command of the bench: parsed to a value first, carried out after, so that a line with a mistake in it changes
/// nothing.
protocol BenchCommand: ParsableCommand {
  /// At least one line that can be typed as it stands. Shown in the help, and every one is parsed by a test.
  static var examples: [String] { get }

  /// Whether `back` undoes it.
  static var changesWorld: Bool { get }

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer
}

extension BenchCommand {
  static var changesWorld: Bool { false }

  /// What every command's help is made of: what it does, more about it, examples.
  static func help(_ name: String, _ abstract: String, _ more: String = "") -> CommandConfiguration {
    let examples = "Examples:\n" + Self.examples.map { "  \($0)" }.joined(separator: "\n")
    let about = Wrapping.lines(more, columns: 78).joined(separator: "\n")
    return CommandConfiguration(
      commandName: name, abstract: abstract, discussion: more.isEmpty ? examples : about + "\n\n" + examples)
  }
}

/// The line of a command that failed, or one that a command wants to speak of: typed as it stands.
extension Line {
  static func command(_ text: String) -> Line { Line(text, .code) }
}
