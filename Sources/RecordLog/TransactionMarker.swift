import Bytes

/// How a transaction ended: what its marker in each partition says (KIP-98).
public enum TransactionMarker: Int16, Hashable, Sendable, CaseIterable {
  case abort, commit
}

/// The one record of a marker's batch, in Kafka's encoding: the ending in the key, who decided it in the value.
public struct MarkerRecord: Hashable, Sendable {
  public var marker: TransactionMarker
  /// The reign of the transaction coordinator that decided: a later one fences it.
  public var coordinatorEpoch: Int32

  public init(_ marker: TransactionMarker, coordinatorEpoch: Int32) {
    self.marker = marker
    self.coordinatorEpoch = coordinatorEpoch
  }

  /// The record as it is written.
  public func record(timestamp: Int64) -> Record {
    var key = ByteWriter()
    key.write(0 as Int16)
    key.write(marker.rawValue)
    var value = ByteWriter()
    value.write(0 as Int16)
    value.write(coordinatorEpoch)
    return Record(key: key.bytes, value: value.bytes, timestamp: timestamp)
  }

  /// Nil for a control record that is no transaction's marker, or that cannot be read. Later versions only append
  /// fields, so any version from 0 on is read.
  public init?(_ record: Record) {
    guard let key = record.key, let value = record.value, key.count >= 4, value.count >= 6 else { return nil }
    var (inKey, inValue) = (ByteReader(key), ByteReader(value))
    guard let keyVersion = try? inKey.read(Int16.self), keyVersion >= 0,
      let marker = (try? inKey.read(Int16.self)).flatMap(TransactionMarker.init(rawValue:)),
      let valueVersion = try? inValue.read(Int16.self), valueVersion >= 0,
      let coordinatorEpoch = try? inValue.read(Int32.self)
    else { return nil }
    self.init(marker, coordinatorEpoch: coordinatorEpoch)
  }
}

extension RecordBatch {
  /// The batch that ends a producer's transaction in a partition. Takes up one offset, like a record, and has no sequence
  /// number.
  public init(_ marker: MarkerRecord, producerID: Int64, producerEpoch: Int16, timestamp: Int64) {
    self.init(
      records: [marker.record(timestamp: timestamp)],
      producer: Producer(id: producerID, epoch: producerEpoch, baseSequence: -1),
      attributes: Attributes(isTransactional: true, isControl: true))
  }

  /// The marker this batch is; nil unless it is a control batch that holds one.
  public var markerRecord: MarkerRecord? {
    guard attributes.isControl, let records = try? records() else { return nil }
    return records.first.flatMap(MarkerRecord.init)
  }
}
