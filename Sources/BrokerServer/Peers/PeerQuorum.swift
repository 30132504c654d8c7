import Broker
import Bytes

extension QuorumMessage: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .vote(let epoch, let lastEpoch, let lastOffset, let pre):
      writer.write(tag: 0, epoch, lastEpoch, lastOffset, pre)
    case .voteAnswer(let epoch, let granted, let leader, let pre): writer.write(tag: 1, epoch, granted, leader, pre)
    case .beginEpoch(let epoch): writer.write(tag: 2, epoch)
    case .endEpoch(let epoch): writer.write(tag: 3, epoch)
    case .fetch(let epoch, let from, let lastEpoch, let highWatermark):
      writer.write(tag: 4, epoch, from, lastEpoch, highWatermark)
    case .fetched(let epoch, let entries, let from, let lastEpoch, let highWatermark, let diverging):
      writer.write(tag: 5, epoch, entries, from, lastEpoch, highWatermark, diverging)
    case .epochIs(let epoch, let leader): writer.write(tag: 6, epoch, leader)
    case .snapshot(let epoch, let snapshot, let from, let lastEpoch):
      writer.write(tag: 7, epoch, snapshot, from, lastEpoch)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0:
      self = .vote(
        try reader.next(), lastEpoch: try reader.next(), lastOffset: try reader.next(), pre: try reader.next())
    case 1:
      self = .voteAnswer(
        try reader.next(), granted: try reader.next(), leader: try reader.next(), pre: try reader.next())
    case 2: self = .beginEpoch(try reader.next())
    case 3: self = .endEpoch(try reader.next())
    case 4:
      self = .fetch(
        try reader.next(), from: try reader.next(), lastEpoch: try reader.next(), highWatermark: try reader.next())
    case 5:
      self = .fetched(
        try reader.next(), entries: try reader.next(), from: try reader.next(), lastEpoch: try reader.next(),
        highWatermark: try reader.next(), diverging: try reader.next())
    case 6: self = .epochIs(try reader.next(), leader: try reader.next())
    case 7:
      self = .snapshot(
        try reader.next(), try reader.next(), from: try reader.next(), lastEpoch: try reader.next())
    case let tag: throw .unknownTag(tag, of: "QuorumMessage")
    }
  }
}

extension QuorumEpochEnd: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    epoch.encode(into: &writer)
    endOffset.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}
