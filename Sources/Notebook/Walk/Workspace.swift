public import Workbench

/// Where commands run and claims are judged. A value: keeping a snapshot is an assignment.
///
/// The workbench's bench is the one that ships; tests bring a small one of their own.
public protocol Workspace: Sendable {
  /// A fresh world. The same seed gives the same world.
  init(seed: UInt64)

  /// Runs one command line. Never throws: what went wrong is in the answer.
  mutating func run(_ line: String, _ errand: Errand) -> Answer

  /// Where real clients reach the cluster that this workspace runs in real time; nil when it runs none.
  var liveAddress: String? { get }

  /// How many commands `back` can undo: each command that changes the world adds one, each `back` takes one away.
  /// Commands that only look do not count.
  var undoable: Int { get }

  /// Judges the text that follows `expect`. Changes nothing.
  func judge(_ claim: String) -> Verdict
}

extension Workspace {
  public var liveAddress: String? { nil }
}

/// What lessons that ship run on.
extension Bench: Workspace {}

extension Answer.Outcome {
  /// Whether the command counts as failed where a lesson runs it.
  var isFailure: Bool {
    switch self {
    case .done: false
    case .judged(let verdict): verdict.value != .holds
    case .failed, .refused, .interrupted: true
    }
  }
}

extension Verdict {
  /// The verdict on paper: the claim, and unless it holds, what it rests on and what to try.
  ///
  /// `why` is an author's explanation, which says more than the engine can.
  func lines(why: String? = nil) -> [Line] {
    switch value {
    case .holds: return [Line("  holds    ", .good) + Line(claim)]
    case .fails, .unknown:
      let label = value == .fails ? Line("  not yet  ", .bad) : Line("  unknown  ", .doubtful)
      var lines = [label + Line(claim)] + evidence.map { Line("           \($0)", .faint) }
      if let why {
        let margin = Line(String(repeating: " ", count: 11))
        let told = Prose(ofField: why).labelled(Line("why: "))
        lines += told.map { $0.spans.isEmpty ? $0 : margin + $0 }
      }
      if let next { lines.append(Line("           try: ") + Line(next, .code)) }
      return lines
    }
  }
}

extension PredictionCell {
  /// Which choice the run has proved right.
  enum Answered: Equatable {
    case right(Int)
    /// None or several, or not those that are marked: the lesson is at fault.
    case wrong(String)
    /// A claim could not be decided.
    case unknown(String)
  }

  func answered(_ judge: (String) -> Verdict) -> Answered {
    var right: [Int] = []
    for (index, choice) in choices.enumerated() {
      guard let claim = choice.when else {
        if choice.rule == .right { right.append(index) }
        continue
      }
      let verdict = judge(claim.text)
      let facts = verdict.evidence.joined(separator: "; ")
      switch (verdict.value, choice.rule) {
      case (.unknown, _): return .unknown("choice \(letter(index)): unknown whether \(claim.text): \(facts)")
      case (.holds, .wrong): return .wrong("choice \(letter(index)) is marked wrong, but holds: \(claim.text)")
      case (.fails, .right):
        return .wrong("choice \(letter(index)) is marked right, but does not hold: \(claim.text): \(facts)")
      case (.holds, _): right.append(index)
      case (.fails, _): break
      }
    }
    if right.count == 1, let only = right.first { return .right(only) }
    let letters = right.isEmpty ? "none" : right.map { letter($0) }.joined(separator: " and ")
    return .wrong("expected exactly one right choice, found \(letters)")
  }
}

/// How a choice is called: a, b, c.
func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(ascii: "a") + UInt8(min(index, 25)))) }
