import Console
import Workbench

/// Free play: every line is a command of the workbench.
struct FreePlay: Conversation {
  var bench: Bench
  /// The live cluster is what was asked for, and the bench only comes with it.
  var isServing = false

  var prompt: Line { Line(bench.liveAddress == nil ? "play " : "live ", .strong) + Line("> ") }

  func begin() -> [Line] {
    if isServing {
      return [
        Line(
          "Commands act on this cluster: `cluster show`, `crash n2`, `net cut n1 | n2 n3`, `log show`; `help` lists all."
        ),
        Line("`bye` or Ctrl-D stops it."),
      ]
    }
    return [
      Line("An empty bench. `help` lists the commands; begin with `cluster start 3`. `bye` or Ctrl-D leaves.")
    ]
  }

  mutating func enter(_ line: String, errand: Errand) -> Reply {
    if FreePlay.farewells.contains(line.trimmingPrefix(while: \.isWhitespace).description) {
      return Reply([], isOver: true)
    }
    bench.width = Screen.size().columns
    return Reply(bench.run(line, errand).lines)
  }

  func complete(_ line: String, cursor: Int) -> [Completion] { bench.complete(inCharacters: line, cursor: cursor) }

  static let farewells: Set<String> = ["bye", "bye()", "q", "quit", "exit"]
}

extension Bench {
  /// The workbench counts bytes, the terminal counts characters.
  func complete(inCharacters line: String, cursor: Int) -> [Completion] {
    let before = line.prefix(cursor).utf8.count
    return complete(line, cursor: before).map { found in
      func characters(_ bytes: Int) -> Int { String(decoding: line.utf8.prefix(bytes), as: UTF8.self).count }
      return Completion(
        characters(found.range.lowerBound)..<characters(found.range.upperBound), found.text, help: found.help,
        isWhole: !found.text.hasSuffix("/") && !found.text.hasSuffix("="))
    }
  }
}
