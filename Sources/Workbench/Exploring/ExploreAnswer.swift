import Clockwork
import Simulation

extension ExploreQuestion {
  /// Searches and tells what was found. What it costs is bounded by the question; `errand` can stop it.
  public func answer(width: Int, isASCII: Bool, _ errand: Errand) -> Answer {
    do throws(Refusal) {
      if let replay { return try ScheduleFile(reading: replay).replayed(width: width, isASCII: isASCII) }
      return try search(width: width, isASCII: isASCII, errand)
    } catch {
      return error.answer
    }
  }

  private func search(width: Int, isASCII: Bool, _ errand: Errand) throws(Refusal) -> Answer {
    let space = try ExploredSpace(self)
    let bounds = try bounds(space.standard)
    let began = errand.elapsed?()
    let found = space.explore(bounds) { progress in
      let size = MemorySize(bytes: progress.bytes)
      errand.progress("\(progress.distinct) states, \(progress.depth) deep, \(size)", nil)
      return !errand.isCancelled()
    }
    let took = zip(began, errand.elapsed?()).map { $1 - $0 }
    let report = ExploreReport(
      space: space, bounds: bounds, found: found, took: took, width: width, isASCII: isASCII, draws: !noDiagram)
    var lines = report.lines
    if let save {
      if let schedule = found.counterexample ?? found.firstStuck ?? found.firstBlocked {
        try ScheduleFile(question: line, schedule).write(to: save)
        lines.append(Line("The schedule is in \(save). Take it again: ") + .command("explore --replay \(save)"))
      } else {
        lines.append(Line("No schedule to write to \(save).", .faint))
      }
    }
    if found.limit == .cancelled { return Answer(.interrupted, lines) }
    return Answer(.judged(report.verdict), lines)
  }

  private func zip(_ a: Interval?, _ b: Interval?) -> (Interval, Interval)? {
    if let a, let b { (a, b) } else { nil }
  }
}

/// What a search found, in lines.
struct ExploreReport {
  var space: ExploredSpace
  var bounds: ExplorationBounds
  var found: Exploration
  /// How long it took; nil where nobody has a clock.
  var took: Interval?
  var width: Int
  var isASCII: Bool
  var draws: Bool

  var verdict: Verdict {
    let value: Verdict.Value =
      found.counterexample != nil || found.stuck > 0 ? .fails : found.limit != nil ? .unknown : .holds
    return Verdict(value, claim: claim, evidence: evidence)
  }

  private var claim: String { space.promise }

  private var evidence: [String] {
    if let breach = found.counterexample?.breach { return [breach.description] }
    if let breach = found.firstStuck?.breach { return [breach.description] }
    return found.limit.map { ["Undecided: \($0)."] } ?? []
  }

  /// `1 crash, 2 losses`.
  private var faults: String {
    let counts = [
      (bounds.crashes, "crash", "crashes"), (bounds.powerFailures, "power failure", "power failures"),
      (bounds.losses, "loss", "losses"), (bounds.duplicates, "duplicate", "duplicates"), (bounds.cuts, "cut", "cuts"),
    ]
    var parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
    if parts.isEmpty { parts = ["no faults"] }
    if bounds.crashes + bounds.powerFailures > 0 { parts.append(bounds.restarts ? "restarts" : "no restarts") }
    if bounds.timing == .any { parts.append("time-outs at any time") }
    return parts.joined(separator: ", ")
  }

  var lines: [Line] {
    var lines = [row("space", "\(space.title)"), row("faults", faults)]
    let names = bounds.usesSymmetry ? " but for names (\(found.standsFor) with them)" : ""
    lines.append(row("states", "\(found.distinct) different\(names), by \(found.generated) steps, \(found.depth) deep"))
    if found.knowsBlocked {
      let first = found.firstBlocked.map { ", the first after \(counted($0.steps.count, "step"))" } ?? ""
      lines.append(row("blocked", "\(found.blocked)\(first)"))
      if found.stuck > 0 { lines.append(row("stuck", "\(found.stuck) whatever is repaired")) }
    }
    let end = found.counterexample == nil || bounds.keepsGoing ? "" : ", where the search ended"
    lines.append(row("violations", found.counterexample == nil ? "none" : "\(found.breaches)\(end)"))
    lines.append(row("nodes", "\(found.nodeStates) states of single nodes, \(counted(found.messages, "message"))"))
    // Only where there is a clock: what it costs differs from machine to machine.
    if let took { lines.append(row("cost", cost(took))) }
    for schedule in [found.counterexample, found.firstStuck].compactMap({ $0 }).prefix(1) {
      lines += tell(schedule, drawn: draws)
    }
    if found.counterexample == nil, found.stuck == 0, let blocked = found.firstBlocked {
      lines += tell(blocked, drawn: draws)
    }
    lines.append("")
    return lines + VerdictLines.lines(verdict)
  }

  private func cost(_ took: Interval) -> String {
    let rate = Int(Double(found.distinct) / max(1e-6, Double(took.nanoseconds) / 1e9))
    return "\(took), \(rate) states/s, \(MemorySize(bytes: found.memory)) of \(MemorySize(bytes: bounds.memory))"
  }

  private func row(_ name: String, _ text: String) -> Line {
    Line(DisplayWidth.padded(name, to: 12), .strong) + Line(text)
  }

  private func tell(_ schedule: Counterexample, drawn: Bool) -> [Line] {
    [""] + ScheduleLines.lines(schedule.steps, ending: schedule.breach, width: width, isASCII: isASCII, drawn: drawn)
  }
}

/// A schedule in numbered steps, and as a diagram.
enum ScheduleLines {
  static func lines(
    _ steps: [Counterexample.Step], ending breach: ExploredClaims.Breach?, width: Int, isASCII: Bool, drawn: Bool
  ) -> [Line] {
    var lines: [Line] = []
    if let breach {
      lines += Wrapping.lines(breach.description, columns: width, indent: 2).map { Line($0, .bad) }
    }
    lines.append(Line("After \(counted(steps.count, "step")):"))
    for (place, step) in steps.enumerated() {
      let number = String(place + 1)
      let text = Wrapping.lines(step.text, columns: max(20, width - 6))
      for (row, part) in text.enumerated() {
        let head = row == 0 ? String(repeating: " ", count: max(0, 4 - number.count)) + number : "    "
        lines.append(Line(head + "  ", .faint) + Line(part))
      }
    }
    guard drawn, !steps.isEmpty else { return lines }
    var diagram = SequenceDiagram(
      steps.flatMap(\.events).filter { $0.kind != .timer }.compactMap { DiagramEvent($0) }, width: width,
      isASCII: isASCII)
    diagram.countsSteps = true
    return lines + [""] + diagram.lines
  }
}
