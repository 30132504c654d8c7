import Clockwork
import KafkaWire
import RecordLog
import Testing

@testable import BrokerServer

@Suite("Fetches over a socket", .serialized)
struct FetchTests {
  @Test("A session is told only of partitions with records, moved marks or errors")
  func news() async throws {
    try await withReader(port: 19_530, partitions: 3) { reader in
      #expect(try reader.fetch([0, 1, 2, 9]).map(\.index) == [0, 1, 2, 9])
      #expect(try reader.fetch().map(\.index) == [9])
      try reader.produce(to: 1)
      let told = try reader.fetch()
      #expect(told.map(\.index) == [1, 9])
      #expect(told.map(\.highWatermark) == [1, -1])
      // Asked again from the same place, the same records are news again.
      #expect(try reader.fetch().map(\.index) == [9, 1])
      #expect(try reader.fetch([1], from: 1, forgetting: [9]).isEmpty)
      #expect(try reader.fetch(forgetting: [1]).isEmpty)
      try reader.produce(to: 1)
      #expect(try reader.fetch().isEmpty)
    }
  }

  @Test("Whoever had records waits for the others when there is room for one only")
  func turns() async throws {
    try await withReader(port: 19_531, partitions: 3) { reader in
      _ = try reader.fetch([0, 1, 2])
      for _ in 0..<3 { for partition in 0..<3 { try reader.produce(to: Int32(partition)) } }
      var order: [Int32] = []
      var next: [Int32: Int64] = [:]
      var changed: [Int32] = []
      for _ in 0..<6 {
        let told = try reader.fetch(changed, from: changed.first.flatMap { next[$0] } ?? 0, maxBytes: 1)
        let filled = told.filter { !$0.records.isEmpty }
        try #require(filled.count == 1)
        order.append(filled[0].index)
        next[filled[0].index, default: 0] += 1
        changed = [filled[0].index]
      }
      #expect(order == [0, 1, 2, 0, 1, 2])
    }
  }

  @Test("What is not there has no marks, in any version", arguments: [4, 11, 12, 13] as [Int16])
  func unknown(version: Int16) async throws {
    try await withReader(port: 19_532, partitions: 1) { reader in
      var asked = WireFetchRequest()
      asked.sessionEpoch = -1
      asked.topics = ["orders", "nowhere"].map { name in
        var topic = WireFetchRequest.Topic()
        (topic.topic, topic.id) = (name, WireUUID(high: 1, low: 2))
        topic.partitions = [reader.partition(7, from: 0)]
        return topic
      }
      let answer = try reader.client.ask(asked, version: version)
      let partitions = answer.responses.flatMap(\.partitions)
      try #require(partitions.count == 2)
      for partition in partitions {
        #expect(partition.error == (version < 13 ? .unknownTopicOrPartition : .unknownTopicID))
        #expect(partition.highWatermark == -1 && partition.lastStableOffset == -1 && partition.logStartOffset == -1)
      }
    }
  }

  @Test("Partitions keep their order through changes, and what is named twice is one")
  func sessions() {
    func ask(_ index: Int32, from offset: Int64 = 0) -> FetchAsk {
      var asked = WireFetchRequest.Topic.Partition()
      (asked.partition, asked.fetchOffset) = (index, offset)
      return FetchAsk(topicID: WireUUID(), topic: "orders", asked: asked)
    }
    func news(_ index: Int32, _ records: Int) -> FetchResponse.Topic.Partition {
      var partition = FetchResponse.Topic.Partition()
      partition.index = index
      if records > 0 { partition.records = .elsewhere(records) }
      return partition
    }
    let session = FetchSession(id: 1, [ask(0), ask(1), ask(1, from: 5), ask(2), ask(3)])
    #expect(session.asks.map(\.asked.partition) == [0, 1, 2, 3])
    #expect(session.asks[1].asked.fetchOffset == 5)
    session.update([ask(0, from: 7), ask(4)], forgetting: [ask(2), ask(8)])
    #expect(session.asks.map(\.asked.partition) == [0, 1, 3, 4])
    #expect(session.asks[0].asked.fetchOffset == 7)
    for index in [3, 0] as [Int32] { #expect(session.isNews(news(index, 10), of: ask(index))) }
    #expect(!session.isNews(news(1, 0), of: ask(1)))
    session.passTurns()
    #expect(session.asks.map(\.asked.partition) == [1, 4, 0, 3])
    #expect(session.asks[2].asked.fetchOffset == 7)
  }

  @Test("Where there is no room for one more, whoever has asked for nothing in two minutes goes, and nobody else")
  func room() throws {
    let (soon, later) = (Instant.start + .seconds(119), Instant.start + FetchSessions.protection)
    var sessions = FetchSessions()
    let opened = (0..<FetchSessions.limit).compactMap { _ in sessions.open([], at: .start)?.id }
    #expect(opened.count == FetchSessions.limit)
    let early = sessions.open([], at: soon)
    #expect(early == nil)
    // The first is used again, so the second goes.
    _ = try sessions.resume(opened[0], epoch: 1, at: soon)
    let more = sessions.open([], at: later)
    #expect(more != nil)
    #expect(throws: KafkaError.fetchSessionIDNotFound) { try sessions.resume(opened[1], epoch: 1, at: later) }
    _ = try sessions.resume(opened[0], epoch: 2, at: later)
  }
}

/// A client with a fetch session on a topic `orders`.
private final class Reader {
  let client: RawClient
  private var session: Int32 = 0
  private var epoch: Int32 = 0

  init(_ client: RawClient) { self.client = client }

  func partition(_ index: Int32, from offset: Int64) -> WireFetchRequest.Topic.Partition {
    var partition = WireFetchRequest.Topic.Partition()
    (partition.partition, partition.fetchOffset, partition.partitionMaxBytes) = (index, offset, 1 << 20)
    return partition
  }

  func produce(to index: Int32) throws {
    let batch = RecordBatch(records: [Record(key: nil, value: "bibimbap", timestamp: 1)])
    #expect(try BrokerServerTests.produce(batch, to: index, client).error == .none)
  }

  /// The session's next fetch: what changes, and what is told.
  func fetch(
    _ changed: [Int32] = [], from offset: Int64 = 0, forgetting forgotten: [Int32] = [], maxBytes: Int32 = 1 << 20
  ) throws -> [FetchResponse.Topic.Partition] {
    var request = WireFetchRequest()
    (request.session, request.sessionEpoch, request.maxBytes) = (session, epoch, maxBytes)
    if !changed.isEmpty {
      var topic = WireFetchRequest.Topic()
      topic.topic = "orders"
      topic.partitions = changed.map { partition($0, from: offset) }
      request.topics = [topic]
    }
    if !forgotten.isEmpty {
      var topic = WireFetchRequest.ForgottenTopic()
      (topic.topic, topic.partitions) = ("orders", forgotten)
      request.forgottenTopicsData = [topic]
    }
    let answer = try client.ask(request, version: 11)
    #expect(answer.error == .none)
    (session, epoch) = (answer.session, epoch + 1)
    return answer.responses.flatMap(\.partitions)
  }
}

private func withReader(
  port: Int, partitions: Int32, _ body: @escaping @Sendable (Reader) throws -> Void
) async throws {
  try await withTopic(port, partitions: partitions) { try body(Reader($0)) }
}
