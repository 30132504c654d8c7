import Clockwork
import RecordLog

/// How a broker takes up what the controller decided about its partitions.
extension Broker {
  mutating func adopt(_ changes: MetadataChanges, _ fx: inout BrokerEffects) {
    for topic in changes.deletedTopics { drop(topic, &fx) }
    for partition in changes.partitions { adopt(partition, &fx) }
    for topic in changes.configs {
      for index in replicas.indices where replicas[index].id.topic == topic {
        replicas[index].minInSync = image.minInSyncReplicas(of: topic)
        advanceHighWatermark(index, &fx)
      }
    }
  }

  mutating func adopt(_ id: PartitionID, _ fx: inout BrokerEffects) {
    guard let state = image.partition(id) else { return }
    guard state.replicas.contains(self.id) else { return leave(id, &fx) }
    let index = replicaIndex(of: id) ?? create(id, state, &fx)
    guard let before = replicas[index].adopted else {
      replicas[index].state = state
      replicas[index].adopted = state.leaderEpoch
      return takeRole(index, &fx)
    }
    guard state.partitionEpoch > replicas[index].state.partitionEpoch else { return }
    replicas[index].state = state
    replicas[index].adopted = state.leaderEpoch
    if state.leaderEpoch > before {
      takeRole(index, &fx)
    } else if replicas[index].isLeading {
      // The committed state overtakes a proposal made on the state before it.
      replicas[index].leadership?.proposal = nil
      advanceHighWatermark(index, &fx)
    }
  }

  private mutating func takeRole(_ index: Int, _ fx: inout BrokerEffects) {
    let state = replicas[index].state
    releaseHeld(replicas[index].id, &fx)
    endHosting(replicas[index].id, &fx)
    if state.leader == id {
      lead(index, &fx)
    } else if let leader = state.leader {
      follow(index, leader, &fx)
    } else {
      replicas[index].leadership = nil
      replicas[index].followership = nil
    }
    refreshFetchers(&fx)
  }

  /// Begins a reign: the epoch is written into the log's history at the log end, and every follower has to prove afresh
  /// how far it is.
  private mutating func lead(_ index: Int, _ fx: inout BrokerEffects) {
    let replica = replicas[index]
    let end = disk.partitions[replica.slot].log.endOffset
    do { try disk.partitions[replica.slot].log.begin(replica.leaderEpoch) } catch { replicas[index].isOffline = true }
    let others = replica.state.replicas.filter { $0 != id }
    let now = fx.now
    let followers = others.map {
      FollowerProgress(
        broker: $0, brokerEpoch: nil, logEnd: nil, caughtUpAt: now, lastFetchAt: now, leaderEndAtLastFetch: end)
    }
    replicas[index].followership = nil
    replicas[index].leadership = Leadership(epochStart: end, followers: followers, proposal: nil)
    fx.note("leads \(image.name(of: replica.id)) in epoch \(replica.leaderEpoch) from offset \(end)")
    beginHosting(index, &fx)
    advanceHighWatermark(index, &fx)
  }

  private mutating func follow(_ index: Int, _ leader: NodeID, _ fx: inout BrokerEffects) {
    let replica = replicas[index]
    fx.note("follows \(leader) for \(image.name(of: replica.id)) in epoch \(replica.leaderEpoch)")
    replicas[index].leadership = nil
    replicas[index].followership = .fetching
    switch setup.rules.truncation {
    case .fenced: break  // the fetch itself carries the last epoch, and its answer says where to truncate
    case .highWatermark: truncate(index, to: replica.highWatermark, "its high watermark", &fx)
    case .leaderEpoch, .closestEpoch:
      if let latest = disk.partitions[replica.slot].log.epochs.latest {
        replicas[index].followership = .truncating(asked: latest)
      }
    }
  }

  private mutating func create(_ id: PartitionID, _ state: PartitionState, _ fx: inout BrokerEffects) -> Int {
    let slot: Int
    var isOffline = false
    do throws(LogError) {
      slot = try disk.slot(of: id, named: image.topic(id.topic)?.name ?? "")
    } catch {
      fx.note("cannot make a log for \(image.name(of: id)): \(error)")
      slot = disk.emptySlot(of: id)
      isOffline = true
    }
    rebuildLedger(slot, highWatermark: disk.partitions[slot].checkpointedHighWatermark, at: fx.now)
    var replica = Replica(
      id: id, slot: slot, state: state, highWatermark: disk.partitions[slot].checkpointedHighWatermark,
      minInSync: image.minInSyncReplicas(of: id.topic))
    replica.isOffline = isOffline
    let index = replicas.firstIndex { id < $0.id } ?? replicas.count
    replicas.insert(replica, at: index)
    return index
  }

  /// Forgets a deleted topic's replicas and removes their logs. Their slots stay, empty: slots are never reused within a
  /// process.
  private mutating func drop(_ topic: TopicID, _ fx: inout BrokerEffects) {
    for replica in replicas where replica.id.topic == topic {
      releaseHeld(replica.id, &fx)
      do { try disk.partitions[replica.slot].log.remove() } catch {
        fx.note("cannot remove the log of \(image.name(of: replica.id)): \(error)")
      }
      ledgers[replica.slot] = ProducerLedger()
      disk.partitions[replica.slot].checkpointedHighWatermark = .zero
    }
    replicas.removeAll { $0.id.topic == topic }
    refreshFetchers(&fx)
  }

  /// The partition has moved to other brokers (KIP-455).
  private mutating func leave(_ id: PartitionID, _ fx: inout BrokerEffects) {
    guard let index = replicaIndex(of: id) else { return }
    let slot = replicas[index].slot
    releaseHeld(id, &fx)
    endHosting(id, &fx)
    replicas.remove(at: index)
    // Empty, not removed: the partition may come back.
    do { try disk.partitions[slot].log.reset(to: .zero) } catch {
      fx.note("cannot empty the log of \(image.name(of: id)): \(error)")
    }
    ledgers[slot] = ProducerLedger()
    disk.partitions[slot].checkpointedHighWatermark = .zero
    refreshFetchers(&fx)
  }

  /// Where the partition is in `replicas`; nil when this broker holds no replica of it.
  @inline(__always)
  func replicaIndex(of id: PartitionID) -> Int? {
    var low = 0
    var high = replicas.count
    while low < high {
      let middle = (low + high) / 2
      if replicas[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < replicas.count && replicas[low].id == id ? low : nil
  }
}

extension Broker {
  /// This broker's replica of the partition, if it has one.
  public func replica(of id: PartitionID) -> Replica? { replicaIndex(of: id).map { replicas[$0] } }

  /// The log of one of this broker's replicas.
  public func log(of replica: Replica) -> Log { disk.partitions[replica.slot].log }
}
