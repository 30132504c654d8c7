public import Clockwork
public import RecordLog

/// Names one append to a shard of `__transaction_state`. Never used twice: a reign's epoch is part of it.
public struct TransactionAppendID: Hashable, Sendable {
  public var shard: Int32
  public var epoch: LeaderEpoch
  public var number: UInt64
  public var transactionalID: String
}

/// Records that the coordinator wants in its log with acks=all; it hears of the end by
/// `TransactionCoordinator.appended` or `failed`.
public struct TransactionAppend: Hashable, Sendable {
  public var id: TransactionAppendID
  public var records: [Record]
}

/// Coordinates transactions, after Kafka's TransactionCoordinator (KIP-98): decides, writes the decision down, has
/// markers written in every partition, writes down that they are.
///
/// Transactional ids are divided into shards as groups are, and the broker serves this coordinator as it serves the
/// `GroupCoordinator`: `begin`, `load`, `activate` on leading a partition of `__transaction_state`, `resign` on losing
/// it, `takeAppends` and `sendMarkers` after each event.
public struct TransactionCoordinator: Sendable {
  public private(set) var setup: TransactionSetup
  /// The shards that this broker leads, sorted by index.
  private var shards: [TransactionShard] = []
  private var alarm = Alarm()
  /// Something has changed since the broker last asked what there is to write or to send.
  private(set) var hasWork = false

  public init(_ setup: TransactionSetup = TransactionSetup()) { self.setup = setup }

  public func shard(for transactionalID: String) -> Int32 { setup.shard(for: transactionalID) }

  // MARK: Leading and losing a shard

  /// This broker leads the shard since `epoch`; until `activate`, its ids are answered `coordinatorLoadInProgress`.
  public mutating func begin(_ shard: Int32, epoch: LeaderEpoch, _ fx: inout BrokerEffects) {
    resign(shard, &fx)
    let place = shards.firstPlace { $0.index >= shard }
    shards.insert(TransactionShard(setup, index: shard, epoch: epoch), at: place)
  }

  /// Folds more of the partition's log in, oldest first.
  public mutating func load(_ shard: Int32, _ records: some Sequence<Record>) {
    guard let place = place(of: shard), shards[place].phase == .loading else { return }
    for record in records { shards[place].load(record) }
  }

  /// The log is read and all that was read is committed: markers must not be sent for a decision that may be lost.
  public mutating func activate(_ shard: Int32, _ fx: inout BrokerEffects) {
    guard let place = place(of: shard), shards[place].phase == .loading else { return }
    shards[place].activate(fx.now)
    fx.note("coordinates \(shards[place].transactions.count) transactional ids of shard \(shard)")
    hasWork = true
    arm(&fx)
  }

  /// Another broker leads the shard, or none.
  public mutating func resign(_ shard: Int32, _ fx: inout BrokerEffects) {
    guard let place = place(of: shard) else { return }
    shards[place].resign(&fx)
    shards.remove(at: place)
  }

  // MARK: Events

  /// Hears a request about one transactional id. `partitions`: those that it names, by their topics' names. An id is
  /// taken from `ids` where one is needed.
  mutating func on(
    _ request: TransactionRequest, naming partitions: [TopicPartition], _ asker: Asker, _ ids: inout ProducerIDs,
    _ fx: inout BrokerEffects
  ) {
    guard let id = request.transactionalID else { return asker.refuse(transaction: .invalidRequest, &fx) }
    guard let place = place(of: shard(for: id)) else { return asker.refuse(transaction: .notCoordinator, &fx) }
    guard shards[place].phase == .active else { return asker.refuse(transaction: .coordinatorLoadInProgress, &fx) }
    switch request {
    case .findCoordinator, .list: asker.refuse(transaction: .invalidRequest, &fx)
    case .initProducer(let request): shards[place].initialise(id, request, asker, &ids, &fx)
    case .addPartitions(let claim, _), .addOffsets(let claim, _): shards[place].add(partitions, claim, asker, &fx)
    case .end(let claim, let commit, let bumpsEpoch):
      shards[place].end(claim, commit: commit, bumpsEpoch: bumpsEpoch, asker, &ids, &fx)
    case .verify(let claim, _):
      guard let partition = partitions.first else { return asker.refuse(transaction: .unknownTopicOrPartition, &fx) }
      shards[place].verify(partition, claim, asker, &fx)
    case .describe: asker.answer(transaction: shards[place].describe(id), &fx)
    }
    hasWork = true
  }

  public mutating func onTimer(_ timer: TransactionTimer, _ fx: inout BrokerEffects) {
    guard alarm.rang(fx.now) else { return }
    for place in shards.indices where shards[place].phase == .active { shards[place].expire(&fx) }
    hasWork = true
    arm(&fx)
  }

  /// What to append to `__transaction_state`, in this order within a shard. Each is given out once.
  public mutating func takeAppends() -> [TransactionAppend] {
    var appends: [TransactionAppend] = []
    for place in shards.indices { appends += shards[place].takeAppends() }
    return appends
  }

  /// The append is committed: the high watermark has passed it.
  public mutating func appended(_ id: TransactionAppendID, _ fx: inout BrokerEffects) { settle(id, nil, &fx) }

  /// The append was refused, or was not committed in time. It may be committed later all the same.
  public mutating func failed(_ id: TransactionAppendID, _ error: BrokerError, _ fx: inout BrokerEffects) {
    settle(id, error.asTransactionError, &fx)
  }

  private mutating func settle(_ id: TransactionAppendID, _ error: BrokerError?, _ fx: inout BrokerEffects) {
    guard let place = place(of: id.shard), shards[place].epoch == id.epoch else { return }
    shards[place].settle(id, error, &fx)
    hasWork = true
    alarm.ring(.transactions(.due), by: shards[place].deadline(of: id.transactionalID), &fx)
  }

  /// Sends what markers are due, to the leaders that `image` knows.
  mutating func sendMarkers(_ image: MetadataImage, _ nextCorrelation: inout UInt32, _ fx: inout BrokerEffects) {
    hasWork = false
    for place in shards.indices where shards[place].phase == .active {
      shards[place].sendMarkers(image, &nextCorrelation, &fx)
    }
    arm(&fx)
  }

  /// A leader has answered about markers.
  mutating func confirm(
    _ reply: MarkerReply, _ correlation: CorrelationID, _ image: MetadataImage, _ fx: inout BrokerEffects
  ) {
    for place in shards.indices where shards[place].confirm(reply, correlation, image, fx.now) {
      hasWork = true
      return
    }
  }

  private func place(of shard: Int32) -> Int? { shards.firstIndex { $0.index == shard } }

  private mutating func arm(_ fx: inout BrokerEffects) {
    let next = shards.reduce(Instant.never) { $1.phase == .active ? min($0, $1.nextDeadline) : $0 }
    alarm.ring(.transactions(.due), by: next, &fx)
  }

  // MARK: Seeing

  /// The transactional ids that this broker coordinates; nil while some are still being read back.
  public var listings: [TransactionListing]? {
    shards.allSatisfy { $0.phase == .active } ? shards.flatMap(\.listings) : nil
  }

  /// As the answer to `TransactionRequest.describe`; nil for an id that is coordinated elsewhere or not loaded.
  public func describe(_ transactionalID: String) -> TransactionReply? {
    guard let place = place(of: shard(for: transactionalID)), shards[place].phase == .active else { return nil }
    return shards[place].describe(transactionalID)
  }

  public func fingerprint(into hasher: inout StateHasher) {
    for shard in shards {
      hasher.combine(shard.phase == .active)
      hasher.combine(shard.index)
      hasher.combine(shard.epoch.rawValue)
      for transaction in shard.transactions { transaction.fingerprint(into: &hasher) }
    }
  }
}

/// What is due in transactions: some deadline, or a block of producer ids.
public enum TransactionTimer: Hashable, Sendable {
  case due
  case producerIDs
}

extension TransactionRequest {
  /// The transactional id that the request is about.
  public var transactionalID: String? {
    switch self {
    case .findCoordinator(let id), .describe(let id): id
    case .initProducer(let request): request.transactionalID
    case .addPartitions(let claim, _), .addOffsets(let claim, _), .end(let claim, _, _), .verify(let claim, _):
      claim.transactionalID
    case .list: nil
    }
  }
}

extension BrokerError {
  /// What a producer is told when the transaction log refused (Kafka's mapping).
  fileprivate var asTransactionError: BrokerError {
    switch self {
    case .notLeaderOrFollower, .kafkaStorageError, .fencedLeaderEpoch: .notCoordinator
    default: .coordinatorNotAvailable
    }
  }
}
