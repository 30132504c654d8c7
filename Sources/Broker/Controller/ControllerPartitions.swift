internal import Clockwork
internal import RecordLog

// Decisions about one partition: its in-sync set and its leader.

extension Controller {
  /// KIP-497 with the fences of KIP-903.
  func alter(
    _ id: PartitionID, by leader: NodeID, _ epoch: BrokerEpoch, _ leaderEpoch: LeaderEpoch,
    _ partitionEpoch: PartitionEpoch, _ proposed: [InSyncMember]
  ) throws(Refusal) -> Decision {
    _ = try registration(of: leader, epoch)
    let (topic, state) = try partition(id)
    guard leaderEpoch == state.leaderEpoch else {
      let code = leaderEpoch < state.leaderEpoch ? BrokerError.fencedLeaderEpoch : .unknownLeaderEpoch
      throw Refusal(code, "The partition is in leader epoch \(state.leaderEpoch), not \(leaderEpoch).")
    }
    guard state.leader == leader else {
      throw Refusal(.notLeaderOrFollower, "\(leader) does not lead the partition.")
    }
    guard partitionEpoch == state.partitionEpoch || !setup.rules.partitionEpochFencing else {
      throw Refusal(
        .invalidUpdateVersion,
        "The partition is in partition epoch \(state.partitionEpoch.rawValue), not \(partitionEpoch.rawValue).")
    }
    try check(proposed, state, leader: leader)
    let election = election(topic)
    let settled = election.settle(state, inSync: proposed.map(\.broker))
    // Two records: the leader counts everyone who is in sync until it hears that some have gone.
    let moved = election.completeMove(settled ?? state)
    return Decision(
      [settled, moved].compactMap { $0.map { .partition(id, $0) } }, .partitionAltered(id, settled ?? state))
  }

  private func check(_ proposed: [InSyncMember], _ state: PartitionState, leader: NodeID) throws(Refusal) {
    let brokers = proposed.map(\.broker)
    for (index, broker) in brokers.enumerated() {
      guard state.replicas.contains(broker), !brokers[..<index].contains(broker) else {
        throw Refusal(.invalidRequest, "\(names(brokers)) is not a set of replicas: \(names(state.replicas)).")
      }
    }
    guard brokers.contains(leader) else {
      throw Refusal(.invalidRequest, "A leader cannot leave its own in-sync set.")
    }
    for member in proposed { try checkEligible(member, joining: !state.inSync.contains(member.broker)) }
  }

  /// A member that registered anew since its leader saw it fetch may have lost its disk: bug K8, mended by KIP-903.
  private func checkEligible(_ member: InSyncMember, joining: Bool) throws(Refusal) {
    guard let known = image.broker(member.broker), !known.fenced else {
      throw Refusal(.ineligibleReplica, "\(member.broker) is fenced or was never registered.")
    }
    guard setup.rules.brokerEpochFencing else { return }
    // A new leader may not have heard yet from who is in sync already; who joins, it has.
    guard member.epoch == known.epoch || member.epoch == nil && !joining else {
      throw Refusal(
        .ineligibleReplica, "\(member.broker) has registered anew since: its broker epoch is \(known.epoch.rawValue).")
    }
  }

  func electPreferred(_ id: PartitionID) throws(Refusal) -> Decision {
    let (topic, state) = try partition(id)
    guard let preferred = state.replicas.first, state.leader != preferred else {
      throw Refusal(.electionNotNeeded, "The preferred replica leads already.")
    }
    var election = election(topic)
    election.preferred = preferred
    election.uncleanly = false
    guard let settled = election.settle(state), settled.leader == preferred else {
      throw Refusal(.eligibleLeadersNotAvailable, "The preferred replica \(preferred) is not in sync or not alive.")
    }
    return Decision([.partition(id, settled)], .done)
  }

  func electUncleanly(_ id: PartitionID) throws(Refusal) -> Decision {
    let (topic, state) = try partition(id)
    guard state.leader == nil else {
      throw Refusal(.electionNotNeeded, "\(names([state.leader].compactMap { $0 })) leads the partition.")
    }
    var election = election(topic)
    election.uncleanly = true
    guard let settled = election.settle(state), settled.leader != nil else {
      throw Refusal(.eligibleLeadersNotAvailable, "None of the replicas \(names(state.replicas)) is alive.")
    }
    return Decision([.partition(id, settled)], .done)
  }

  /// Every partition for itself: the answer tells which have a new leader and why others have not.
  func electLeaders(_ ids: [PartitionID]?, unclean: Bool) -> Decision {
    let all = image.topics.flatMap { topic in topic.partitions.indices.map { PartitionID(topic.id, Int32($0)) } }
    var records: [MetadataRecord] = []
    var elected: [LeaderElected] = []
    var seen: Set<PartitionID> = []
    for id in ids ?? all where seen.insert(id).inserted {
      do {
        records += try (unclean ? electUncleanly(id) : electPreferred(id)).records
        elected.append(LeaderElected(partition: id))
      } catch {
        // Who asks for all of them means those that need one.
        if ids == nil, error.code == .electionNotNeeded { continue }
        let code = !unclean && error.code == .eligibleLeadersNotAvailable ? .preferredLeaderNotAvailable : error.code
        elected.append(LeaderElected(partition: id, error: code, reason: error.reason))
      }
    }
    return Decision(records, .leadersElected(elected))
  }

  func partition(_ id: PartitionID) throws(Refusal) -> (TopicImage, PartitionState) {
    guard let topic = image.topic(id.topic), let state = image.partition(id) else {
      throw Refusal(.unknownTopicOrPartition, "No partition \(id.index) of topic number \(id.topic.rawValue).")
    }
    return (topic, state)
  }
}
