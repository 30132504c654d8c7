import Workbench

/// The outputs of a run, to be written back into the lesson file in place of the expected ones.
struct Recording {
  var isOn = false
  private var notes: [(command: CommandCell.Command, output: [String])] = []

  mutating func note(_ command: CommandCell.Command, _ answer: Answer) {
    if isOn { notes.append((command, answer.plain.textLines)) }
  }

  /// The lesson's text with each command's expected output replaced.
  ///
  /// Blank lines that close a cell's output are the author's layout and stay.
  func rewritten(_ text: String) -> String {
    var lines = text.textLines
    // From the last to the first, so that the line numbers of those still to do stay right.
    for (command, output) in notes.reversed() {
      let start = command.place.line
      let end = start + command.expectedLineCount
      guard end <= lines.count else { continue }
      let blanks = lines[start..<end].reversed().prefix { $0.trimmed.isEmpty }.count
      let expected = command.expected?.rerecorded(output) ?? ExpectedOutput(lines: output)
      lines.replaceSubrange(start..<(end - blanks), with: expected.written)
    }
    return lines.joined(separator: "\n")
  }
}
