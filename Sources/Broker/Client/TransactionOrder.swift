public import Clockwork
public import RecordLog

/// A transaction to carry out: what to write where, and how it shall end.
public struct TransactionOrder: Hashable, Sendable {
  /// One batch for one partition.
  public struct Write: Hashable, Sendable {
    public var topic: String
    public var partition: Int32
    public var records: [Record]

    public init(topic: String, partition: Int32 = 0, records: [Record]) {
      self.topic = topic
      self.partition = partition
      self.records = records
    }
  }

  /// transactional.id: who uses it later fences who used it before.
  public var transactionalID: String
  /// In this order, one after the other.
  public var writes: [Write]
  /// How far a group has read: committed with the writes, or not at all.
  public var group: String?
  public var offsets: [GroupOffset]
  /// Nil: it stays open, and a later order of the same id goes on with it.
  public var commit: Bool?
  /// transaction.timeout.ms
  public var timeout: Interval
  /// As clients do since KIP-890: each end brings a new epoch.
  public var bumpsEpoch: Bool

  public init(
    transactionalID: String, writes: [Write], group: String? = nil, offsets: [GroupOffset] = [], commit: Bool? = true,
    timeout: Interval = .seconds(60), bumpsEpoch: Bool = true
  ) {
    self.transactionalID = transactionalID
    self.writes = writes
    self.group = group
    self.offsets = offsets
    self.commit = commit
    self.timeout = timeout
    self.bumpsEpoch = bumpsEpoch
  }
}

/// How a transaction went, step by step.
public struct Transacted: Hashable, Sendable {
  public enum Ending: Hashable, Sendable {
    case committed, aborted
    /// As it was ordered: all is written, and neither committed nor aborted.
    case open
    /// Its end was asked for and never answered: it is one or the other, and nobody told.
    case unknown
    /// Another producer has taken the transactional id, and this one may do nothing any more. What it had begun is
    /// aborted, unless its commit was decided before.
    case fenced
  }

  public struct Step: Hashable, Sendable {
    /// Both in words, as in a trace.
    public var request: String
    public var answer: String
    public var by: NodeID
  }

  public var ending: Ending
  /// Why it was not committed although it should have been.
  public var reason: BrokerError?
  /// Whose records they are; -1 when there never was a producer id.
  public var producerID: Int64
  public var producerEpoch: Int16
  /// Every request that was answered, repetitions too.
  public var steps: [Step]
}
