/// What a command says back: text with meaning, no terminal in sight. The console paints it, a pipe prints it plain.
public struct Answer: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// The command did what it says.
    case done
    /// An `expect` was judged.
    case judged(Verdict)
    /// The command ran and what it asked for did not happen (a produce that was refused, a consume that timed out).
    case failed
    /// The command could not be understood; nothing happened.
    case refused
    /// Ctrl-C.
    case interrupted
  }

  public var outcome: Outcome
  public var lines: [Line]

  public init(_ outcome: Outcome = .done, _ lines: [Line] = []) {
    self.outcome = outcome
    self.lines = lines
  }

  /// The text alone, one string a line, no trailing newline.
  public var plain: String { lines.map(\.plain).joined(separator: "\n") }
}

/// A line of text in spans of one tone each.
public struct Line: Hashable, Sendable, ExpressibleByStringLiteral {
  public struct Span: Hashable, Sendable {
    public var text: String
    public var tone: Tone

    public init(_ text: String, _ tone: Tone = .plain) {
      self.text = text
      self.tone = tone
    }
  }

  public var spans: [Span]

  public init(_ spans: [Span] = []) { self.spans = spans }
  public init(_ text: String, _ tone: Tone = .plain) { spans = [Span(text, tone)] }
  public init(stringLiteral text: String) { self.init(text) }

  public var plain: String { spans.map(\.text).joined() }

  public static func + (a: Line, b: Line) -> Line { Line(a.spans + b.spans) }
}

/// What a piece of text is, so that a terminal can colour it. Colour never carries meaning alone: the words do.
public enum Tone: Hashable, Sendable {
  case plain, strong, faint, heading, code
  case good, bad, doubtful
  /// The nth broker's own colour, counted from 1.
  case node(Int)
}

/// A judgement in three values, with what it rests on. `unknown` says why it could not be decided.
public struct Verdict: Hashable, Sendable {
  public enum Value: String, Hashable, Sendable {
    case holds = "true"
    case fails = "false"
    case unknown
  }

  public var value: Value
  /// The claim in words: `record 0 of orders/0 is durable on n2`.
  public var claim: String
  /// What was observed, one fact a line. For a failed claim: observed, expected, why.
  public var evidence: [String]
  /// One command to try next, when a claim did not hold.
  public var next: String?

  public init(_ value: Value, claim: String, evidence: [String] = [], next: String? = nil) {
    self.value = value
    self.claim = claim
    self.evidence = evidence
    self.next = next
  }
}
