internal import Clockwork
internal import RecordLog

// How a partition moves to other brokers (KIP-455): the new replicas join first, and when all of them are in sync the
// old ones go. Beginning, ending and cancelling raise the leader epoch, so that the leader begins afresh with the
// replicas that there are now.

extension Controller {
  /// Begins a move, replaces the one that is under way, or with a nil target cancels it.
  func reassign(_ id: PartitionID, to target: [NodeID]?) throws(Refusal) -> Decision {
    let (topic, state) = try partition(id)
    let original = state.replicas.filter { !state.adding.contains($0) }
    if target == nil, !state.isMoving {
      throw Refusal(.noReassignmentInProgress, "The partition is not moving. Replicas: \(names(state.replicas)).")
    }
    let wanted = target ?? original
    try checkReplicas(wanted)
    let moved = state.moving(from: original, to: wanted)
    guard moved != state else { return Decision([], .done) }
    guard let settled = election(topic).move(state, to: moved) else {
      throw Refusal(
        .invalidReplicaAssignment,
        "Only \(names(state.inSync)) have every record, and none of them would stay. Try again when others caught up.")
    }
    return Decision([.partition(id, settled)], .done)
  }
}

extension MetadataImage {
  /// The partitions that are moving, in order (KIP-455).
  public var reassignments: [PartitionID] {
    topics.flatMap { topic in
      topic.partitions.indices.filter { topic.partitions[$0].isMoving }.map { PartitionID(topic.id, Int32($0)) }
    }
  }
}

extension PartitionState {
  /// Replicas are on their way in or out.
  public var isMoving: Bool { !adding.isEmpty || !removing.isEmpty }

  /// Replicas of both places; those to come are the first in order of preference already.
  fileprivate func moving(from original: [NodeID], to target: [NodeID]) -> PartitionState {
    var state = self
    state.adding = target.filter { !original.contains($0) }
    state.removing = original.filter { !target.contains($0) }
    state.replicas = target + state.removing
    // Nobody to wait for: this is the end of the move.
    if state.adding.isEmpty { state.endMove() }
    return state
  }

  fileprivate mutating func endMove() {
    replicas.removeAll(where: removing.contains)
    adding = []
    removing = []
  }
}

extension LeaderElection {
  /// The end of the move when everyone who was to come is in sync, else nil. Whoever leaves the in-sync set here was
  /// counted by the leader until now, and who stays holds every committed record.
  func completeMove(_ old: PartitionState) -> PartitionState? {
    guard old.isMoving, old.adding.allSatisfy(old.inSync.contains) else { return nil }
    var new = old
    new.endMove()
    return move(old, to: new)
  }

  /// `old` with the replicas of `new`; nil when nobody would be left who has every committed record.
  func move(_ old: PartitionState, to new: PartitionState) -> PartitionState? {
    var next = new
    next.inSync = new.replicas.filter(old.inSync.contains)
    next.eligible = new.replicas.filter(old.eligible.contains)
    guard !next.inSync.isEmpty || old.inSync.isEmpty else { return nil }
    if let last = old.lastLeader, !new.replicas.contains(last) { next.lastLeader = nil }
    if let leader = old.leader, !next.inSync.contains(leader) {
      next.leader = next.inSync.first(where: live.contains)
    }
    next.leaderEpoch = old.leaderEpoch.next
    next.partitionEpoch = old.partitionEpoch.next
    return next
  }
}
