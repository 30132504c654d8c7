import Codecs
import KafkaWire
import RecordLog
import Testing

@testable import BrokerServer

@Suite("Compression on the way through", .serialized)
struct CompressionTests {
  static let sent = RecordBatch(
    records: (0..<20).map { Record(key: "order \($0)", value: "bibimbap, extra hot", timestamp: 1_000 + Int64($0)) })

  @Test("A topic stores batches as they come, or as its compression.type says", arguments: [nil] + Codec.allCases)
  func stored(codec: Codec?) async throws {
    let word = codec.map { $0 == .none ? "uncompressed" : "\($0)" }
    try await withTopic(19_620, [("compression.type", word ?? "producer")]) { client in
      #expect(try produce(Self.sent.compressed(by: .gzip), client).error == .none)
      let kept = try fetchFirst(client)
      #expect(kept.attributes.compression == codec ?? .gzip)
      let (sent, got) = (try Self.sent.records(), try kept.records())
      #expect(got.map(\.keyText) == sent.map(\.keyText) && got.map(\.valueText) == sent.map(\.valueText))
      #expect(got.map(\.timestamp) == sent.map(\.timestamp) && kept.maxTimestamp == Self.sent.maxTimestamp)
    }
  }

  @Test("What a topic stores uncompressed counts as large as it is then")
  func large() async throws {
    let zeros = Record(key: [1], value: [UInt8](repeating: 0, count: 4 << 20))
    let batch = try RecordBatch(records: [zeros]).compressed(by: .zstd)
    for (word, expected) in [("uncompressed", KafkaError.messageTooLarge), ("producer", .none)] {
      try await withTopic(19_620, [("compression.type", word)]) { client in
        let answer = try produce(batch, client)
        #expect(answer.error == expected)
      }
    }
  }
}
