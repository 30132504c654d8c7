public import Clockwork

/// What a client asked of an object, and what it was told: the only thing that a judge of consistency may look at.
///
/// Every value written must be written once in a history, so that a read tells which write it saw.
public struct Operation: Hashable, Sendable {
  /// Who asked. One process asks one thing at a time; a session is what one process did.
  public var process: String
  /// The object. Objects are independent of each other, so each is judged alone (Herlihy & Wing 1990, section 3.3:
  /// linearizability is local).
  public var key: String
  public var call: Call
  public var answer: Answer
  public var invoked: Moment
  /// Nil while no answer came: such an operation may still take effect, at any time after it was invoked.
  public var returned: Moment?

  public init(
    _ process: String, _ key: String, _ call: Call, _ answer: Answer, invoked: Moment, returned: Moment?
  ) {
    (self.process, self.key, self.call, self.answer) = (process, key, call, answer)
    (self.invoked, self.returned) = (invoked, answer == .unknown ? nil : returned)
  }
}

/// A place in a history. Moments are ordered by `sequence`, and `time` is what people are told: in a simulated world
/// much happens at one instant, and in a definite order.
public struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var sequence: Int
  public var time: Instant

  public init(_ sequence: Int, _ time: Instant) { (self.sequence, self.time) = (sequence, time) }

  /// For histories without a clock: the sequence alone.
  public init(_ sequence: Int) { self.init(sequence, Instant(nanoseconds: Int64(sequence) * 1_000_000_000)) }

  public static func < (a: Self, b: Self) -> Bool { a.sequence < b.sequence }
  public var description: String { time.description }
}

/// What can be asked of the objects that are judged.
public enum Call: Hashable, Sendable {
  /// Of a register or a counter.
  case read
  case write(String)
  /// Compare and set: writes `new` if the register holds `expected`.
  case swap(expected: String, new: String)
  case add(Int)
  /// Of a log or a list: one value more at its end.
  case append(String)
  /// Of a log: all that it holds from a position on. `toEnd` is false when the reader stopped early.
  case scan(from: Int, toEnd: Bool)
  case enqueue(String)
  case dequeue
}

/// What the caller was told.
public enum Answer: Hashable, Sendable {
  /// Done; nothing else was said.
  case done
  /// The value that was read or taken; nil when there was none.
  case value(String?)
  /// The counter's value; of an append, the position that it got.
  case number(Int)
  case list([String])
  /// It surely did not happen. A compare and set that found another value is `failed` too.
  case failed
  /// Nobody told. It may have happened, or may happen yet.
  case unknown
}

extension Operation {
  /// Takes nothing from the object and changes nothing in it.
  var isPureRead: Bool {
    switch call {
    case .read, .scan: true
    case .write, .swap, .add, .append, .enqueue, .dequeue: false
    }
  }

  /// `c2 wrote 7`, `c1 read nothing`.
  public var words: String {
    let isOpen = answer == .unknown
    let deed: String
    switch (call, answer) {
    case (.read, .value(let value)): deed = "read \(value ?? "nothing")"
    case (.read, .number(let number)): deed = "read \(number)"
    case (.read, _): deed = "asked for the value"
    case (.write(let value), _): deed = isOpen ? "sent a write of \(value)" : "wrote \(value)"
    case (.swap(let old, let new), .failed): deed = "did not find \(old) to replace by \(new)"
    case (.swap(let old, let new), _): deed = isOpen ? "tried to replace \(old) by \(new)" : "replaced \(old) by \(new)"
    case (.add(let number), _): deed = isOpen ? "sent an add of \(number)" : "added \(number)"
    case (.append(let value), .number(let place)): deed = "appended \(value) at \(place)"
    case (.append(let value), _): deed = isOpen ? "sent \(value)" : "appended \(value)"
    case (.scan(let from, _), .list(let values)): deed = "read \(Self.brief(values, from: from))"
    case (.scan, _): deed = "asked for the log"
    case (.enqueue(let value), _): deed = isOpen ? "sent \(value) to the queue" : "put \(value) into the queue"
    case (.dequeue, .value(let value)): deed = "took \(value ?? "nothing") from the queue"
    case (.dequeue, _): deed = "asked the queue for the next"
    }
    return "\(process) \(deed)"
  }

  /// `c2 wrote 7 (1.020s–1.034s)`; without an answer `(from 1.020s, no answer)`.
  public var line: String {
    guard let returned else { return "\(words) (from \(invoked), no answer)" }
    return "\(words) (\(invoked)–\(returned))"
  }

  private static func brief(_ values: [String], from: Int) -> String {
    guard let last = values.last else { return from == 0 ? "an empty log" : "nothing from \(from) on" }
    if values.count <= 4 { return values.joined(separator: ", ") }
    return "\(values.count) values, the last \(last)"
  }
}
