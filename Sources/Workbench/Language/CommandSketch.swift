import ArgumentParser
import Foundation

/// What a command takes, as the parser itself describes it: for completion and suggestions, so that neither has a list
/// of its own.
struct CommandSketch {
  struct Input: Hashable {
    /// `--partitions`, `-p`; empty for what has no name.
    var spellings: [String]
    /// What stands for it in the help: `node`, `topic`. Completion goes by it.
    var valueName: String
    var abstract: String
    var takesValue: Bool
    var values: [String]
    var isRepeating: Bool
  }

  private(set) var options: [Input] = []
  private(set) var positionals: [Input] = []

  init(_ command: any ParsableCommand.Type) {
    guard let sketch = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)) else { return }
    for argument in sketch.command.arguments ?? [] where argument.shouldDisplay ?? true {
      let input = Input(
        spellings: (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name },
        valueName: argument.valueName ?? "", abstract: argument.abstract ?? "", takesValue: argument.kind != "flag",
        values: argument.allValueStrings ?? argument.allValues ?? [], isRepeating: argument.isRepeating ?? false)
      if argument.kind == "positional" { positionals.append(input) } else { options.append(input) }
    }
  }

  /// The part of the parser's own description that is of use here.
  private struct Dump: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }
      var kind: String
      var shouldDisplay: Bool?
      var isRepeating: Bool?
      var names: [Name]?
      var valueName: String?
      var abstract: String?
      var allValues: [String]?
      var allValueStrings: [String]?
    }
    var command: Command
  }
}
