package import Clockwork
import RecordLog

/// What an exhaustive search needs to put a real broker between a modelled controller and modelled clients: metadata
/// without a quorum, and a broker for which no time passes.
///
/// Everything that the broker then does with a partition (roles, truncation, fetching, serving, the high watermark, the
/// in-sync set it proposes, whom it answers) is the code that also runs live.
extension Broker {
  /// Registers everybody and makes the topic, as the metadata log would; the partition has no leader yet.
  package mutating func surround(
    _ brokers: [NodeID], by controller: NodeID, topic: String, partition: PartitionState, _ config: [TopicSetting]
  ) {
    var changes = MetadataChanges()
    for broker in brokers {
      let offset = image.appliedThrough
      image.apply(
        .brokerRegistered(broker, incarnation: UInt64(broker.rawValue), cleanShutdown: true), at: offset, &changes)
      image.apply(.brokerUnfenced(broker, BrokerEpoch(offset)), at: offset + 1, &changes)
    }
    let id = image.nextTopicID
    image.apply(
      .topicCreated(id, name: topic, partitions: [partition], config: config), at: image.appliedThrough, &changes)
    registration.epoch = image.broker(self.id)?.epoch
    registration.isSeen = true
    registration.isFenced = false
    quorum.role = .follower(of: controller)
  }

  /// What the controller has decided about a partition arrives; stale news changes nothing.
  package mutating func hear(_ state: PartitionState, of partition: PartitionID, _ fx: inout BrokerEffects) {
    guard let known = image.partition(partition), state.partitionEpoch > known.partitionEpoch else { return }
    var changes = MetadataChanges()
    image.apply(.partition(partition, state), at: image.appliedThrough - 1, &changes)
    adopt(partition, &fx)
  }

  /// A follower that was refused asks again.
  package mutating func fetchAgain(_ fx: inout BrokerEffects) {
    if fetchers.contains(where: { $0.inFlight == nil }) { fetchAll(&fx) }
  }

  /// Forgets how late it is and how many requests there were, and takes what is written for durable: two states that
  /// differ in nothing else are one.
  ///
  /// Correlation ids begin anew with each leader epoch, so that an answer from an earlier epoch is still told apart; and
  /// the partition epoch is that of the last election, which the model of the controller raises by one in each answer.
  package mutating func standStill(_ partition: PartitionID) {
    fetcherAlarm = Alarm()
    purgatoryAlarm = Alarm()
    for place in fetchers.indices { fetchers[place].deadline = .start }
    for place in heldFetches.indices { heldFetches[place].deadline = .never }
    for place in heldProduces.indices { heldProduces[place].deadline = .never }
    for index in replicas.indices {
      replicas[index].standStill()
      let slot = replicas[index].slot
      disk.partitions[slot].log.synced(through: disk.partitions[slot].log.position)
    }
    let epoch = replicaIndex(of: partition).map { replicas[$0].leaderEpoch.rawValue } ?? 0
    nextCorrelation = UInt32(truncatingIfNeeded: epoch) << 8
  }

  /// Everything about a partition that decides what this broker does next, as long as no time passes.
  package func replicationPrint(_ partition: PartitionID, into hasher: inout StateHasher) {
    guard let index = replicaIndex(of: partition) else { return hasher.combine(-1) }
    let replica = replicas[index]
    hasher.combine(replica.state)
    hasher.combine(Int(replica.adopted?.rawValue ?? -1))
    hasher.combine(replica.highWatermark.rawValue)
    hasher.combine(replica.isOffline)
    disk.partitions[replica.slot].log.fingerprint(into: &hasher)
    switch replica.followership {
    case nil: hasher.combine(0)
    case .fetching: hasher.combine(1)
    case .truncating(let asked): hasher.combine(2 + Int(asked.rawValue))
    }
    if let leadership = replica.leadership {
      hasher.combine(leadership.epochStart.rawValue)
      for follower in leadership.followers {
        hasher.combine(follower.logEnd?.rawValue ?? -1)
        hasher.combine(follower.brokerEpoch?.rawValue ?? -1)
      }
      hasher.combine(leadership.proposal?.correlation.rawValue.hashableWord ?? 0)
      for member in leadership.proposal?.counted ?? [] { hasher.combine(member.rawValue) }
    }
    for fetcher in fetchers {
      hasher.combine(fetcher.leader.rawValue)
      hasher.combine(fetcher.inFlight?.rawValue.hashableWord ?? 0)
    }
    hasher.combine(heldFetches.count)
    for held in heldProduces {
      hasher.combine(held.base.rawValue)
      hasher.combine(held.needed.rawValue)
      if case .client(let client, let id) = held.writer {
        hasher.combine(client.rawValue)
        hasher.combine(UInt64(id.rawValue))
      }
    }
  }

  /// Somebody who ought to be in sync with this leader is behind, so that the next check lets them go.
  package func hasLaggard(_ partition: PartitionID) -> Bool {
    guard let index = replicaIndex(of: partition), let leadership = replicas[index].leadership else { return false }
    let end = disk.partitions[replicas[index].slot].log.endOffset
    return leadership.followers.contains { $0.logEnd != end && replicas[index].state.inSync.contains($0.broker) }
  }
}

extension UInt32 {
  /// Never 0, which stands for none.
  fileprivate var hashableWord: UInt64 { UInt64(self) + 1 }
}

extension Replica {
  fileprivate mutating func standStill() {
    // The last election's: even. See `ReplicationModel`.
    state.partitionEpoch = PartitionEpoch(state.leaderEpoch.rawValue * 2)
    for place in leadership?.followers.indices ?? 0..<0 {
      leadership?.followers[place].caughtUpAt = .start
      leadership?.followers[place].lastFetchAt = .start
      leadership?.followers[place].leaderEndAtLastFetch = .zero
    }
    leadership?.proposal?.deadline = .start
  }
}

extension StateHasher {
  fileprivate mutating func combine(_ state: PartitionState) {
    combine(state.leaderEpoch.rawValue)
    combine(state.partitionEpoch.rawValue)
    combine(state.leader?.rawValue ?? -1)
    for list in [state.inSync, state.eligible] {
      combine(list.count)
      for broker in list { combine(broker.rawValue) }
    }
  }
}
