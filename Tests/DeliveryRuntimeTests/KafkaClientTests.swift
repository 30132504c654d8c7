import CKafkaClient
import Clockwork
import Testing

@testable import DeliveryRuntime

@Suite("The wire: librdkafka's clients against its mock brokers")
struct KafkaClientTests {
  @Test("what is produced is read, byte for byte")
  func roundTrip() throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    let producer = try RecordProducer(mock.settings)
    let place = TopicPartition("orders", 0)
    let records: [ProducerRecord] = [
      ProducerRecord(place, key: bytes("o-1"), value: bytes("비빔밥"), timestamp: 1234, headers: [.init("id", [0, 255])]),
      ProducerRecord(place, key: bytes("o-1"), value: nil),
      ProducerRecord(place, key: nil, value: []),
      ProducerRecord(place, key: [], value: bytes("x")),
    ]
    for record in records { try producer.send(record) }
    try producer.flush(.seconds(60))
    #expect(producer.tally == DeliveryTally(taken: 4))
    let reader = try PartitionReader(mock.settings)
    try reader.start([(place, .beginning)])
    let got = try read(reader, count: 4)
    #expect(got.map(\.key) == records.map(\.key))
    #expect(got.map(\.value) == records.map(\.value))
    #expect(got.map(\.headers) == records.map(\.headers))
    #expect(got.map(\.offset) == [0, 1, 2, 3])
    #expect(got.first?.timestamp == 1234)
    #expect(try reader.bounds(place) == 0..<4)
  }

  @Test(
    "a library that is not there, or is not librdkafka, is told of, and the clients there are go on",
    arguments: [("librdkafka-of-nobody.so.7", "librdkafka-of-nobody.so.7"), ("libm.so.6", "rd_kafka_")])
  func unloadable(file: String, isSaid: String) throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    #expect {
      try KafkaLibrary.load(file)
    } throws: {
      guard case .refused(let refusal)? = $0 as? ClientError else { return false }
      return refusal.text.contains(isSaid) && refusal.text.contains("apt-get install librdkafka1")
    }
    try mock.fill("orders", partitions: 1, count: 2)
    #expect(try PartitionReader(mock.settings).bounds(TopicPartition("orders", 0)) == 0..<2)
  }

  @Test("a rebalance of a client that has left its group already is noted, and that is all")
  func rebalanceAtTheEnd() throws {
    // A producer is in no group, as a consumer is not that has left.
    let client = try ClientHandle(
      RD_KAFKA_PRODUCER, consuming: ClientSettings(bootstrapServers: "127.0.0.1:1").configuration())
    let rebalances = Rebalances()
    let place = TopicPartition("orders", 0)
    let list = PartitionList([place])
    rebalances.happen(client.pointer, RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS, list.pointer)
    #expect(rebalances.take().revoked == [place])
  }

  @Test("while nobody leads a partition its bounds are waited for")
  func boundsWithoutLeader() throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    try mock.fill("orders", partitions: 1, count: 2)
    let place = TopicPartition("orders", 0)
    let reader = try PartitionReader(mock.settings)
    try mock.cluster.set(leader: nil, of: place)
    let (start, patience) = (Instant.wallClock, Interval.milliseconds(300))
    #expect {
      try reader.bounds(place, patience: patience)
    } throws: {
      if case .retriable? = $0 as? ClientError { true } else { false }
    }
    #expect(Instant.wallClock - start >= patience)
    try mock.cluster.set(leader: 2, of: place)
    #expect(try reader.bounds(place) == 0..<2)
  }

  @Test("a reader begins where it is told")
  func startingPlaces() throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    try mock.fill("orders", partitions: 1, count: 10)
    let reader = try PartitionReader(mock.settings)
    try reader.start([(TopicPartition("orders", 0), .offset(7))])
    #expect(try read(reader, count: 3).map { text($0.value) } == ["7", "8", "9"])
  }

  @Test("what is not in a log is told of, and not passed over")
  func outOfRange() throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    try mock.fill("orders", partitions: 1, count: 10)
    let reader = try PartitionReader(mock.settings)
    try reader.start([(TopicPartition("orders", 0), .offset(17))])
    #expect {
      _ = try read(reader, count: 1)
    } throws: {
      ($0 as? ClientError)?.isOutOfRange == true && "\($0)".contains("orders/0 has no offset 17")
    }
  }

  @Test("members share partitions, and what one leaves another takes")
  func sharing() throws {
    let mock = try MockBrokers(topics: ["commands"], partitions: 4)
    let all = Set((0..<4).map { TopicPartition("commands", Int32($0)) })
    let first = try GroupConsumer(mock.settings, group: "g", topics: ["commands"])
    #expect(Set(try poll(first) { Set($0.flatMap(\.assigned)) == all }.flatMap(\.assigned)) == all)
    let second = try GroupConsumer(mock.settings, group: "g", topics: ["commands"])
    var (given, taken): (Set<TopicPartition>, Set<TopicPartition>) = ([], [])
    for _ in 0..<600 where given.count < 2 || taken.count < 2 {
      given.formUnion(try first.poll(.milliseconds(20)).revoked)
      taken.formUnion(try second.poll(.milliseconds(20)).assigned)
    }
    #expect(given.count == 2)
    #expect(given == taken, "only what has to move moves")
    #expect(Set(first.assignment + second.assignment) == all)
    first.close()
    let batches = try poll(second) { Set($0.flatMap(\.assigned)).union(taken) == all }
    #expect(Set(batches.flatMap(\.assigned)).union(taken) == all)
  }

  // 47 INVALID_PRODUCER_EPOCH, 90 PRODUCER_FENCED, 27 REBALANCE_IN_PROGRESS, 22 ILLEGAL_GENERATION, 25 UNKNOWN_MEMBER_ID
  @Test(
    "a refusal says what is to be done about it",
    arguments: [
      (MockCluster.Request.endTransaction, [90], "fenced"),
      (MockCluster.Request.addPartitions, [90], "fenced"),
      (MockCluster.Request.commitOffsets, [22], "abortable"),
      (MockCluster.Request.commitOffsets, [25], "abortable"),
      (MockCluster.Request.addOffsets, [51, 51, 51], "committed"),
      (MockCluster.Request.endTransaction, [51, 51, 51], "committed"),
    ] as [(MockCluster.Request, [Int32], String)])
  func remedies(request: MockCluster.Request, codes: [Int32], expected: String) throws {
    let mock = try MockBrokers(topics: ["commands", "events"], partitions: 1)
    let consumer = try GroupConsumer(mock.settings, group: "g", topics: ["commands"])
    let producer = try TransactionalProducer(mock.settings, id: "engine-a")
    mock.cluster.fail(request, with: codes)
    let transaction = try producer.begin()
    try transaction.send(ProducerRecord(TopicPartition("events", 0), key: nil, value: bytes("x")))
    var came = "committed"
    do throws(ClientError) { try transaction.commit([(TopicPartition("commands", 0), 1)], of: consumer) } catch {
      switch error {
      case .retriable: came = "retriable"
      case .abortable: came = "abortable"
      case .fenced: came = "fenced"
      case .fatal: came = "fatal"
      case .refused: came = "refused"
      }
    }
    #expect(came == expected)
    // What can be gone on with goes on.
    guard expected != "fenced" else { return }
    let again = try producer.begin()
    try again.send(ProducerRecord(TopicPartition("events", 0), key: nil, value: bytes("y")))
    try again.commit([(TopicPartition("commands", 0), 1)], of: consumer)
    let reader = try PartitionReader(mock.settings)
    try reader.start([(TopicPartition("events", 0), .beginning)])
    #expect(try read(reader, count: 1).isEmpty == false)
  }

  @Test("a queue that is full makes the sender wait, not grow")
  func boundedQueue() throws {
    let mock = try MockBrokers(topics: ["orders"], partitions: 1)
    let producer = try RecordProducer(mock.settings.with([.init("queue.buffering.max.messages", "50")]))
    for number in 0..<2000 {
      try producer.send(ProducerRecord(TopicPartition("orders", 0), key: nil, value: bytes("\(number)")))
      #expect(producer.pending <= 51)
    }
    try producer.flush(.seconds(60))
    #expect(producer.tally.taken == 2000)
  }

  @Test("a wrong setting is refused by name")
  func wrongSetting() throws {
    let error = #expect(throws: ClientError.self) {
      _ = try RecordProducer(ClientSettings(bootstrapServers: "127.0.0.1:1", [.init("linger.msx", "5")]))
    }
    #expect(error.map { "\($0)".contains("linger.msx") } == true)
  }
}
