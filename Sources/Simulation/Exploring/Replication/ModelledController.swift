import Broker
import Clockwork
import RecordLog

/// The controller of a space: decides by the rules of the real one, at any moment, and never fails.
struct ModelledController: Sendable {
  private let model: ReplicationModel
  private var state: PartitionState

  init(_ model: ReplicationModel, _ fx: inout Effects<ModelledNode>) {
    self.model = model
    state = model.created
    if let first = election(of: model.brokers[0], without: nil) { elect(first, &fx) }
  }

  mutating func on(_ event: Event<ModelledNode>, _ fx: inout Effects<ModelledNode>) {
    switch event {
    case .timer(.elect):
      let futures = futures
      guard !futures.isEmpty else { return }
      elect(futures[fx.choose(futures.count, "who leads, and whether the old leader stays in sync")], &fx)
    case .message(.broker(.toController(let request, let id)), let from): answer(request, id, from, &fx)
    case .message, .timer, .durable: break
    }
  }

  /// Every election that is possible now: each in-sync replica that does not lead, and the old leader kept or not.
  private var futures: [PartitionState] {
    guard Int(state.leaderEpoch.rawValue) < model.epochs else { return [] }
    return state.inSync.filter { $0 != state.leader }.flatMap { replica in
      [election(of: replica, without: nil), election(of: replica, without: state.leader)].compactMap { $0 }
    }
  }

  private func election(of replica: NodeID, without failed: NodeID?) -> PartitionState? {
    LeaderElection(
      rules: model.rules, minInSync: 1, uncleanly: false, live: model.brokers.filter { $0 != failed },
      preferred: replica
    ).settle(state)
  }

  private mutating func elect(_ future: PartitionState, _ fx: inout Effects<ModelledNode>) {
    state = future
    // Even, so that the answer to a proposal within the epoch is news by one. A leader alone changes the set between
    // elections, and hears the answer at once, so nobody needs to tell these changes apart.
    state.partitionEpoch = PartitionEpoch(state.leaderEpoch.rawValue * 2)
    fx.note("elects \(state.leader?.description ?? "nobody") in epoch \(state.leaderEpoch)")
    for broker in model.brokers { fx.send(.elected(state), to: broker) }
    if Int(state.leaderEpoch.rawValue) < model.epochs { fx.set(.elect, at: fx.now) }
  }

  /// AlterPartition, as `Controller.alter` has it but for broker epochs: nobody registers anew here.
  private mutating func answer(
    _ request: ControllerRequest, _ id: CorrelationID, _ from: NodeID, _ fx: inout Effects<ModelledNode>
  ) {
    guard case .alterPartition(_, let partition, let leaderEpoch, let partitionEpoch, let proposed) = request else {
      return
    }
    guard leaderEpoch == state.leaderEpoch, from == state.leader, partitionEpoch == state.partitionEpoch else {
      let reply = ControllerReply.refused(.fencedLeaderEpoch, reason: "", hint: nil)
      return fx.send(.broker(.fromController(reply, id)), to: from)
    }
    var future = state
    let election = LeaderElection(rules: model.rules, minInSync: 1, uncleanly: false, live: model.brokers)
    if let settled = election.settle(state, inSync: proposed.map(\.broker)) { future = settled }
    state = future
    state.partitionEpoch = PartitionEpoch(state.leaderEpoch.rawValue * 2)
    future.partitionEpoch = state.partitionEpoch.next
    fx.send(.broker(.fromController(.partitionAltered(partition, future), id)), to: from)
  }

  func fingerprint(into hasher: inout StateHasher) { hasher.combine(label) }

  /// leader, epoch, in-sync set: everything there is.
  var label: UInt64 {
    var word = UInt64(UInt32(bitPattern: state.leader?.rawValue ?? 0)) | UInt64(state.leaderEpoch.rawValue) << 8
    for broker in state.inSync { word |= 1 << UInt64(15 + broker.rawValue) }
    return word
  }
}

/// The producer of a space: each record once, to whoever believes that it leads.
struct ModelledProducer: Sendable {
  private let model: ReplicationModel
  private var sent = 0
  /// By record, one more than its offset; 0 while nobody said that it is safe.
  private var acknowledged: [Int]

  init(_ model: ReplicationModel, _ fx: inout Effects<ModelledNode>) {
    self.model = model
    acknowledged = Array(repeating: 0, count: model.records)
    fx.set(.produce, at: fx.now)
  }

  mutating func on(_ event: Event<ModelledNode>, _ fx: inout Effects<ModelledNode>) {
    switch event {
    case .timer(.produce):
      guard sent < model.records else { return }
      produce(to: model.brokers[fx.choose(model.brokers.count, "whom to send to")], &fx)
    case .message(.nobodyLeads, _): sent -= 1
    case .message(.broker(.produced(let reply, let id)), _):
      guard reply.error == nil, acknowledged.indices.contains(Int(id.rawValue)) else { return }
      acknowledged[Int(id.rawValue)] = Int(reply.baseOffset.rawValue) + 1
    case .message, .timer, .durable: break
    }
    if sent < model.records { fx.set(.produce, at: fx.now) }
  }

  private mutating func produce(to broker: NodeID, _ fx: inout Effects<ModelledNode>) {
    // The timestamp is the record's name: a claim reads it off the header.
    let batch = RecordBatch(records: [Record(key: nil, value: "m\(sent)", timestamp: Int64(sent))])
    let request = ProduceRequest(
      partition: ReplicationModel.partition, acks: .all, timeout: .seconds(3600), batch: batch)
    fx.send(.broker(.produce(request, CorrelationID(UInt32(sent)))), to: broker)
    sent += 1
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(sent)
    hasher.combine(label)
  }

  /// Three bits a record: one more than its offset.
  var label: UInt64 { acknowledged.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(3 * $1.offset) } }
}
