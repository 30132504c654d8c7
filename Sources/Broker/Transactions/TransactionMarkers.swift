import Clockwork
import RecordLog

/// The second phase: every partition of an ended transaction gets its marker, then the transaction is complete. Sent
/// until they are confirmed, to whoever leads by then; writing one twice does no harm.
extension TransactionShard {
  mutating func sendMarkers(_ image: MetadataImage, _ nextCorrelation: inout UInt32, _ fx: inout BrokerEffects) {
    for place in transactions.indices {
      guard transactions[place].state.isPrepared, transactions[place].step == nil,
        transactions[place].deadline <= fx.now
      else { continue }
      // What was deleted needs no marker.
      transactions[place].markers.removeAll { image.partitionID($0.partition) == nil }
      if transactions[place].markers.isEmpty {
        begin(transactions[place].snapshot.completed(at: fx.now.milliseconds), at: place, .nobody)
        continue
      }
      let snapshot = transactions[place].snapshot
      for lot in transactions[place].takeDueMarkers(image, setup, &nextCorrelation, fx.now) {
        let request = MarkerRequest(
          producerID: snapshot.producerID, producerEpoch: snapshot.producerEpoch,
          marker: snapshot.state == .prepareCommit ? .commit : .abort, coordinatorEpoch: epoch.rawValue,
          partitions: lot.partitions)
        fx.send(.writeMarkers(request, lot.correlation), to: lot.leader)
      }
    }
  }

  /// Partitions have confirmed their markers, or could not. False when nobody here has asked under that number.
  mutating func confirm(
    _ reply: MarkerReply, _ correlation: CorrelationID, _ image: MetadataImage, _ now: Instant
  ) -> Bool {
    guard let place = transactions.firstIndex(where: { $0.markers.contains { $0.asked == correlation } }) else {
      return false
    }
    for result in reply.results {
      let at = transactions[place].markers.firstIndex {
        $0.asked == correlation && image.partitionID($0.partition) == result.partition
      }
      guard let at else { continue }
      // An epoch above the marker's is given out only once the marker is written: this is a later copy of it.
      if result.error == nil || result.error == .invalidProducerEpoch {
        transactions[place].markers.remove(at: at)
      } else {
        transactions[place].markers[at].asked = nil
        transactions[place].markers[at].dueAt = now + setup.retryBackoff
      }
    }
    transactions[place].deadline = transactions[place].markers.map(\.dueAt).min() ?? now
    return true
  }
}

/// Markers for one leader.
private struct Lot {
  var leader: NodeID
  var partitions: [PartitionID] = []
  var correlation: CorrelationID
}

extension Transaction {
  /// The markers to send now, by leader. Those without a leader, and those that were sent, are due again later.
  fileprivate mutating func takeDueMarkers(
    _ image: MetadataImage, _ setup: TransactionSetup, _ nextCorrelation: inout UInt32, _ now: Instant
  ) -> [Lot] {
    var lots: [Lot] = []
    for at in markers.indices where markers[at].dueAt <= now {
      guard let partition = image.partitionID(markers[at].partition), let leader = image.partition(partition)?.leader
      else {
        markers[at].dueAt = now + setup.retryBackoff
        continue
      }
      let lot = lots.firstIndex { $0.leader == leader } ?? lots.count
      if lot == lots.count {
        lots.append(Lot(leader: leader, correlation: CorrelationID(nextCorrelation)))
        nextCorrelation &+= 1
      }
      lots[lot].partitions.append(partition)
      markers[at].asked = lots[lot].correlation
      markers[at].dueAt = now + setup.markerTimeout
    }
    deadline = markers.map(\.dueAt).min() ?? now
    return lots
  }
}

extension MetadataImage {
  /// The partition of that name; nil when there is none.
  func partitionID(_ partition: TopicPartition) -> PartitionID? {
    guard let topic = topicID(named: partition.topic) else { return nil }
    let id = PartitionID(topic, partition.index)
    return self.partition(id) == nil ? nil : id
  }

  /// Its name; nil when there is no such partition (any more).
  func topicPartition(_ id: PartitionID) -> TopicPartition? {
    guard partition(id) != nil, let topic = topic(id.topic) else { return nil }
    return TopicPartition(topic.name, id.index)
  }
}
