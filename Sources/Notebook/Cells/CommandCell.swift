public import Clockwork

/// Commands that run, with the output they are expected to give:
///
///     ```baedal timeout=5s
///     > produce orders "kimchi"
///     orders/0 offset [OFFSET]
///     > log show orders
///     ...
///     ```
///
/// A line that begins with `> ` is a command; the lines below it are its expected output (see `ExpectedOutput` for the
/// wildcards). A command with nothing below it may print anything. An output line that itself begins with `>`, with
/// `\` or with a fence is written with a `\` before it.
///
/// Flags follow `baedal`:
/// - `fails`: the last command must fail; the others must not.
/// - `allow-errors`: a command that fails is no failure of the lesson.
/// - `timeout=5s`: wall clock for each command of the cell.
/// - `hidden`: setup, run without waiting for the learner and shown as one line.
/// - `each-seed`: the output is compared whatever the seed. Without it, it is compared in the lesson's own world
///   only: times and offsets may differ elsewhere, while claims (`expect`) are judged everywhere.
///
/// A cell of two terminals, in real time, is a `terminal` cell:
///
///     ```terminal needs=kcat timeout=20s
///     > live start --port 0 --anew
///     $ echo bibimbap | kcat -b $BOOTSTRAP -P -t orders
///     > live stop
///     ```
///
/// A line that begins with `$ ` is run by `/bin/sh` with the live cluster's address in `$BOOTSTRAP`. Its output is compared
/// as that of other commands. With `needs=`, or when a line exits with 80, the whole cell is skipped where it cannot run.
/// It stands by itself, for it can be run without the rest of the lesson; and it runs in the lesson's own world only,
/// since real time does not depend on the seed.
public struct CommandCell: Hashable, Sendable {
  public struct Command: Hashable, Sendable {
    public var line: String
    public var place: SourcePlace
    public var expected: ExpectedOutput?
    /// A line for the shell, and not for the workspace.
    public var isShell = false
    /// How many lines of the file below the command hold its expected output.
    public var expectedLineCount: Int
  }

  public var place: SourcePlace
  public var commands: [Command]
  public var fails = false
  public var allowsErrors = false
  public var isHidden = false
  public var isForEachSeed = false
  public var timeout: Interval?
  /// Two terminals: the one of the lesson, and another one with a shell.
  public var isTerminal: Bool
  /// The program without which the cell is skipped.
  public var needs: String?

  static let flags = ["fails", "allow-errors", "hidden", "each-seed", "timeout=5s"]

  init(_ fence: Fence) throws(LessonError) {
    place = fence.place
    commands = []
    isTerminal = fence.kind == "terminal"
    for flag in fence.flags { try read(flag, fence) }
    try read(fence)
  }

  private mutating func read(_ flag: String, _ fence: Fence) throws(LessonError) {
    switch flag {
    case "fails": fails = true
    case "allow-errors": allowsErrors = true
    case "hidden": isHidden = true
    case "each-seed": isForEachSeed = true
    case _ where flag.hasPrefix("needs=") && isTerminal:
      needs = String(flag.dropFirst("needs=".count))
    case _ where flag.hasPrefix("timeout="):
      timeout = Interval(parsing: String(flag.dropFirst("timeout=".count)))
      if timeout == nil { throw fence.mistaken(flag, expected: "a length of time such as `timeout=5s`") }
    default:
      let flags = CommandCell.flags.map { "`\($0)`" }.joined(separator: ", ")
      throw fence.mistaken(flag, expected: "one of the flags \(flags)", among: CommandCell.flags)
    }
  }

  private mutating func read(_ fence: Fence) throws(LessonError) {
    var output: [String] = []
    func close() {
      guard let last = commands.indices.last else { return }
      commands[last].expectedLineCount = output.count
      commands[last].expected = ExpectedOutput(written: output)
    }
    for (index, line) in fence.lines.enumerated() {
      let place = fence.source.place(line: fence.place.line + 1 + index)
      let isShell = isTerminal && line.hasPrefix("$ ")
      if line.hasPrefix(">") || isShell {
        close()
        output = []
        let command = String(line.dropFirst()).trimmed
        if command.isEmpty { throw LessonError(place, expected: "a command after `>`", found: "nothing") }
        commands.append(Command(line: command, place: place, expected: nil, isShell: isShell, expectedLineCount: 0))
      } else if !commands.isEmpty {
        output.append(line)
      } else if !line.trimmed.isEmpty {
        throw LessonError(
          place, expected: "a command, written `> command`", found: "`\(line.trimmed)`",
          advice: "Output goes below its command.")
      }
    }
    close()
    guard !commands.isEmpty else {
      throw LessonError(fence.place, expected: "at least one command, written `> command`", found: "an empty cell")
    }
  }
}

extension CommandCell.Command {
  /// The command as the learner sees it, with the address of the live cluster once there is one.
  func shown(address: String?) -> String {
    guard isShell else { return "  > \(line)" }
    return "  $ " + (address.map { line.replacing("$BOOTSTRAP", with: $0) } ?? line)
  }
}
