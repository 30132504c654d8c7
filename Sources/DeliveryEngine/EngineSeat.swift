public import Broker
import Clockwork
public import Delivery
public import EventSourcing
import RecordLog

/// One partition that an instance works on: from taking it over to working at the live end of its log.
public struct EngineSeat: Sendable {
  public enum Phase: String, Hashable, Sendable {
    /// Not ours at the moment. What it knows is kept: if nobody else has had it meanwhile, it is still true, and if
    /// somebody has, the next transaction is fenced.
    case parked
    /// Marks the log. Can become restoring, waiting.
    case opening
    /// Folds the log up to the mark. Can become live, waiting.
    case restoring
    /// Decides. Can become parked, waiting.
    case live
    /// Something failed; tries again in a while. Can become opening.
    case waiting
  }

  public let topic: Topic
  public let partition: Int32
  public internal(set) var task: EngineTask?
  var replay: Replaying<TaskMemory>?
  /// Where the log is read on while restoring.
  var logOffset = Offset.zero
  /// Where the input is read on.
  var inputOffset = Offset.zero
  /// Records that were read and not handled yet.
  var pending: [InputRecord] = []
  var reading: Ticket?
  var writing: Ticket?
  /// Names this taking over.
  var term: UInt64 = 0
  var isAssigned = false
  var retryAt = Instant.start
  /// How many entries the log held when it was folded last.
  public internal(set) var restoredFrom = 0

  init(_ topic: Topic, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  public var input: TopicPartition { TopicPartition(topic.name, partition) }

  public var phase: Phase {
    if !isAssigned { return .parked }
    if task != nil { return .live }
    if replay != nil { return .restoring }
    return writing != nil ? .opening : .waiting
  }

  /// Everything in memory is forgotten: the log knows better.
  mutating func forget(until retryAt: Instant) {
    (task, replay, reading, writing, pending) = (nil, nil, nil, nil, [])
    (logOffset, inputOffset) = (.zero, .zero)
    self.retryAt = retryAt
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(phase.rawValue)
    hasher.combine(inputOffset.rawValue)
    hasher.combine(logOffset.rawValue)
    hasher.combine(task?.memory.nextInput ?? -1)
    hasher.combine(pending.count)
  }
}

extension EngineSeat {
  /// A transaction is under way: memory is ahead of the log.
  public var isWriting: Bool { writing != nil }
}
