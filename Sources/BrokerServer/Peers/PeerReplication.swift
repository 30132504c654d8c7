import Broker
import Bytes
import Clockwork
import RecordLog

extension FetchRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    replica.encode(into: &writer)
    replicaEpoch.encode(into: &writer)
    maxWait.encode(into: &writer)
    minBytes.encode(into: &writer)
    maxBytes.encode(into: &writer)
    anyReplica.encode(into: &writer)
    isolation.encode(into: &writer)
    partitions.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      replica: try reader.next(), replicaEpoch: try reader.next(), maxWait: try reader.next(),
      minBytes: try reader.next(), maxBytes: try reader.next(), anyReplica: try reader.next(),
      isolation: try reader.next(), partitions: try reader.next())
  }
}

extension FetchPartition: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    offset.encode(into: &writer)
    currentEpoch.encode(into: &writer)
    lastFetchedEpoch.encode(into: &writer)
    maxBytes.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      try reader.next(), offset: try reader.next(), currentEpoch: try reader.next(),
      lastFetchedEpoch: try reader.next(), maxBytes: try reader.next())
  }
}

extension FetchReply: PeerCodable {
  func encode(into writer: inout ByteWriter) { partitions.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(partitions: try reader.next()) }
}

extension FetchedPartition: PeerCodable {
  /// Records that cannot be read here go out as an error, as when the log itself refuses to read them.
  func encode(into writer: inout ByteWriter) {
    var error = self.error
    var bytes: [UInt8] = []
    if let read = try? records.bytes() { bytes = read } else { error = .kafkaStorageError }
    id.encode(into: &writer)
    error.encode(into: &writer)
    writer.writeVarint(Int32(truncatingIfNeeded: bytes.count))
    writer.write(bytes: bytes)
    highWatermark.encode(into: &writer)
    lastStableOffset.encode(into: &writer)
    aborted.encode(into: &writer)
    logStart.encode(into: &writer)
    logEnd.encode(into: &writer)
    diverging.encode(into: &writer)
  }

  /// Batches that do not bear out their checksums are the fault of the leader's disk, not of the link: they come out as
  /// an error of this partition, and the others are as good as ever.
  init(from reader: inout ByteReader) throws(PeerError) {
    let id = try reader.next(PartitionID.self)
    var error = try reader.next(BrokerError?.self)
    let bytes = try reader.bytes { bytes throws(ByteError) in
      try bytes.readSlice(try bytes.readCount(itemSize: 1))
    }
    let batches = try? RecordBatch.all(in: bytes)
    if batches == nil { error = .corruptMessage }
    self.init(
      id, error: error, batches: batches ?? [], highWatermark: try reader.next(),
      lastStableOffset: try reader.next(Offset.self))
    aborted = try reader.next()
    logStart = try reader.next()
    logEnd = try reader.next()
    diverging = try reader.next()
  }
}

extension LogSlice {
  /// The batches as they lie on disk.
  fileprivate func bytes() throws(LogError) -> [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .batches(let batches): for batch in batches { batch.serialized(into: &bytes) }
    case .regions(let regions): for region in regions { bytes += try region.read() }
    }
    return bytes
  }
}

extension RecordBatch {
  fileprivate static func all(in bytes: ArraySlice<UInt8>) throws(RecordBatchError) -> [RecordBatch] {
    var rest = bytes
    var batches: [RecordBatch] = []
    while !rest.isEmpty {
      let batch = try RecordBatch(validating: rest)
      rest = rest.dropFirst(batch.sizeInBytes)
      batches.append(batch)
    }
    return batches
  }
}

extension RecordBatch: PeerCodable {
  /// As it lies on disk, which says how long it is.
  func encode(into writer: inout ByteWriter) {
    var bytes: [UInt8] = []
    serialized(into: &bytes)
    writer.write(bytes: bytes)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    let batch: RecordBatch
    do throws(RecordBatchError) {
      batch = try RecordBatch(validating: reader.rest)
    } catch {
      throw .batch(error)
    }
    try reader.bytes { bytes throws(ByteError) in try bytes.skip(batch.sizeInBytes) }
    self = batch
  }
}

extension ByteReader {
  /// Everything that is left, without moving on.
  fileprivate var rest: ArraySlice<UInt8> {
    var ahead = self
    return (try? ahead.readSlice(remaining)) ?? []
  }
}

extension AbortedTransaction: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    producerID.encode(into: &writer)
    firstOffset.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(producerID: try reader.next(), firstOffset: try reader.next())
  }
}

extension EpochEndRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    epoch.encode(into: &writer)
    currentEpoch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(try reader.next(), epoch: try reader.next(), currentEpoch: try reader.next())
  }
}

extension EpochEndReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    error.encode(into: &writer)
    end.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(try reader.next(), error: try reader.next(), end: try reader.next())
  }
}

extension ProduceRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    acks.encode(into: &writer)
    timeout.encode(into: &writer)
    transactionalID.encode(into: &writer)
    batch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      partition: try reader.next(), acks: try reader.next(), timeout: try reader.next(),
      transactionalID: try reader.next(), batch: try reader.next())
  }
}

extension ProduceReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    error.encode(into: &writer)
    baseOffset.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(partition: try reader.next(), error: try reader.next(), baseOffset: try reader.next())
  }
}

extension MarkerRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    producerID.encode(into: &writer)
    producerEpoch.encode(into: &writer)
    marker.encode(into: &writer)
    coordinatorEpoch.encode(into: &writer)
    partitions.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      producerID: try reader.next(), producerEpoch: try reader.next(), marker: try reader.next(),
      coordinatorEpoch: try reader.next(), partitions: try reader.next())
  }
}

extension MarkerReply: PeerCodable {
  func encode(into writer: inout ByteWriter) { results.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(results: try reader.next()) }
}

extension MarkerReply.Result: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    error.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}
