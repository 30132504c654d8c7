import Broker
import Bytes
import Clockwork
import RecordLog

/// A number with a meaning, as the number.
protocol PeerNumber: PeerCodable {
  associatedtype Number: PeerCodable
  var rawValue: Number { get }
  init(_ rawValue: Number)
}

extension PeerNumber {
  func encode(into writer: inout ByteWriter) { rawValue.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(Number.self)) }
}

extension NodeID: PeerNumber {}
extension TopicID: PeerNumber {}
extension BrokerEpoch: PeerNumber {}
extension PartitionEpoch: PeerNumber {}
extension QuorumEpoch: PeerNumber {}
extension LeaderEpoch: PeerNumber {}
extension CorrelationID: PeerNumber {}
extension Offset: PeerNumber {}

extension Interval: PeerCodable {
  func encode(into writer: inout ByteWriter) { nanoseconds.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(nanoseconds: try reader.next()) }
}

extension PartitionID: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    topic.encode(into: &writer)
    index.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension TopicPartition: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    topic.encode(into: &writer)
    index.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension EpochEnd: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    epoch.encode(into: &writer)
    endOffset.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension BrokerError: PeerNamed {}
extension Isolation: PeerNamed {}
extension Acks: PeerNamed {}
extension TransactionState: PeerNamed {}
extension TransactionMarker: PeerNamed {}
