import Broker
import Clockwork
import Delivery
import EventSourcing
import RecordLog
import Simulation

/// The facts of a bench's world, for claims and tables. Looks everything up; copies nothing but what is asked for.
struct WorldFacts: ReadableFacts {
  let bench: Bench
  private let image: MetadataImage?

  init(_ bench: Bench) {
    self.bench = bench
    image = bench.image
  }

  var apparatus: Apparatus { bench.apparatus }

  var brokers: [BrokerFact] {
    bench.brokers.map { BrokerFact(id: $0, condition: condition($0)) }
  }

  var partitions: [PartitionFact]? {
    image?.topics.sorted { $0.name < $1.name }.flatMap { topic in
      topic.partitions.enumerated().map { index, state in
        PartitionFact(
          name: PartitionName(topic.name, Int32(index)), leader: state.leader, epoch: state.leaderEpoch.rawValue,
          replicas: state.replicas, inSync: state.inSync)
      }
    }
  }

  var controller: NodeID? { bench.controller }

  func replicas(of partition: PartitionName) -> [ReplicaFact] {
    guard let id = id(of: partition), let state = image?.partition(id) else { return [] }
    return state.replicas.sorted().compactMap { node in
      let log = self.log(of: id, on: node)
      let live = bench.world.withBroker(node) { $0.replica(of: id) } ?? nil
      return ReplicaFact(
        node: node, condition: condition(node),
        leadsIn: live.flatMap { $0.isLeading ? $0.leaderEpoch.rawValue : nil },
        start: log?.startOffset.rawValue ?? 0, end: log?.endOffset.rawValue ?? 0,
        highWatermark: live?.highWatermark.rawValue, lastStable: live.flatMap { lastStable($0, on: node) })
    }
  }

  func record(_ offset: Int64, of partition: PartitionName, on node: NodeID) -> RecordFact? {
    guard let id = id(of: partition), let log = log(of: id, on: node) else { return nil }
    return records(in: log, from: offset, count: 1).first?.fact
  }

  /// Records on a node in order of offset, at most `count`.
  func records(from offset: Int64, count: Int, of partition: PartitionName, on node: NodeID) -> [(
    offset: Int64, fact: RecordFact
  )] {
    guard let id = id(of: partition), let log = log(of: id, on: node) else { return [] }
    return records(in: log, from: max(offset, log.startOffset.rawValue), count: count)
  }

  var acknowledged: [AcknowledgedFact] {
    bench.clients.flatMap { id in
      bench.world.withClient(id) { client in
        (0..<client.acknowledged.count).map {
          AcknowledgedFact(id, client.acknowledged[$0], name(of: client.acknowledged[$0].partition))
        }
      } ?? []
    }
  }

  func holds(_ acked: AcknowledgedFact, on node: NodeID) -> Bool {
    guard let ack = acked.original else { return false }
    return log(of: ack.partition, on: node)?.holds(ack) ?? false
  }

  var reigns: [ReignFact] {
    bench.chronicle?.reigns.map { ReignFact(partition: name(of: $0.partition), epoch: $0.epoch, leader: $0.leader) }
      ?? []
  }

  var consumed: [ConsumedFact] { consumedOnDemand + consumedInGroups }

  /// What members of groups were given, as far as their clients remember.
  private var consumedInGroups: [ConsumedFact] {
    bench.clients.flatMap { id in
      let subscriptions = bench.world.withClient(id) { $0.subscriptions } ?? []
      return subscriptions.flatMap { subscription in
        subscription.received.map {
          ConsumedFact(client: id, group: subscription.member.setup.group, PartitionName($0.partition), $0.record)
        }
      }
    }
  }

  private var consumedOnDemand: [ConsumedFact] {
    bench.consumptions.flatMap { consumption -> [ConsumedFact] in
      guard case .consumed(let records, _, _, _, _) = bench.outcome(of: Ticket(consumption.ticket), consumption.client)
      else {
        return []
      }
      return records.map { ConsumedFact(client: consumption.client, consumption.partition, $0) }
    }
  }

  var clientHistory: ClientHistory? { ClientHistory(bench) }

  var transactions: [TransactionFact]? {
    guard let image else { return nil }
    guard let topic = image.topic(named: "__transaction_state") else { return [] }
    var facts: [TransactionFact] = []
    for (shard, partition) in topic.partitions.enumerated() {
      guard let leader = partition.leader, bench.status(leader) != .down,
        let told = bench.world.withBroker(leader, { transactions(of: Int32(shard), $0, leader) }) ?? nil
      else { return nil }
      facts += told
    }
    return facts.sorted { $0.id < $1.id }
  }

  private func transactions(of shard: Int32, _ broker: borrowing Broker<MemoryLog>, _ id: NodeID) -> [TransactionFact]?
  {
    guard let listings = broker.transactions.listings else { return nil }
    var facts: [TransactionFact] = []
    for listing in listings where broker.transactions.shard(for: listing.transactionalID) == shard {
      guard case .described(let described) = broker.transactions.describe(listing.transactionalID) else { continue }
      facts.append(TransactionFact(described, by: id))
    }
    return facts
  }

  /// As the leader of the group's partition of offsets tells: that is its coordinator.
  func group(_ name: String) -> GroupFact? {
    guard let image else { return nil }
    guard let topic = image.topic(named: "__consumer_offsets") else {
      return GroupFact(state: "Dead", coordinator: .console, members: [], committed: [:])
    }
    for id in bench.brokers where bench.status(id) != .down {
      let told = bench.world.withBroker(id) { broker -> GroupFact? in
        let shard = Int(broker.groups.shard(for: name))
        guard topic.partitions.indices.contains(shard), topic.partitions[shard].leader == id,
          case .described(let described) = broker.groups.describe(name)
        else { return nil }
        var committed: [PartitionName: Int64] = [:]
        for offset in broker.groups.committed(by: name) ?? [] {
          committed[PartitionName(offset.partition)] = offset.offset
        }
        let facts = described.members.compactMap { member(in: name, $0) }.sorted { $0.client < $1.client }
        return GroupFact(state: described.state, coordinator: id, members: facts, committed: committed)
      }
      if let told = told ?? nil { return told }
    }
    return nil
  }

  /// From the first offset to the high watermark, as the leader knows it; nil without a live leader.
  func readable(_ partition: PartitionName) -> Range<Int64>? {
    let leader = partitions?.first { $0.name == partition }?.leader
    guard let replica = replicas(of: partition).first(where: { $0.node == leader }), let end = replica.highWatermark,
      replica.start <= end
    else { return nil }
    return replica.start..<end
  }

  private func member(in group: String, _ member: DescribedMember) -> GroupFact.Member? {
    guard let client = NodeID(parsing: member.client) else { return nil }
    let assigned = (try? ConsumerProtocol.assignment(from: member.assignment)) ?? []
    let reads = bench.subscription(client, group)?.member.partitions ?? []
    return GroupFact.Member(
      client: client, condition: condition(client), assigned: assigned.map { PartitionName($0) },
      reads: reads.map { PartitionName($0) })
  }

  // MARK: Looking up

  func condition(_ node: NodeID) -> BrokerFact.Condition {
    switch bench.status(node) {
    case .up: .up
    case .paused: .paused
    case .down: .down
    }
  }

  private func id(of partition: PartitionName) -> PartitionID? {
    image?.topic(named: partition.topic).map { PartitionID($0.id, partition.index) }
  }

  private func name(of partition: PartitionID) -> PartitionName {
    PartitionName(image?.topic(partition.topic)?.name ?? "(deleted)", partition.index)
  }

  /// Of a node that is down, what is on its disk.
  private func log(of id: PartitionID, on node: NodeID) -> MemoryLog? {
    bench.world.withDisk(node) { disk in disk.partitions.first { $0.id == id }?.log } ?? nil
  }

  private func lastStable(_ replica: Replica, on node: NodeID) -> Int64? {
    bench.world.withBroker(node) {
      $0.producers(of: replica).lastStableOffset(highWatermark: replica.highWatermark).rawValue
    }
  }

  func counting(_ partition: PartitionName, on node: NodeID) -> [RecordFact] {
    var counting: [RecordFact] = []
    // Backwards, so that the marker is met before what it decides about.
    var committed: [Int64: Bool] = [:]
    for batch in batches(partition, on: node).reversed() {
      if let marker = batch.markerRecord?.marker {
        committed[batch.producerID] = marker == .commit
      } else if !batch.attributes.isControl, !batch.attributes.isTransactional || committed[batch.producerID] == true {
        counting += ((try? batch.records()) ?? []).reversed().map { RecordFact($0, in: batch) }
      }
    }
    return counting.reversed()
  }

  func markers(_ partition: PartitionName, on node: NodeID) -> Int64 {
    Int64(batches(partition, on: node).count { $0.attributes.isControl })
  }

  private func batches(_ partition: PartitionName, on node: NodeID) -> [RecordBatch] {
    guard let id = id(of: partition), let log = log(of: id, on: node) else { return [] }
    return (try? log.read(from: log.startOffset, upTo: log.endOffset, maxBytes: .max)) ?? []
  }

  private func records(in log: MemoryLog, from offset: Int64, count: Int) -> [(offset: Int64, fact: RecordFact)] {
    let limit = min(Offset(offset + Int64(count)), log.endOffset)
    guard Offset(offset) < limit, let batches = try? log.read(from: Offset(offset), upTo: limit, maxBytes: .max) else {
      return []
    }
    return batches.flatMap { batch in
      ((try? batch.records()) ?? []).filter { $0.offset >= Offset(offset) && $0.offset < limit }.map { record in
        (record.offset.rawValue, RecordFact(record, in: batch))
      }
    }
  }
}

extension PartitionName {
  init(_ partition: TopicPartition) { self.init(partition.topic, partition.index) }
}

extension RecordFact {
  /// A marker reads `(commit)` or `(abort)`: what stands in it is for machines.
  init(_ record: Record, in batch: RecordBatch) {
    let producer = batch.attributes.isTransactional ? batch.producerID : nil
    let epoch = batch.leaderEpoch.rawValue
    if let marker = batch.markerRecord?.marker {
      self.init(epoch: epoch, key: nil, value: marker == .commit ? "(commit)" : "(abort)", producer: producer)
    } else {
      self.init(epoch: epoch, key: record.keyText, value: record.valueText ?? "", producer: producer)
    }
  }

  /// As in a table: who wrote it in a transaction is told.
  var label: String { producer.map { "\(text) p\($0)" } ?? text }
}

extension TransactionFact {
  init(_ described: TransactionDescription, by coordinator: NodeID) {
    let condition: Condition =
      switch described.state {
      case .empty: .empty
      case .ongoing: .open
      case .prepareCommit, .completeCommit: .committed
      case .prepareAbort, .completeAbort: .aborted
      }
    self.init(
      id: described.transactionalID, condition: condition, state: described.state.name, producer: described.producerID,
      epoch: described.producerEpoch, partitions: described.partitions.map { PartitionName($0) },
      coordinator: coordinator)
  }
}

extension ConsumedFact {
  init(client: NodeID, group: String? = nil, _ partition: PartitionName, _ record: ConsumedRecord) {
    self.init(
      client: client, group: group, partition: partition, offset: record.offset.rawValue,
      key: record.key.map { String(decoding: $0, as: UTF8.self) },
      value: record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")
  }
}

extension AcknowledgedFact {
  init(_ client: NodeID, _ ack: Acknowledgement, _ partition: PartitionName) {
    self.init(
      client: client, partition: partition, offset: ack.base.rawValue, count: ack.count,
      acks: ack.acks == .all ? "all" : "1",
      original: ack)
  }
}
