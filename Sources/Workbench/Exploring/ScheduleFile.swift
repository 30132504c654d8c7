import ArgumentParser
import Foundation
import Simulation

/// A schedule as a file: the question it answers, and which way things went at each step.
///
///     baedal schedule 1
///     explore replication --rule kip101 --replicas 3 --epochs 3 --records 1
///     4  n1: timer produce
///
/// The number tells which of the moves of that state it was to whoever searched. The schedule is taken again by its
/// words, so that one from another version is not taken for what it was.
struct ScheduleFile {
  static let magic = "baedal schedule 1"
  private static let mostBytes = 1 << 20

  var question: String
  var steps: [(choice: UInt32, text: String)]

  init(question: String, _ schedule: Counterexample) {
    self.question = question
    steps = zip(schedule.choices, schedule.steps).map { ($0, $1.text) }
  }

  init(reading path: String) throws(Refusal) {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
    guard let size, size <= Self.mostBytes, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Refusal(
        "Cannot read \(path).", expected: "Expected a file that explore --save wrote.", attempt: "help explore")
    }
    let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    guard lines.first == Self.magic, lines.count >= 2 else {
      throw Refusal(
        "\(path) is no schedule.", expected: "Expected \(Self.magic) in its first line.", attempt: "help explore")
    }
    question = lines[1]
    steps = []
    for (row, line) in lines.dropFirst(2).enumerated() {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let choice = UInt32(parts[0]) else {
        throw Refusal(
          "Step \(row + 1) of \(path) reads \(line).", expected: "Expected a number and what happens.",
          attempt: "help explore")
      }
      steps.append((choice, parts[1].trimmingCharacters(in: .whitespaces)))
    }
  }

  func write(to path: String) throws(Refusal) {
    let rows = steps.map { "\($0.choice)  \($0.text)" }
    let text = ([Self.magic, question] + rows).joined(separator: "\n") + "\n"
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw Refusal("Cannot write \(path).", expected: "Expected a file in a folder that exists.")
    }
  }

  /// Takes the schedule again with today's code.
  func replayed(width: Int, isASCII: Bool) throws(Refusal) -> Answer {
    let words = Words(question).arguments.dropFirst()
    guard question.hasPrefix("explore "), let asked = try? ExploreQuestion.parse(Array(words)), asked.replay == nil
    else {
      throw Refusal("The schedule asks \(question).", expected: "Expected explore and a space.")
    }
    let space = try ExploredSpace(asked)
    let (taken, breach) = space.follow(try asked.bounds(space.standard), steps)
    guard taken.count == steps.count else {
      throw Refusal(
        "Step \(taken.count + 1) was \(steps[taken.count].text), which cannot happen now: the schedule is of another version.",
        attempt: question)
    }
    let lines = ScheduleLines.lines(taken, ending: breach, width: width, isASCII: isASCII, drawn: true)
    let value: Verdict.Value = breach == nil ? .holds : .fails
    let verdict = Verdict(
      value, claim: space.promise, evidence: breach.map { [$0.description] } ?? [])
    return Answer(.judged(verdict), lines + [""] + VerdictLines.lines(verdict))
  }
}
