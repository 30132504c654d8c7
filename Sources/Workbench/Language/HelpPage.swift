import ArgumentParser

/// The text of `help`.
enum HelpPage {
  static func lines(_ path: [any ParsableCommand.Type]) -> [Line] {
    guard path.count > 1, let command = path.last else { return overview }
    let text = Shell.helpMessage(for: command, includeHidden: false, columns: 80)
    let sections = sections(text).filter { !$0.body.isEmpty }
    var lines: [Line] = []
    for section in sections {
      if !lines.isEmpty { lines.append("") }
      switch section.heading {
      case "OVERVIEW": lines += section.body.map { Line($0) }
      case "USAGE": lines += usage(section.body.joined(separator: " "))
      default:
        lines +=
          [Line(String(section.heading.prefix(1)) + section.heading.dropFirst().lowercased(), .heading)]
          + section.body.map { Line($0) }
      }
    }
    return lines
  }

  private static var overview: [Line] {
    var lines: [Line] = []
    for group in Shell.configuration.groupedSubcommands {
      lines.append(Line(group.name, .heading))
      for command in group.subcommands {
        let inner = Shell.children(of: command).map { Shell.name(of: $0) }
        let about = inner.isEmpty ? command.configuration.abstract : inner.joined(separator: ", ")
        let name = DisplayWidth.padded(Shell.name(of: command), to: 14)
        lines.append(Line("  " + name, .code) + Line(DisplayWidth.fitting(about, in: 63)))
      }
    }
    return lines + ["", "Tell me more: help topic, help produce, help expect. # starts a comment."]
  }

  private static func sections(_ text: String) -> [(heading: String, body: [String])] {
    var sections: [(heading: String, body: [String])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      // A heading is in capitals: `OVERVIEW: Create a topic.`
      let word = line.prefix { $0.isUppercase }
      if word.count > 3, line.dropFirst(word.count).hasPrefix(":") {
        let rest = line.dropFirst(word.count + 1).drop { $0 == " " }
        sections.append((word == "SUBCOMMANDS" ? "COMMANDS" : String(word), rest.isEmpty ? [] : [String(rest)]))
      } else if let last = sections.indices.last, !isAboutHelp(line) {
        sections[last].body.append(line)
      }
    }
    for place in sections.indices {
      while sections[place].body.last?.isEmpty == true { sections[place].body.removeLast() }
    }
    return sections
  }

  /// Every page would say so.
  private static func isAboutHelp(_ line: String) -> Bool {
    line.contains("-h, --help") || line.contains("See 'baedal help")
  }

  private static func usage(_ text: String) -> [Line] {
    // The root has a name only because the parser wants one. An option and its value stay together.
    var words: [String] = []
    for word in text.split(separator: " ").map(String.init).dropFirst() {
      let isOpen = words.last.map { $0.hasPrefix("[") && !$0.hasSuffix("]") } ?? false
      if isOpen || word == "..." { words[words.count - 1] += "\u{A0}" + word } else { words.append(word) }
    }
    let lines = Wrapping.lines(words.joined(separator: " "), columns: 73, indent: 2)
    return lines.enumerated().map { place, line in
      Line(place == 0 ? "Usage: " : "       ", .heading) + Line(line.replacing("\u{A0}", with: " "))
    }
  }
}
