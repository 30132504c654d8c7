import Broker
import BrokerServer
import Clockwork
import RecordLog

/// The facts of a live cluster, as its brokers told them one after the other. What producers and consumers were told, the
/// brokers have noted as they told it.
struct LiveFacts: ReadableFacts {
  let views: [LiveNodeView]
  let image: MetadataImage?
  private let live: LiveWorld

  init(_ live: LiveWorld) {
    self.live = live
    views = live.views
    var newest: MetadataImage?
    for view in views {
      if let image = view.image, image.appliedThrough > newest?.appliedThrough ?? -1 { newest = image }
    }
    image = newest
  }

  var brokers: [BrokerFact] { views.map { BrokerFact(id: $0.id, condition: Self.condition($0.status)) } }

  var partitions: [PartitionFact]? {
    image?.topics.sorted { $0.name < $1.name }.flatMap { topic in
      topic.partitions.enumerated().map { index, state in
        PartitionFact(
          name: PartitionName(topic.name, Int32(index)), leader: state.leader, epoch: state.leaderEpoch.rawValue,
          replicas: state.replicas, inSync: state.inSync)
      }
    }
  }

  var controller: NodeID? {
    views.compactMap { view in view.voter.flatMap { $0.isLeader ? ($0.epoch, view.id) : nil } }
      .max { $0.0 < $1.0 }?.1
  }

  func replicas(of partition: PartitionName) -> [ReplicaFact] {
    guard let id = id(of: partition), let state = image?.partition(id) else { return [] }
    return state.replicas.sorted().compactMap { node in
      guard let view = views.first(where: { $0.id == node }) else { return nil }
      let replica = view.replicas.first { $0.id == id }
      return ReplicaFact(
        node: node, condition: Self.condition(view.status), leadsIn: replica?.leadsIn?.rawValue,
        start: replica?.start ?? 0, end: replica?.end ?? 0, highWatermark: replica?.highWatermark)
    }
  }

  func record(_ offset: Int64, of partition: PartitionName, on node: NodeID) -> RecordFact? {
    let found = records(from: offset, count: 1, of: partition, on: node).first
    return found?.offset == offset ? found?.fact : nil
  }

  func records(from offset: Int64, count: Int, of partition: PartitionName, on node: NodeID) -> [(
    offset: Int64, fact: RecordFact
  )] {
    guard let id = id(of: partition) else { return [] }
    return live.records(id, on: node, from: offset, count: count).map {
      ($0.offset, RecordFact(epoch: $0.epoch, key: $0.key, value: $0.value ?? ""))
    }
  }

  /// Never judged by: which transactions were committed, a live cluster is not asked yet (see `needsHistory`).
  func counting(_ partition: PartitionName, on node: NodeID) -> [RecordFact] { [] }
  var transactions: [TransactionFact]? { nil }

  func markers(_ partition: PartitionName, on node: NodeID) -> Int64 {
    id(of: partition).map { live.markers($0, on: node) } ?? 0
  }

  var acknowledged: [AcknowledgedFact] { [] }
  func holds(_ acked: AcknowledgedFact, on node: NodeID) -> Bool { false }
  var reigns: [ReignFact] { [] }
  var clientHistory: ClientHistory? { live.history }
  var consumed: [ConsumedFact] { [] }

  /// Members are numbered in the order of their names: real clients call themselves what they like.
  func group(_ name: String) -> GroupFact? {
    guard image != nil else { return nil }
    guard let group = live.group(name) else {
      return image?.topic(named: "__consumer_offsets") == nil
        ? GroupFact(state: "Dead", coordinator: .console, members: [], committed: [:]) : nil
    }
    let members = group.described.members.sorted { $0.member < $1.member }.enumerated().map { place, member in
      let share = ((try? ConsumerProtocol.assignment(from: member.assignment)) ?? []).map { PartitionName($0) }
      return GroupFact.Member(client: .client(Int32(place + 1)), condition: .up, assigned: share, reads: share)
    }
    var committed: [PartitionName: Int64] = [:]
    for offset in group.committed { committed[PartitionName(offset.partition)] = offset.offset }
    return GroupFact(
      state: group.described.state, coordinator: group.coordinator, members: members, committed: committed)
  }

  private func id(of partition: PartitionName) -> PartitionID? {
    image?.topic(named: partition.topic).map { PartitionID($0.id, partition.index) }
  }

  private static func condition(_ status: LiveNode.Status) -> BrokerFact.Condition {
    switch status {
    case .up: .up
    case .paused: .paused
    case .down: .down
    }
  }

  /// Judges a claim, unless it is about what only the simulated world records.
  func judge(_ claim: Claim, saying text: String) -> Verdict {
    guard !claim.needsHistory else {
      return Verdict(
        .unknown, claim: text,
        evidence: ["who led before, and how transactions ended, is not recorded of a live cluster"],
        next: "log show")
    }
    return Judge(self).judge(claim, saying: text)
  }
}

extension Claim {
  /// Rests on what a client was told on the whole, on who led when or on how transactions ended, which nobody watches in
  /// a live cluster.
  fileprivate var needsHistory: Bool {
    switch self {
    case .not(let inner): inner.needsHistory
    case .acknowledgedKept, .singleLeader, .consumedCount, .consumed, .consumedBefore, .producedBefore, .owns,
      .ownsCount, .holds, .noDuplicates, .transaction, .isolated, .checkoutWhole, .cartsAgree,
      .cartHolds:
      true
    default: false
    }
  }
}
