import Clockwork
import RecordLog

/// How a broker hosts the groups whose coordinator it is: it writes their decisions to its partitions of
/// `__consumer_offsets`, and reads them back when it comes to lead one.
extension Broker {
  static var offsetsTopic: String { "__consumer_offsets" }

  mutating func hear(_ request: GroupRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    if case .consumerHeartbeat = request, groups.topics.version != image.appliedThrough {
      groups.topics = GroupTopics(image)
    }
    guard case .findCoordinator(let group) = request else { return groups.on(request, id, from: from, &fx) }
    guard let topic = image.topic(named: Self.offsetsTopic) else {
      makeOffsetsTopic(&fx)
      return fx.send(.fromGroup(.refused(.coordinatorNotAvailable, member: ""), id), to: from)
    }
    let shard = Int(groups.shard(for: group))
    let leader = shard < topic.partitions.count ? topic.partitions[shard].leader : nil
    fx.send(.fromGroup(leader.map { .coordinator($0) } ?? .refused(.coordinatorNotAvailable, member: ""), id), to: from)
  }

  /// The first consumer group of a cluster brings its topic into being.
  mutating func makeOffsetsTopic(_ fx: inout BrokerEffects) {
    guard let controller = quorum.leader else { return }
    let request = ControllerRequest.createTopic(
      name: Self.offsetsTopic, partitions: groups.setup.shards, replication: -1,
      config: [TopicSetting("cleanup.policy", "compact")])
    fx.send(.toController(request, newCorrelation()), to: controller)
  }

  /// This broker has begun to lead the partition: if it is one of `__consumer_offsets`, its groups are read back.
  mutating func beginHosting(_ index: Int, _ fx: inout BrokerEffects) {
    let replica = replicas[index]
    let shard = replica.id.index
    switch coordinated(by: replica.id) {
    case .groups:
      groups.begin(shard, epoch: replica.leaderEpoch, &fx)
      for batch in allBatches(replica) { groups.load(shard, batch, fx.now) }
    case .transactions:
      transactions.begin(shard, epoch: replica.leaderEpoch, &fx)
      for batch in allBatches(replica) { transactions.load(shard, (try? batch.records()) ?? []) }
    case nil: return
    }
    activateHosting(index, &fx)
  }

  /// A transaction has ended in a partition that this broker leads, and its marker is committed.
  mutating func endTransaction(
    _ producerID: Int64, commit: Bool, in partition: PartitionID, _ fx: inout BrokerEffects
  ) {
    guard coordinated(by: partition) == .groups else { return }
    groups.transactionEnded(producerID, commit: commit, in: partition.index, &fx)
  }

  private func allBatches(_ replica: Replica) -> [RecordBatch] {
    let log = disk.partitions[replica.slot].log
    return (try? log.read(from: log.startOffset, upTo: log.endOffset, maxBytes: .max)) ?? []
  }

  /// Coordinators answer once everything that was read back is committed.
  mutating func activateHosting(_ index: Int, _ fx: inout BrokerEffects) {
    guard let coordinated = coordinated(by: replicas[index].id), let start = replicas[index].leadership?.epochStart,
      replicas[index].highWatermark >= start
    else { return }
    switch coordinated {
    case .groups: groups.activate(replicas[index].id.index, &fx)
    case .transactions: transactions.activate(replicas[index].id.index, &fx)
    }
  }

  mutating func endHosting(_ partition: PartitionID, _ fx: inout BrokerEffects) {
    switch coordinated(by: partition) {
    case .groups: groups.resign(partition.index, &fx)
    case .transactions: transactions.resign(partition.index, &fx)
    case nil: break
    }
  }

  /// Writes down what the coordinator decided in this event, acks=all.
  mutating func writeGroups(_ fx: inout BrokerEffects) {
    var appends = groups.takeAppends()
    while !appends.isEmpty {
      for append in appends {
        guard let topic = image.topicID(named: Self.offsetsTopic) else { continue }
        let request = ProduceRequest(
          partition: PartitionID(topic, append.id.shard), acks: .all, timeout: .seconds(5),
          transactionalID: append.transaction?.transactionalID, batch: append.batch)
        self.append(request, for: .group(append.id), &fx)
      }
      // What is committed at once may be answered at once, and the answer may want more written.
      appends = groups.takeAppends()
    }
  }

  /// What the leader of the partition coordinates; nil for a partition like any other.
  private func coordinated(by partition: PartitionID) -> Coordinated? {
    guard let name = image.topic(partition.topic)?.name else { return nil }
    if name == Self.offsetsTopic { return .groups }
    return name == Self.transactionsTopic ? .transactions : nil
  }
}

private enum Coordinated { case groups, transactions }

extension GroupAppend {
  /// As a part of its transaction, if it has one. Without a sequence number: the coordinator sends nothing twice.
  fileprivate var batch: RecordBatch {
    guard let transaction else { return RecordBatch(records: records) }
    return RecordBatch(
      records: records,
      producer: RecordBatch.Producer(
        id: transaction.producerID, epoch: transaction.producerEpoch, baseSequence: -1),
      attributes: RecordBatch.Attributes(isTransactional: true, isControl: false))
  }
}
