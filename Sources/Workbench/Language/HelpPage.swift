import ArgumentParser

/// The text of `help`.
enum HelpPage {
  static func lines(_ path: [any ParsableCommand.Type]) -> [Line] {
    guard path.count > 1, let command = path.last else { return overview }
    let text = Shell.helpMessage(for: command, includeHidden: false, columns: 80)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // The root has a name only because the parser wants one.
    lines = lines.map { $0.replacing("USAGE: baedal ", with: "USAGE: ").replacing("SUBCOMMANDS:", with: "COMMANDS:") }
    lines.removeAll { $0.contains("-h, --help") || $0.contains("See 'baedal help") }
    lines = withoutEmptySections(lines)
    return lines.map { line in
      line.first?.isUppercase == true && line.prefix { $0 != " " }.hasSuffix(":") && line.hasSuffix(":")
        ? Line(line, .heading)
        : line.hasPrefix("USAGE: ") ? Line("USAGE: ", .heading) + Line(String(line.dropFirst(7))) : Line(line)
    }
  }

  private static var overview: [Line] {
    var lines: [Line] = []
    for group in Shell.configuration.groupedSubcommands {
      lines.append(Line(group.name, .heading))
      for command in group.subcommands {
        let name = Shell.name(of: command)
        let inner = Shell.children(of: command).map { Shell.name(of: $0) }
        let about = inner.isEmpty ? command.configuration.abstract : inner.joined(separator: ", ")
        lines.append(Line("  " + DisplayWidth.padded(name, to: 10), .code) + Line(DisplayWidth.fitting(about, in: 67)))
      }
    }
    return lines + ["", "Tell me more: help topic, help produce, help expect. # starts a comment."]
  }

  private static func withoutEmptySections(_ lines: [String]) -> [String] {
    var kept: [String] = []
    for (place, line) in lines.enumerated() {
      let isHeading = line.hasSuffix(":") && line == line.uppercased() && !line.hasPrefix(" ") && !line.isEmpty
      let next = place + 1 < lines.count ? lines[place + 1] : ""
      if isHeading && next.isEmpty { continue }
      if line.isEmpty && kept.last?.isEmpty != false { continue }
      kept.append(line)
    }
    while kept.last?.isEmpty == true { kept.removeLast() }
    return kept
  }
}
