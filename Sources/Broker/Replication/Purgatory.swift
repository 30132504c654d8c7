import Clockwork
import RecordLog

/// A fetch that found nothing and waits for data.
struct HeldFetch: Sendable {
  var request: FetchRequest
  var fetcher: NodeID
  var correlation: CorrelationID
  var deadline: Instant
}

/// Who waits for records to be written.
enum Writer: Hashable, Sendable {
  case client(NodeID, CorrelationID)
  /// The group coordinator of this very broker.
  case group(GroupAppendID)
  /// A transaction coordinator, by the number of its `HeldMarkers`.
  case markers(UInt32)
  /// The transaction coordinator of this very broker.
  case transaction(TransactionAppendID)
}

/// An acks=all produce that waits for the high watermark.
struct HeldProduce: Sendable {
  var partition: PartitionID
  var epoch: LeaderEpoch
  var base: Offset
  /// The high watermark that commits all of it.
  var needed: Offset
  var stamp: Int64?
  var writer: Writer
  var deadline: Instant
}

/// Requests that wait: Kafka's purgatory. Bounded by what clients may have in flight: a fetcher has one fetch here, and
/// a full purgatory refuses rather than grows.
extension Broker {
  private static var mostHeld: Int { 100_000 }

  mutating func hold(_ held: HeldFetch, _ fx: inout BrokerEffects) {
    guard heldFetches.count < Self.mostHeld else {
      fx.send(.fetched(read(held.request).reply, held.correlation), to: held.fetcher)
      return
    }
    // A fetcher that asks anew has given up on what it asked before.
    if let place = heldFetches.firstIndex(where: { $0.fetcher == held.fetcher && held.request.replica != nil }) {
      heldFetches[place] = held
    } else {
      heldFetches.append(held)
    }
    purgatoryAlarm.ring(.purgatory, by: held.deadline, &fx)
  }

  mutating func hold(_ held: HeldProduce, _ fx: inout BrokerEffects) {
    guard heldProduces.count < Self.mostHeld else {
      answer(held.partition, .requestTimedOut, to: held.writer, &fx)
      return
    }
    heldProduces.append(held)
    purgatoryAlarm.ring(.purgatory, by: held.deadline, &fx)
  }

  /// New data or a new high watermark: whoever waited for it is answered at once.
  mutating func wakeFetches(for partition: PartitionID, _ fx: inout BrokerEffects) {
    var place = 0
    while place < heldFetches.count {
      if heldFetches[place].request.partitions.contains(where: { $0.id == partition }) {
        // Taken out first: given in place, it makes the compiler copy the whole broker.
        let request = heldFetches[place].request
        let found = read(request)
        if found.isWorthSending || found.bytes >= request.minBytes {
          fx.send(.fetched(found.reply, heldFetches[place].correlation), to: heldFetches[place].fetcher)
          heldFetches.remove(at: place)
          continue
        }
      }
      place += 1
    }
  }

  /// The high watermark of `replicas[index]` has moved.
  mutating func completeProduces(_ index: Int, _ fx: inout BrokerEffects) {
    let (id, highWatermark) = (replicas[index].id, replicas[index].highWatermark)
    var place = 0
    while place < heldProduces.count {
      let held = heldProduces[place]
      if held.partition == id, highWatermark >= held.needed {
        heldProduces.remove(at: place)
        complete(held, index, &fx)
      } else {
        place += 1
      }
    }
  }

  /// The records are committed; the producer hears so unless the in-sync set shrank below the minimum meanwhile.
  mutating func complete(_ held: HeldProduce, _ index: Int, _ fx: inout BrokerEffects) {
    let tooFew = setup.rules.minInSyncGate && !replicas[index].hasEnoughInSync
    answer(
      held.partition, tooFew ? .notEnoughReplicasAfterAppend : nil, at: held.base, held.stamp, to: held.writer, &fx)
  }

  /// The role changed: nothing that waited for the old one can be completed by the new one.
  mutating func releaseHeld(_ partition: PartitionID, _ fx: inout BrokerEffects) {
    releaseUnverified(partition, &fx)
    let stranded = heldProduces.filter { $0.partition == partition }
    heldProduces.removeAll { $0.partition == partition }
    for held in stranded { answer(partition, .notLeaderOrFollower, to: held.writer, &fx) }
    for held in heldFetches where held.request.partitions.contains(where: { $0.id == partition }) {
      fx.send(.fetched(read(held.request).reply, held.correlation), to: held.fetcher)
    }
    heldFetches.removeAll { held in held.request.partitions.contains { $0.id == partition } }
  }

  mutating func expireHeld(_ fx: inout BrokerEffects) {
    let now = fx.now
    for held in heldFetches where held.deadline <= now {
      fx.send(.fetched(read(held.request).reply, held.correlation), to: held.fetcher)
    }
    heldFetches.removeAll { $0.deadline <= now }
    let late = heldProduces.filter { $0.deadline <= now }
    heldProduces.removeAll { $0.deadline <= now }
    for held in late { answer(held.partition, .requestTimedOut, to: held.writer, &fx) }
    expireUnverified(&fx)
    var next = Instant.never
    for held in heldFetches { next = min(next, held.deadline) }
    for held in heldProduces { next = min(next, held.deadline) }
    for held in heldVerifications { next = min(next, held.deadline) }
    if next != .never { purgatoryAlarm.ring(.purgatory, by: next, &fx) }
  }
}
