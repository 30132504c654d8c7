import Clockwork
import RecordLog

/// A request for markers of which some are not committed yet.
struct HeldMarkers: Sendable {
  let number: UInt32
  let coordinator: NodeID
  let correlation: CorrelationID
  /// How many partitions have not been heard of.
  var waiting: Int
  var results: [MarkerReply.Result]
}

/// How a partition leader writes the markers that end transactions.
extension Broker {
  /// How long a marker waits to be committed before its coordinator is told to send it again.
  private static var markerTimeout: Interval { .seconds(5) }

  mutating func write(_ request: MarkerRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    guard !request.partitions.isEmpty else { return fx.send(.markersWritten(MarkerReply(results: []), id), to: from) }
    let number = nextMarkers
    nextMarkers &+= 1
    heldMarkers.append(
      HeldMarkers(
        number: number, coordinator: from, correlation: id, waiting: request.partitions.count, results: []))
    let record = MarkerRecord(request.marker, coordinatorEpoch: request.coordinatorEpoch)
    let batch = RecordBatch(
      record, producerID: request.producerID, producerEpoch: request.producerEpoch,
      timestamp: fx.now.nanoseconds / 1_000_000)
    for partition in request.partitions {
      let produce = ProduceRequest(partition: partition, acks: .all, timeout: Self.markerTimeout, batch: batch)
      append(produce, for: .markers(number), &fx)
    }
  }

  /// One partition's marker is committed, or will not be.
  mutating func settle(
    markers number: UInt32, _ partition: PartitionID, _ error: BrokerError?, _ fx: inout BrokerEffects
  ) {
    guard let place = heldMarkers.firstIndex(where: { $0.number == number }) else { return }
    heldMarkers[place].results.append(MarkerReply.Result(partition, error))
    heldMarkers[place].waiting -= 1
    guard heldMarkers[place].waiting <= 0 else { return }
    let held = heldMarkers.remove(at: place)
    fx.send(.markersWritten(MarkerReply(results: held.results), held.correlation), to: held.coordinator)
  }

  /// A marker is committed in a partition that this broker leads, and what it ended with it.
  ///
  /// May come again for a transaction that a new leader has found in its log: what is done here must bear that.
  mutating func markerCommitted(_ ended: EndedTransaction, in partition: PartitionID, _ fx: inout BrokerEffects) {
    fx.note("\(ended.marker)s the transaction of producer \(ended.producerID) in \(image.name(of: partition))")
  }
}
