public import Clockwork
public import RecordLog

/// Coordinates consumer groups: the classic protocol and the new one (KIP-848), after Kafka's GroupCoordinator.
///
/// The groups are divided into shards; whoever leads partition *n* of `__consumer_offsets` coordinates shard *n*. The
/// coordinator decides and the broker writes: after each call, the broker takes `takeAppends()`, appends them to that
/// partition with acks=all, and reports the end of each by `appended` or `failed`. What must survive is answered only
/// then.
///
/// On leading a partition: `begin`, `load` its records, `activate`. On losing it: `resign`.
public struct GroupCoordinator: Sendable {
  public private(set) var setup: GroupSetup
  /// What there is to read, as far as the broker knows.
  public var topics = GroupTopics()
  /// The shards that this broker leads, sorted by index.
  private var shards: [GroupShard] = []
  private var alarm = Alarm()

  public init(_ setup: GroupSetup = GroupSetup()) { self.setup = setup }

  /// Which partition of `__consumer_offsets` the group belongs to: its leader is the group's coordinator.
  public func shard(for group: String) -> Int32 { setup.shard(for: group) }

  // MARK: Leading and losing a shard

  /// This broker leads the shard since `epoch`; until `activate`, its groups are answered `coordinatorLoadInProgress`.
  public mutating func begin(_ shard: Int32, epoch: LeaderEpoch, _ fx: inout BrokerEffects) {
    resign(shard, &fx)
    let place = shards.firstPlace { $0.index >= shard }
    shards.insert(GroupShard(setup, index: shard, epoch: epoch), at: place)
  }

  /// Folds more of the partition's log in, oldest first.
  public mutating func load(_ shard: Int32, _ records: some Sequence<Record>) {
    guard let place = place(of: shard), shards[place].phase == .loading else { return }
    for record in records { shards[place].load(record) }
  }

  /// As above, for a whole batch: offsets of a transaction count from its marker on.
  mutating func load(_ shard: Int32, _ batch: RecordBatch, _ now: Instant) {
    guard let place = place(of: shard), shards[place].phase == .loading else { return }
    if let marker = batch.markerRecord {
      return shards[place].end(batch.producerID, commit: marker.marker == .commit, now)
    }
    guard !batch.attributes.isControl, let records = try? batch.records() else { return }
    for record in records { shards[place].load(record, in: batch.attributes.isTransactional ? batch.producerID : nil) }
  }

  /// A transaction of the producer has ended, and its marker in the shard's partition is committed.
  public mutating func transactionEnded(
    _ producerID: Int64, commit: Bool, in shard: Int32, _ fx: inout BrokerEffects
  ) {
    guard let place = place(of: shard) else { return }
    shards[place].end(producerID, commit: commit, fx.now)
    arm(&fx)
  }

  /// The log is read up to where it ended when the reign began, and all of that is committed: an offset that was told
  /// and then lost with an uncommitted tail would make a group go back.
  public mutating func activate(_ shard: Int32, _ fx: inout BrokerEffects) {
    guard let place = place(of: shard), shards[place].phase == .loading else { return }
    shards[place].activate(fx.now)
    fx.note("coordinates \(shards[place].groups.count) groups of shard \(shard)")
    arm(&fx)
  }

  /// Another broker leads the shard, or none.
  public mutating func resign(_ shard: Int32, _ fx: inout BrokerEffects) {
    guard let place = place(of: shard) else { return }
    shards[place].resign(&fx)
    shards.remove(at: place)
  }

  // MARK: Events

  /// Hears a request. Every one is answered, at once or when what it waits for has happened; only one that was doubled
  /// or overtaken on the way is not.
  public mutating func on(
    _ request: GroupRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects
  ) {
    let asker = Asker(node: from, correlation: id)
    if case .list(let states, let kinds) = request { return asker.answer(list(states, kinds), &fx) }
    guard let place = place(of: shard(for: request.group)) else { return asker.refuse(.notCoordinator, &fx) }
    if shards[place].phase == .loading {
      // Nothing is known against the member yet.
      if case .heartbeat = request { return asker.answer(.alive, &fx) }
      return asker.refuse(.coordinatorLoadInProgress, &fx)
    }
    shards[place].on(request, topics, asker, &fx)
    // A heartbeat only moves deadlines away.
    if case .heartbeat = request { return }
    arm(&fx)
  }

  public mutating func onTimer(_ timer: GroupTimer, _ fx: inout BrokerEffects) {
    guard alarm.rang(fx.now) else { return }
    for place in shards.indices where shards[place].phase == .active { shards[place].expire(&fx) }
    arm(&fx)
  }

  /// What to append to `__consumer_offsets`, in this order within a shard. Each is given out once.
  public mutating func takeAppends() -> [GroupAppend] {
    var appends: [GroupAppend] = []
    for place in shards.indices { appends += shards[place].ledger.takeAppends() }
    return appends
  }

  /// The append is committed: the high watermark has passed it.
  public mutating func appended(_ id: GroupAppendID, _ fx: inout BrokerEffects) { settle(id, nil, inDoubt: false, &fx) }

  /// The append was refused, or was not committed in time. It may be committed later all the same.
  public mutating func failed(_ id: GroupAppendID, _ error: BrokerError, _ fx: inout BrokerEffects) {
    settle(id, error.asGroupError, inDoubt: error.mayHaveAppended, &fx)
  }

  private mutating func settle(
    _ id: GroupAppendID, _ error: BrokerError?, inDoubt: Bool, _ fx: inout BrokerEffects
  ) {
    guard let place = place(of: id.shard), shards[place].ledger.epoch == id.epoch else { return }
    shards[place].settle(id, error, inDoubt: inDoubt, &fx)
    arm(&fx)
  }

  private func place(of shard: Int32) -> Int? { shards.firstIndex { $0.index == shard } }

  private mutating func arm(_ fx: inout BrokerEffects) {
    let next = shards.reduce(Instant.never) { $1.phase == .active ? min($0, $1.nextDeadline) : $0 }
    if next != .never { alarm.ring(.groups(.due), by: next, &fx) }
  }

  // MARK: Seeing

  /// The groups that this broker coordinates, by shard and name.
  public var groupNames: [String] { shards.flatMap { $0.groups.map(\.id) } }

  private func list(_ states: [String], _ kinds: [GroupKind]) -> GroupReply {
    guard shards.allSatisfy({ $0.phase == .active }) else { return .refused(.coordinatorLoadInProgress, member: "") }
    return .listed(
      shards.flatMap(\.listings).filter { group in
        (states.isEmpty || states.contains { $0.lowercased() == group.state.lowercased() })
          && (kinds.isEmpty || kinds.contains(group.kind))
      })
  }

  /// As the answer to `GroupRequest.describe`; nil for a group that is coordinated elsewhere or not loaded.
  public func describe(_ group: String) -> GroupReply? {
    guard let place = place(of: shard(for: group)), shards[place].phase == .active else { return nil }
    return shards[place].describe(group)
  }

  /// How far a group has committed, by partition; nil for a group that is coordinated elsewhere or not loaded.
  public func committed(by group: String) -> [GroupOffset]? {
    guard let place = place(of: shard(for: group)), shards[place].phase == .active else { return nil }
    return shards[place].groups.first { $0.id == group }?.fetch([]) ?? []
  }

  public func fingerprint(into hasher: inout StateHasher) {
    for shard in shards {
      hasher.combine(shard.phase == .active)
      shard.ledger.fingerprint(into: &hasher)
      for group in shard.groups { group.fingerprint(into: &hasher) }
    }
  }
}

/// Some deadline of some group has come.
public enum GroupTimer: Hashable, Sendable {
  case due
}

extension BrokerError {
  /// What a consumer is told when the log of offsets refused (Kafka's mapping).
  fileprivate var asGroupError: BrokerError {
    switch self {
    case .notLeaderOrFollower, .kafkaStorageError, .fencedLeaderEpoch: .notCoordinator
    // A transaction that is not, or no longer, the producer's.
    case .invalidProducerEpoch, .producerFenced, .invalidTxnState, .invalidProducerIDMapping, .transactionAbortable:
      self
    default: .coordinatorNotAvailable
    }
  }
}
