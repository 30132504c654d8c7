public import ArgumentParser
import Clockwork
import Foundation
import Simulation

/// What `shrink` is asked, in the REPL and in the shell alike.
public struct ShrinkQuestion: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("A seed that simulate found broken.", valueName: "seed"))
  var seed: UInt64?
  @OptionGroup var runs: SimulatedRuns
  @Option(help: ArgumentHelp("Write the schedule that is left to this file.", valueName: "file"))
  var save: String?
  @Option(help: ArgumentHelp("Take the schedule in this file again.", valueName: "file"))
  var replay: String?
  @Flag(help: "No diagram of what happens.")
  var noDiagram = false

  public init() {}

  public func answer(width: Int, isASCII: Bool, _ errand: Errand) -> Answer {
    do throws(Refusal) {
      if let replay { return try ShrunkFile(reading: replay).replayed(width: width, isASCII: isASCII) }
      guard let seed else {
        throw Refusal(
          "Shrink which seed?", expected: "Expected one that simulate found broken.",
          attempt: "simulate --rule min-in-sync=off")
      }
      return try shrink(seed, width, isASCII, errand)
    } catch {
      return error.answer
    }
  }

  private func shrink(_ seed: UInt64, _ width: Int, _ isASCII: Bool, _ errand: Errand) throws(Refusal) -> Answer {
    let found = try runs.simulated().shrink(seed) { kept, runs in
      errand.progress("\(kept) inputs left after \(runs) runs", nil)
      return !errand.isCancelled()
    }
    guard let found else {
      let verdict = Verdict(
        .unknown, claim: "seed \(seed) breaks something", evidence: ["It breaks nothing with \(runs.words)."],
        next: "simulate --first-seed \(seed) --seeds 100 \(runs.words)")
      return Answer(.judged(verdict), VerdictLines.lines(verdict))
    }
    var lines = [
      Line("seed \(seed): \(found.kept.count) of \(found.total) inputs are needed, found in \(found.runs) runs"),
      Line(found.choosesFirst ? "Every node takes the first way at every choice." : "Nodes roll the seed's dice."),
    ]
    lines += ShrunkLines.lines(found, width, isASCII, drawn: !noDiagram)
    if let save {
      try ShrunkFile(words: runs.words, found).write(to: save)
      lines.append(Line("The schedule is in \(save). Take it again: ") + .command("shrink --replay \(save)"))
    }
    let verdict = Verdict(.fails, claim: "seed \(seed) breaks nothing", evidence: [found.violation.description])
    return Answer(errand.isCancelled() ? .interrupted : .judged(verdict), lines + VerdictLines.lines(verdict))
  }
}

/// What is left of a failing run.
enum ShrunkLines {
  static func lines(_ run: SimulatedWorld.Shrunk, _ width: Int, _ isASCII: Bool, drawn: Bool) -> [Line] {
    var lines: [Line] = []
    let violation = run.violation
    for entry in run.inputs where entry.time <= violation.time {
      let text = Wrapping.lines(entry.text, columns: max(20, width - 11))
      for (row, part) in text.enumerated() {
        let time = row == 0 ? entry.time.description : ""
        lines.append(Line(DisplayWidth.padded(time, to: 9) + "  ", .faint) + Line(part))
      }
    }
    lines += Wrapping.lines(violation.description, columns: width, indent: 2).map { Line($0, .bad) }
    guard drawn else { return lines }
    let diagram = SequenceDiagram(run.events.compactMap { DiagramEvent($0) }, width: width, isASCII: isASCII)
    return lines + [""] + diagram.lines + [""]
  }
}

/// A shrunk run as a file: the sweep that it is from, its seed, which of the seed's inputs are kept, and how the nodes
/// choose. The inputs themselves follow for people, each behind a `#`.
struct ShrunkFile {
  static let magic = "baedal shrunk run 1"
  private static let mostBytes = 1 << 20

  var words: String
  var seed: UInt64
  var kept: [Int]
  var choosesFirst: Bool
  var comments: [String] = []

  init(words: String, _ shrunk: SimulatedWorld.Shrunk) {
    self.words = words
    (seed, kept, choosesFirst) = (shrunk.seed, shrunk.kept, shrunk.choosesFirst)
    comments = shrunk.inputs.map { "\($0.time)  \($0.text)" }
  }

  init(reading path: String) throws(Refusal) {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
    guard let size, size <= Self.mostBytes, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Refusal("Cannot read \(path).", expected: "Expected a file that shrink --save wrote.")
    }
    let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    guard lines.count == 5, lines[0] == Self.magic, let seed = UInt64(lines[2]), ["first", "dice"].contains(lines[4])
    else {
      throw Refusal("\(path) is no shrunk run.", expected: "Expected \(Self.magic) in its first line.")
    }
    words = lines[1]
    self.seed = seed
    kept = lines[3].split(separator: " ").compactMap { Int($0) }
    choosesFirst = lines[4] == "first"
  }

  func write(to path: String) throws(Refusal) {
    let rows = [
      Self.magic, words, String(seed), kept.map(String.init).joined(separator: " "), choosesFirst ? "first" : "dice",
    ]
    let text = (rows + comments.map { "# \($0)" }).joined(separator: "\n") + "\n"
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw Refusal("Cannot write \(path).", expected: "Expected a file in a folder that exists.")
    }
  }

  func replayed(width: Int, isASCII: Bool) throws(Refusal) -> Answer {
    guard let runs = try? SimulatedRuns.parse(Words(words).arguments) else {
      throw Refusal("The run is of \(words).", expected: "Expected options of simulate.")
    }
    guard let found = try runs.simulated().replay(seed, kept, choosesFirst) else {
      let verdict = Verdict(.holds, claim: "this run breaks nothing")
      return Answer(.judged(verdict), VerdictLines.lines(verdict))
    }
    let verdict = Verdict(.fails, claim: "this run breaks nothing", evidence: [found.violation.description])
    return Answer(
      .judged(verdict),
      ShrunkLines.lines(found, width, isASCII, drawn: true) + VerdictLines.lines(verdict))
  }
}
