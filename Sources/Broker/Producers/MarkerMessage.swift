public import RecordLog

/// A transaction coordinator's word to partition leaders: this transaction has ended (WriteTxnMarkers).
public struct MarkerRequest: Hashable, Sendable {
  public var producerID: Int64
  public var producerEpoch: Int16
  public var marker: TransactionMarker
  /// The coordinator's reign: a leader that has heard a later one refuses.
  public var coordinatorEpoch: Int32
  public var partitions: [PartitionID]

  public init(
    producerID: Int64, producerEpoch: Int16, marker: TransactionMarker, coordinatorEpoch: Int32,
    partitions: [PartitionID]
  ) {
    self.producerID = producerID
    self.producerEpoch = producerEpoch
    self.marker = marker
    self.coordinatorEpoch = coordinatorEpoch
    self.partitions = partitions
  }

  public var summary: String {
    "WriteTxnMarkers \(marker) of p\(producerID) e\(producerEpoch): "
      + partitions.map(\.description).joined(separator: ", ")
  }
}

/// How it went in each partition, in no particular order.
public struct MarkerReply: Hashable, Sendable {
  public struct Result: Hashable, Sendable {
    public var partition: PartitionID
    /// Nil: the marker is committed.
    public var error: BrokerError?

    public init(_ partition: PartitionID, _ error: BrokerError?) {
      self.partition = partition
      self.error = error
    }
  }

  public var results: [Result]

  public init(results: [Result]) { self.results = results }

  public var summary: String {
    "Markers written: "
      + results.map { "\($0.partition) \($0.error?.rawValue ?? "ok")" }.joined(separator: ", ")
  }
}
