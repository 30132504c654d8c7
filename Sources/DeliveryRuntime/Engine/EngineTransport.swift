public import Clockwork
public import Delivery

/// Names a task: one partition of one input topic, and with it the same partition of that topic's log.
public struct TaskName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var input: Topic
  public var partition: Int32

  public init(_ input: Topic, _ partition: Int32) {
    self.input = input
    self.partition = partition
  }

  public static func < (a: TaskName, b: TaskName) -> Bool { (a.input, a.partition) < (b.input, b.partition) }

  public var description: String { "\(input.name)/\(partition)" }

  /// The task of which this is the log; nil for a topic that is none.
  init?(log: Topic, _ partition: Int32) {
    guard let input = Topic.inputs.first(where: { $0.log == log }) else { return nil }
    self.init(input, partition)
  }
}

/// What came with one call of `poll`, to be taken in this order.
public struct Arrival: Sendable {
  /// Tasks that are another's now: what is in memory of them is worth nothing any more.
  public var revoked: [TaskName] = []
  /// Tasks that are this instance's from now on.
  public var assigned: [TaskName] = []
  public var records: [(task: TaskName, records: [InputRecord])] = []

  public init() {}

  public var isEmpty: Bool { revoked.isEmpty && assigned.isEmpty && records.isEmpty }
}

/// Why a transport did not do what it was asked.
public enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing of the transaction is known to be in the log. Whoever had it in memory throws that away and asks the log.
  case lost(String)
  /// Another instance of the same name has taken over: this one ends.
  case fenced(String)
  /// The log cannot be reached, or not yet; the same call may be made again.
  case unavailable(String)
  /// It can never succeed: a setting, a topic, or a record that is not ours.
  case refused(String)

  public var description: String {
    switch self {
    case .lost(let why): "not committed: \(why)"
    case .fenced(let why): "another instance of this name has taken over: \(why)"
    case .unavailable(let why): "the log cannot be reached: \(why)"
    case .refused(let why): why
    }
  }
}

/// What an instance of the engine stands on: a log whose input partitions are shared out among the instances, and to which
/// it writes in transactions.
///
/// One contract for all: whatever `commit` has returned for stays; what it refused is in no log; two instances never
/// commit for the same task, however long one of them slept. Used from one thread.
public protocol EngineTransport: ~Copyable {
  /// Waits up to `patience` for records, or for partitions that change hands.
  mutating func poll(_ patience: Interval) throws(TransportError) -> Arrival

  /// Writes the opening entries of tasks just assigned, so that nothing of an earlier owner can follow them in the log.
  /// The answer is where they stand there, of those of which it is known.
  @discardableResult
  mutating func open(_ openings: [(task: TaskName, entry: LogEntry)]) throws(TransportError) -> [TaskName: Int64]

  /// Shows the committed records of the tasks' logs, each from this offset on, until `visit` says of it that it has seen
  /// enough. Throws `.refused` when a log does not have that offset any more: what is deleted is never passed over.
  mutating func replay(
    _ starts: [TaskName: Int64], _ visit: (TaskName, Int64, [UInt8]) throws(TransportError) -> Bool
  ) throws(TransportError)

  /// Goes on with the input at this offset.
  mutating func seek(_ task: TaskName, to offset: Int64) throws(TransportError)

  /// Writes the records and how far each input was read (the next offset), all of it or nothing. The answer is where the
  /// last entry of each task's log stands, of those of which it is known.
  @discardableResult
  mutating func commit(
    _ records: [OutgoingRecord], read: [(task: TaskName, next: Int64)]
  ) throws(TransportError) -> [TaskName: Int64]

  /// Nanoseconds since 1970: the clock that instants in the log are of.
  var now: Instant { get }

  /// Leaves, so that others need not wait to find out.
  mutating func leave()
}
