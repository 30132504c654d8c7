import Broker
import Clockwork
import Logging
import NIOCore
import RecordLog
import Testing

@testable import BrokerServer

@Suite("A live broker's logs", .serialized)
struct CleaningTests {
  private func withTopic(
    port: Int, _ config: [(String, String)], _ body: (Talker, TopicID) async throws -> Void
  ) async throws {
    var settings = ServerSettings()
    settings.cleaning = .milliseconds(50)
    let cluster = try await LiveCluster.start(
      nodes: 1, host: "127.0.0.1", port: port, settings: settings, seed: 1, logger: LiveDiskTests.logger)
    do {
      let talker = Talker(cluster.servers[0])
      let topic = try await talker.topic("orders", replication: 1)
      let controller = NodeID(1)
      for (key, value) in config {
        _ = try await talker.ask(controller) {
          .toController(.alterConfig(topic: "orders", key: key, value: value), $0)
        }
      }
      try await body(talker, topic)
      await cluster.stop()
    } catch {
      await cluster.stop()
      throw error
    }
  }

  private func log(_ talker: Talker, _ topic: TopicID) async throws -> (start: Offset, end: Offset) {
    let found = try await talker.look { broker in
      broker.replica(of: PartitionID(topic, 0)).map { (broker.log(of: $0).startOffset, broker.log(of: $0).endOffset) }
    }
    return try #require(found ?? nil)
  }

  @Test("Old segments go when there are more bytes than retention.bytes")
  func retention() async throws {
    // What a talker produces is dated to 1970, so that age alone would let all of it go.
    let config = [("retention.ms", "-1"), ("segment.bytes", "200"), ("retention.bytes", "300")]
    try await withTopic(port: 19_520, config) { talker, topic in
      for number in 0..<30 { try await talker.produce("record \(number)", to: topic) }
      for _ in 0..<60 where try await log(talker, topic).start == .zero { try await Task.sleep(for: .milliseconds(50)) }
      let (start, end) = try await log(talker, topic)
      #expect(start > .zero)
      #expect(start < end)
    }
  }

  @Test("A record is stamped with the time of its append when the topic says so")
  func stamped() async throws {
    try await withTopic(port: 19_521, [("message.timestamp.type", "LogAppendTime")]) { talker, topic in
      try await talker.produce("late", to: topic)
      let batches = try await talker.look { broker in
        broker.replica(of: PartitionID(topic, 0)).map {
          try? broker.log(of: $0).read(from: .zero, upTo: broker.log(of: $0).endOffset, maxBytes: 1 << 20)
        }
      }
      let batch = try #require(batches??.flatMap { $0 }?.first)
      #expect(batch.attributes.isStampedByLog)
      #expect(batch.maxTimestamp > 1_000_000)
      #expect(try batch.records().map(\.timestamp) == [batch.maxTimestamp])
      #expect(try RecordBatch(validating: batch.serialized()).checksum == batch.checksum)
    }
  }
}
