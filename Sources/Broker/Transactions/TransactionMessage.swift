public import Clockwork

/// What producers, partition leaders and administrators ask of the transaction coordinator (KIP-98, KIP-664, KIP-890).
public enum TransactionRequest: Hashable, Sendable {
  /// Which broker coordinates `transactionalID`; any broker answers.
  case findCoordinator(transactionalID: String)
  /// A producer id and an epoch. Without a transactional id any broker answers; with one, whoever had the id before is
  /// fenced and its open transaction aborted first.
  case initProducer(InitProducerRequest)
  /// Before the first record to each partition: the coordinator must know where markers will be due.
  case addPartitions(TransactionClaim, [PartitionID])
  /// As `addPartitions`, for the partition in which `group` keeps its offsets.
  case addOffsets(TransactionClaim, group: String)
  /// With `bumpsEpoch` the answer is the producer id and epoch to go on with (KIP-890, EndTxn 5): whatever is still on
  /// its way from the ended transaction is then fenced.
  case end(TransactionClaim, commit: Bool, bumpsEpoch: Bool)
  /// Does the partition belong to the producer's open transaction? Asked by its leader before it appends (KIP-890).
  case verify(TransactionClaim, PartitionID)
  case describe(transactionalID: String)
  /// The transactions that this broker coordinates.
  case list
}

/// Who a transactional producer says it is: checked on every call, so that an older instance is fenced.
public struct TransactionClaim: Hashable, Sendable {
  public var transactionalID: String
  public var producerID: Int64
  public var producerEpoch: Int16

  public init(transactionalID: String, producerID: Int64, producerEpoch: Int16) {
    self.transactionalID = transactionalID
    self.producerID = producerID
    self.producerEpoch = producerEpoch
  }
}

public struct InitProducerRequest: Hashable, Sendable {
  /// Nil for a producer that is only idempotent.
  public var transactionalID: String?
  /// transaction.timeout.ms: an open transaction is aborted after this long.
  public var timeout: Interval
  /// What the producer has so far, when it asks for a higher epoch after an error (KIP-360); -1 when it is new.
  public var producerID: Int64
  public var producerEpoch: Int16

  public init(transactionalID: String?, timeout: Interval, producerID: Int64 = -1, producerEpoch: Int16 = -1) {
    self.transactionalID = transactionalID
    self.timeout = timeout
    self.producerID = producerID
    self.producerEpoch = producerEpoch
  }
}

/// What a coordinator answers.
public enum TransactionReply: Hashable, Sendable {
  case coordinator(NodeID)
  case producer(id: Int64, epoch: Int16)
  case ok
  case described(TransactionDescription)
  case listed([TransactionListing])
  case refused(BrokerError)
}

/// A transactional id as an administrator sees it.
public struct TransactionDescription: Hashable, Sendable {
  public var transactionalID: String
  public var state: TransactionState
  public var producerID: Int64
  public var producerEpoch: Int16
  public var timeout: Interval
  /// Milliseconds on the clock of the coordinator at the time; -1 before the first transaction.
  public var started: Int64
  /// Where markers are or will be due, sorted.
  public var partitions: [TopicPartition]

  public init(
    transactionalID: String, state: TransactionState, producerID: Int64, producerEpoch: Int16, timeout: Interval,
    started: Int64, partitions: [TopicPartition]
  ) {
    self.transactionalID = transactionalID
    self.state = state
    self.producerID = producerID
    self.producerEpoch = producerEpoch
    self.timeout = timeout
    self.started = started
    self.partitions = partitions
  }
}

public struct TransactionListing: Hashable, Sendable {
  public var transactionalID: String
  public var producerID: Int64
  public var state: TransactionState

  public init(transactionalID: String, producerID: Int64, state: TransactionState) {
    self.transactionalID = transactionalID
    self.producerID = producerID
    self.state = state
  }
}
