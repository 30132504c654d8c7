import Clockwork
import RecordLog

/// How a leader proposes changes of its partition's in-sync set to the controller (KIP-497 AlterPartition).
extension Broker {
  /// A follower that has reached the high watermark, in this epoch, may join.
  mutating func expandInSyncSet(_ index: Int, with progress: FollowerProgress, _ fx: inout BrokerEffects) {
    guard let leadership = replicas[index].leadership, leadership.proposal == nil,
      let end = progress.logEnd, end >= replicas[index].highWatermark,
      end >= leadership.epochStart || !setup.rules.joinFromEpochStart,
      let known = image.broker(progress.broker), !known.fenced,
      known.epoch == progress.brokerEpoch || !setup.rules.brokerEpochFencing
    else { return }
    let state = replicas[index].state
    propose(index, state.replicas.filter { state.inSync.contains($0) || $0 == progress.broker }, &fx)
  }

  /// A follower that has not been caught up for replica.lag.time.max.ms is let go, so that acks=all does not wait for it.
  mutating func shrinkInSyncSets(_ fx: inout BrokerEffects) {
    for index in replicas.indices {
      guard let leadership = replicas[index].leadership else { continue }
      if let proposal = leadership.proposal {
        if proposal.deadline <= fx.now { propose(index, proposal.members, &fx) }
        continue
      }
      let end = disk.partitions[replicas[index].slot].log.endOffset
      let lagging = leadership.followers.filter {
        $0.logEnd != end && fx.now - $0.caughtUpAt > setup.replicaLagMax
      }
      let members = replicas[index].state.inSync.filter { member in !lagging.contains { $0.broker == member } }
      if members.count < replicas[index].state.inSync.count { propose(index, members, &fx) }
    }
  }

  private mutating func propose(_ index: Int, _ members: [NodeID], _ fx: inout BrokerEffects) {
    let replica = replicas[index]
    guard let leadership = replica.leadership, let controller = quorum.leader, let brokerEpoch = registration.epoch
    else { return }
    let correlation = newCorrelation()
    let open = leadership.proposal?.counted ?? []
    replicas[index].leadership?.proposal = InSyncProposal(
      members: members, counted: open + members.filter { !open.contains($0) }, correlation: correlation,
      deadline: fx.now + setup.alterPartitionTimeout)
    let inSync = members.map { member in
      InSyncMember(
        member,
        member == id ? brokerEpoch : leadership.followers.first { $0.broker == member }?.brokerEpoch)
    }
    fx.note("proposes in-sync \(members.map(\.description).joined(separator: ",")) for \(image.name(of: replica.id))")
    fx.send(
      .toController(
        .alterPartition(
          brokerEpoch, replica.id, leaderEpoch: replica.leaderEpoch, partitionEpoch: replica.state.partitionEpoch,
          inSync: inSync), correlation), to: controller)
  }

  /// The controller has decided for the proposal.
  mutating func settle(
    _ partition: PartitionID, _ correlation: CorrelationID, with state: PartitionState, _ fx: inout BrokerEffects
  ) {
    guard let index = replicaIndex(of: partition), replicas[index].leadership?.proposal?.correlation == correlation
    else { return }
    replicas[index].leadership?.proposal = nil
    if state.leaderEpoch == replicas[index].leaderEpoch, state.partitionEpoch > replicas[index].state.partitionEpoch {
      replicas[index].state = state
    }
    advanceHighWatermark(index, &fx)
  }

  /// The controller has refused. A copy of the request may still be on its way and be decided after all, so the members
  /// go on counting; proposing the set as it stands, at the next check, raises the partition epoch and so buries every
  /// copy.
  mutating func withdraw(_ correlation: CorrelationID, _ fx: inout BrokerEffects) {
    for index in replicas.indices where replicas[index].leadership?.proposal?.correlation == correlation {
      let inSync = replicas[index].state.inSync
      replicas[index].leadership?.proposal?.members = inSync
      replicas[index].leadership?.proposal?.deadline = fx.now
    }
  }
}
