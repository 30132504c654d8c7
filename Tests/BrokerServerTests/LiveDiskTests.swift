import Broker
import Clockwork
import Logging
import RecordLog
import Testing

@testable import BrokerServer

@Suite("Live brokers on files", .serialized)
struct LiveDiskTests {
  let scratch = Scratch()

  static let logger: Logger = {
    var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    return logger
  }()

  @Test("A broker that dies and comes back has lost nothing", arguments: [true, false])
  func restart(crashing: Bool) async throws {
    let records = (0..<20).map { "record \($0)" }
    var topic = TopicID(0)
    var cluster = try await LiveCluster.start(
      nodes: 1, host: "127.0.0.1", port: 19_310, data: scratch.path, seed: 1, logger: Self.logger)
    do {
      let talker = Talker(cluster.servers[0])
      topic = try await talker.topic("orders", replication: 1)
      for record in records { try await talker.produce(record, to: topic) }
      if crashing {
        try await cluster.crash(NodeID(1))
        try await cluster.restart(NodeID(1))
      } else {
        await cluster.stop()
        cluster = try await LiveCluster.start(
          nodes: 1, host: "127.0.0.1", port: 19_310, data: scratch.path, seed: 2, logger: Self.logger)
      }
      let second = Talker(cluster.servers[0])
      #expect(try await second.topic("orders", replication: 1) == topic)
      #expect(try await second.consume(records.count, from: topic) == records)
      await cluster.stop()
    } catch {
      await cluster.stop()
      throw error
    }
  }

  @Test("A broker that was away takes a snapshot of the metadata, and has it when it is started anew")
  func snapshot() async throws {
    var settings = ServerSettings()
    settings.snapshotRecords = 20
    let cluster = try await LiveCluster.start(
      nodes: 3, host: "127.0.0.1", port: 19_640, data: scratch.path, settings: settings, seed: 5, logger: Self.logger)
    do {
      let talker = Talker(cluster.servers[0])
      let old = try await talker.topic("old", replication: 3)
      try await talker.produce("gone", to: old)
      try await cluster.crash(NodeID(3))
      for number in 0..<25 { _ = try await talker.topic("t\(number)", replication: 2) }
      _ = try await talker.change(.deleteTopic(name: "old"))
      let kept = try await talker.topic("kept", replication: 2)
      try await talker.produce("here", to: kept)
      try await cluster.restart(NodeID(3))
      let third = Talker(cluster.servers[2])
      let image = try #require(try await third.image { $0.topics.count == 26 && $0.topic(named: "old") == nil })
      // It has not seen most of the records.
      #expect(try await third.look { $0.disk.quorum.log.startOffset } ?? 0 > 20)
      #expect(try await third.look { broker in broker.replicas.contains { $0.id.topic == old } } == false)
      for id in [1, 2, 3] { try await cluster.crash(NodeID(Int32(id))) }
      for id in [1, 2, 3] { try await cluster.restart(NodeID(Int32(id))) }
      let again = try #require(try await third.image { $0.liveBrokers.count == 3 })
      #expect(again.topics.map(\.name) == image.topics.map(\.name))
      #expect(again.clusterID == image.clusterID)
      #expect(try await talker.consume(1, from: kept) == ["here"])
    } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
  }

  @Test("Three brokers that know each other by TCP only replicate, and one that comes back catches up")
  func peers() async throws {
    let ids = [NodeID(1), NodeID(2), NodeID(3)]
    let peers = Dictionary(
      uniqueKeysWithValues: ids.map { ($0, Endpoint(host: "127.0.0.1", port: 19_320 + Int($0.rawValue))) })
    var clusters: [NodeID: LiveCluster] = [:]
    func join(_ id: NodeID) async throws {
      clusters[id] = try await LiveCluster.join(
        id, of: peers, clientsAt: Endpoint(host: "127.0.0.1", port: 19_330 + Int(id.rawValue)),
        data: "\(scratch.path)/\(id)", seed: UInt64(id.rawValue), logger: Self.logger)
    }
    do {
      for id in ids { try await join(id) }
      let talker = Talker(try #require(clusters[NodeID(1)]).servers[0])
      let topic = try await talker.topic("orders", replication: 3)
      for number in 0..<5 { try await talker.produce("before \(number)", to: topic) }
      try await clusters[NodeID(3)]?.crash(NodeID(3))
      for number in 0..<5 { try await talker.produce("without n3 \(number)", to: topic) }
      try await clusters[NodeID(3)]?.restart(NodeID(3))
      for number in 0..<5 { try await talker.produce("after \(number)", to: topic) }
      let written = try await talker.consume(15, from: topic)
      #expect(Set(written).count == 15)
      // Everything is at the one that was away, too.
      let third = Talker(try #require(clusters[NodeID(3)]).servers[0])
      var end: Int64 = 0
      for _ in 0..<200 where end < 15 {
        end = try await third.look { $0.replica(of: PartitionID(topic, 0))?.highWatermark.rawValue ?? 0 } ?? 0
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(end >= 15)
    } catch {
      for cluster in clusters.values { await cluster.stop() }
      throw error
    }
    for cluster in clusters.values { await cluster.stop() }
  }
}
