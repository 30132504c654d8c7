import Broker
import Bytes
import Clockwork
import RecordLog
import Testing

@testable import BrokerServer

@Suite("What brokers of separate processes write to each other")
struct PeerMessageTests {
  static let seeds: Range<UInt64> = 0..<60

  @Test("reads back as it was written", arguments: 0..<Sampler.kinds)
  func roundTrip(kind: Int) throws {
    for seed in Self.seeds {
      var sampler = Sampler(seed: seed)
      let message = PeerMessage(from: sampler.node(), to: sampler.node(), message: sampler.message(kind))
      #expect(try PeerMessage(decoding: message.encoded()[...]) == message)
    }
  }

  @Test("is read or refused, whatever bytes came", arguments: 0..<Sampler.kinds)
  func mutations(kind: Int) {
    var refused = 0
    for seed in Self.seeds {
      var sampler = Sampler(seed: seed)
      var bytes = PeerMessage(from: sampler.node(), to: sampler.node(), message: sampler.message(kind)).encoded()
      for _ in 0...sampler.below(3) { bytes[sampler.below(bytes.count)] = UInt8(sampler.below(256)) }
      do throws(PeerError) {
        // Whatever it is taken for, that is a message like any other.
        let message = try PeerMessage(decoding: bytes[...])
        #expect(throws: Never.self) { try PeerMessage(decoding: message.encoded()[...]) }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test("is refused when it is cut short, at every byte", arguments: 0..<Sampler.kinds)
  func truncation(kind: Int) {
    var sampler = Sampler(seed: 7)
    let bytes = PeerMessage(from: NodeID(1), to: NodeID(2), message: sampler.message(kind)).encoded()
    for end in bytes.indices {
      #expect(throws: PeerError.self) { try PeerMessage(decoding: bytes[..<end]) }
    }
    #expect(throws: PeerError.trailing(1)) { try PeerMessage(decoding: (bytes + [0])[...]) }
  }

  @Test("is refused from a broker of another version")
  func version() {
    var bytes = PeerMessage(from: NodeID(1), to: NodeID(2), message: .quorum(.beginEpoch(QuorumEpoch(1)))).encoded()
    bytes[0] = 9
    #expect(throws: PeerError.unsupportedVersion(9)) { try PeerMessage(decoding: bytes[...]) }
  }

  @Test("takes no memory for a count that the rest cannot hold")
  func counts() {
    var writer = ByteWriter()
    writer.writeVarint(.max)
    var reader = ByteReader(writer.bytes)
    #expect(throws: PeerError.bytes(.badLength(Int(Int32.max)))) { try reader.next([PartitionState].self) }
  }

  @Test("names a corrupt batch as its partition's error, and spares the others")
  func corruptBatch() throws {
    var sampler = Sampler(seed: 3)
    let (bad, good) = (sampler.batch(), sampler.batch())
    let reply = FetchReply(partitions: [
      FetchedPartition(PartitionID(TopicID(1), 0), batches: [bad], highWatermark: Offset(1)),
      FetchedPartition(PartitionID(TopicID(1), 1), batches: [good], highWatermark: Offset(2)),
    ])
    var writer = ByteWriter()
    reply.encode(into: &writer)
    var bytes = writer.bytes
    // Past the count, the partition's id, the error and the length: well within the first batch's body.
    bytes[60] ^= 0xFF
    var reader = ByteReader(bytes)
    let read = try reader.next(FetchReply.self)
    #expect(read.partitions.map(\.error) == [.corruptMessage, nil])
    #expect(read.partitions.map(\.records) == [.batches([]), .batches([good])])
  }
}
