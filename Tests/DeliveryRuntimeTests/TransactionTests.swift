import BrokerServer
import Clockwork
import DeliveryRuntime
import Testing

@Suite("The wire: transactions against our own broker", .serialized)
struct TransactionTests {
  private let commands = TopicPartition("commands", 0)
  private let events = TopicPartition("events", 0)

  private func topics(_ settings: ClientSettings) throws {
    let administrator = try ClusterAdministrator(settings)
    try administrator.create([
      .init("commands", partitions: 1, replicas: 1), .init("events", partitions: 1, replicas: 1),
    ])
    #expect(try administrator.partitions() == ["commands": 1, "events": 1])
    // A second time is no error, and changes nothing.
    try administrator.create([.init("events", partitions: 3, replicas: 1)])
    #expect(try administrator.partitions()["events"] == 1)
  }

  private func committed(_ settings: ClientSettings, _ count: Int) throws -> [String] {
    let reader = try PartitionReader(settings)
    try reader.start([(events, .beginning)])
    return try read(reader, count: count).map { text($0.value) }
  }

  @Test("records and offsets are committed together, and the next member goes on behind them")
  func together() async throws {
    try await OwnBrokers.withCluster { _, settings in
      try topics(settings)
      let feed = try RecordProducer(settings)
      for number in 0..<5 { try feed.send(ProducerRecord(commands, key: nil, value: bytes("\(number)"))) }
      try feed.flush(.seconds(30))
      let first = try GroupConsumer(settings, group: "g", topics: ["commands"])
      let records = try poll(first) { $0.flatMap(\.records).count >= 5 }.flatMap(\.records)
      try #require(records.count == 5)
      let producer = try TransactionalProducer(settings, id: "engine-a")
      let transaction = try producer.begin()
      for record in records.prefix(3) { try transaction.send(ProducerRecord(events, key: nil, value: record.value)) }
      #expect(try transaction.commit([(commands, 3)], of: first) == [events: 2])
      let given = try producer.begin()
      try given.send(ProducerRecord(events, key: nil, value: bytes("never")))
      try given.abort()
      do {
        let forgotten = try producer.begin()
        try forgotten.send(ProducerRecord(events, key: nil, value: bytes("forgotten")))
      }
      let last = try producer.begin()
      try last.send(ProducerRecord(events, key: nil, value: bytes("end")))
      let newest = try last.commit()
      #expect(try first.committed([commands]) == [commands: 3])
      first.close()
      let second = try GroupConsumer(settings, group: "g", topics: ["commands"])
      let rest = try poll(second) { $0.flatMap(\.records).count >= 2 }.flatMap(\.records)
      #expect(rest.map { text($0.value) } == ["3", "4"])
      let reader = try PartitionReader(settings)
      try reader.start([(events, .beginning)])
      let seen = try read(reader, count: 4)
      #expect(seen.map { text($0.value) } == ["0", "1", "2", "end"])
      #expect(newest == [events: seen.last?.offset ?? 0])
      try second.rewind(to: [(commands, 1)])
      let again = try poll(second) { $0.flatMap(\.records).count >= 4 }.flatMap(\.records)
      #expect(again.map { text($0.value) } == ["1", "2", "3", "4"])
      second.close()
    }
  }

  @Test("whoever takes the transactional id over fences who had it, and nothing of that one's is seen")
  func fencing() async throws {
    try await OwnBrokers.withCluster { _, settings in
      try topics(settings)
      let old = try TransactionalProducer(settings, id: "engine-a")
      let open = try old.begin()
      try open.send(ProducerRecord(events, key: nil, value: bytes("zombie")))
      let new = try TransactionalProducer(settings, id: "engine-a")
      var isFenced = false
      do throws(ClientError) { try open.commit() } catch { if case .fenced = error { isFenced = true } }
      #expect(isFenced)
      let transaction = try new.begin()
      try transaction.send(ProducerRecord(events, key: nil, value: bytes("successor")))
      try transaction.commit()
      #expect(try committed(settings, 1) == ["successor"])
    }
  }
}
