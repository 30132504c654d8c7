public import Clockwork
public import Delivery
internal import Glibc

/// The engine on a Kafka cluster: a group shares the input partitions out, and each round is one transaction of records
/// and offsets (KIP-447).
///
/// Two fences keep a sleeper out: the group's generation, which goes with every commit, and the transactional id, which
/// is the instance's name. A commit whose outcome is not known is settled by taking the transactional id anew, which
/// ends what was open, and by asking the log.
public struct KafkaTransport: EngineTransport, ~Copyable {
  private let settings: ClientSettings
  private let id: String
  private let consumer: GroupConsumer
  private var producer: TransactionalProducer
  private let expiry: Interval
  private var lastFence: Instant?
  /// Where the group says that a task just assigned begins.
  private var starts: [TaskName: Int64] = [:]
  private let clock: @Sendable () -> Instant

  /// The group and the transactional ids of all engines on a cluster begin with it.
  public static let group = "baedal-engine"

  /// Joins. The topics must be there: see `createTopics`. `expiry` is how long an instance that died in the middle of a
  /// transaction holds up whoever reads after it.
  public init(
    _ settings: ClientSettings, instance: String, batchLimit: Int = 2000, sessionTimeout: Interval = .seconds(6),
    expiry: Interval = .seconds(10), clock: @escaping @Sendable () -> Instant = { Instant.wallClock }
  ) throws(ClientError) {
    let id = "\(Self.group)-\(instance)"
    let producer = try TransactionalProducer(settings, id: id, expiry: expiry)
    let consumer = try GroupConsumer(
      settings, group: Self.group, topics: Topic.inputs.map(\.name), batchLimit: batchLimit,
      sessionTimeout: sessionTimeout)
    self.settings = settings
    self.expiry = expiry
    self.clock = clock
    self.id = id
    self.producer = producer
    self.consumer = consumer
  }

  /// Makes the engine's topics where they are missing. How many replicas they have is the cluster's to say (KIP-464)
  /// unless a number is given: brokers that can be seen are no measure of it while a cluster starts.
  public static func createTopics(
    _ settings: ClientSettings, partitions: Int32, replicas: Int32? = nil
  ) throws(ClientError) {
    let administrator = try ClusterAdministrator(settings)
    let found = try administrator.partitions(.seconds(30))
    let missing = Topic.allCases.filter { found[$0.name] == nil }
    for topic in Topic.allCases {
      guard let count = found[topic.name], count != partitions else { continue }
      throw .unusable(
        "\(topic.name) has \(count) partitions. Expected: \(partitions), as all of the engine's topics. "
          + "Try: --partitions \(count)")
    }
    try administrator.create(
      missing.map { topic in
        ClusterAdministrator.NewTopic(
          topic.name, partitions: partitions, replicas: replicas ?? -1,
          [.init("cleanup.policy", topic.cleanup), .init("retention.ms", String(topic.retention))])
      })
  }

  public var now: Instant { clock() }

  public mutating func poll(_ patience: Interval) throws(TransportError) -> Arrival {
    let batch = try Self.translating { () throws(ClientError) in try consumer.poll(patience) }
    var arrival = Arrival()
    arrival.revoked = batch.revoked.compactMap(\.task)
    arrival.assigned = batch.assigned.compactMap(\.task)
    // In the order in which each partition's first record came.
    var places: [TaskName: Int] = [:]
    for record in batch.records {
      guard let task = record.place.task else { continue }
      let at =
        places[task]
        ?? {
          arrival.records.append((task, []))
          return arrival.records.count - 1
        }()
      places[task] = at
      arrival.records[at].records.append(InputRecord(offset: record.offset, value: record.value ?? []))
    }
    return arrival
  }

  public mutating func open(
    _ openings: [(task: TaskName, entry: LogEntry)]
  ) throws(TransportError) -> [TaskName: Int64] {
    let places = openings.map(\.task.place)
    // Waits for every transaction that an earlier owner has handed offsets to: whatever it wrote is settled then.
    let committed = try Self.translating { () throws(ClientError) in try consumer.committed(places) }
    for opening in openings { starts[opening.task] = committed[opening.task.place] ?? 0 }
    return try write(
      openings.map {
        ProducerRecord(
          $0.task.logPlace, key: $0.entry.entity.key,
          value: $0.entry.encoded())
      },
      // The offsets as they are: with them the group's generation is checked.
      read: openings.map { (task: $0.task, next: committed[$0.task.place] ?? 0) })
  }

  public mutating func replay(
    _ starts: [TaskName: Int64], _ visit: (TaskName, Int64, [UInt8]) throws(TransportError) -> Bool
  ) throws(TransportError) {
    let reader = try Self.translating { () throws(ClientError) in try PartitionReader(settings) }
    var open = Dictionary(uniqueKeysWithValues: starts.keys.map { ($0.logPlace, $0) })
    try Self.translating { () throws(ClientError) in
      try reader.start(starts.sorted { $0.key < $1.key }.map { ($0.key.logPlace, .offset($0.value)) })
    }
    // An open transaction of a dead instance ends no later than it expires.
    let patience = Instant.wallClock + expiry + .seconds(60)
    var last = Instant.wallClock
    while !open.isEmpty {
      let records: [ConsumerRecord]
      do throws(ClientError) { records = try reader.poll(.milliseconds(100)) } catch {
        if error.isOutOfRange { try Self.refuseWhatBeginsLater(reader, starts) }
        throw Self.transportError(error)
      }
      if !records.isEmpty { last = .wallClock }
      for record in records {
        guard let task = open[record.place], let value = record.value else { continue }
        if try visit(task, record.offset, value) { open[record.place] = nil }
      }
      guard .wallClock < patience || .wallClock - last < .seconds(30) else {
        throw .unavailable("the logs \(open.keys.sorted().map(\.description).joined(separator: ", ")) do not go on")
      }
    }
  }

  private static func refuseWhatBeginsLater(
    _ reader: borrowing PartitionReader, _ starts: [TaskName: Int64]
  ) throws(TransportError) {
    for (task, start) in starts.sorted(by: { $0.key < $1.key }) {
      let kept: Range<Int64>
      do throws(ClientError) { kept = try reader.bounds(task.logPlace) } catch { throw transportError(error) }
      guard start < kept.lowerBound else { continue }
      throw .refused(
        "\(task.logPlace) begins at \(kept.lowerBound): what came before is deleted, and what \(task) has decided is not "
          + "known without it. Expected: everything from \(start) on. Try: --state with a folder that has a newer snapshot "
          + "of the task; and keep such logs (retention.ms=-1).")
    }
  }

  public mutating func seek(_ task: TaskName, to offset: Int64) throws(TransportError) {
    if consumer.positions([task.place])[task.place] ?? starts[task] == offset { return }
    // A partition that has only just been assigned cannot be moved in yet.
    for _ in 0..<100 {
      do throws(ClientError) { return try consumer.rewind(to: [(task.place, offset)]) } catch {
        if case .fenced = error { throw .fenced("\(error)") }
        _ = try poll(.milliseconds(50))
      }
    }
    throw .unavailable("the input of \(task) cannot be moved to \(offset)")
  }

  public mutating func commit(
    _ records: [OutgoingRecord], read: [(task: TaskName, next: Int64)]
  ) throws(TransportError) -> [TaskName: Int64] {
    try write(
      records.lazy.map {
        ProducerRecord(TopicPartition($0.topic.name, $0.partition), key: $0.key, value: $0.value)
      }, read: read)
  }

  private mutating func write(
    _ records: some Sequence<ProducerRecord>, read: [(task: TaskName, next: Int64)]
  ) throws(TransportError) -> [TaskName: Int64] {
    do throws(ClientError) {
      let transaction = try producer.begin()
      for record in records { try transaction.send(record) }
      let newest = try transaction.commit(read.map { ($0.task.place, $0.next) }, of: consumer)
      return Dictionary(
        newest.compactMap { place, offset in place.logTask.map { ($0, offset) } }, uniquingKeysWith: max)
    } catch {
      switch error {
      case .abortable: throw .lost("\(error)")
      case .refused: throw .refused("\(error)")
      case .fenced where lastFence.map { now < $0 + .seconds(60) } ?? false: throw .fenced("\(error)")
      case .fenced, .retriable, .fatal:
        // A transaction that expired while this process slept looks like one that a namesake took over: once in a minute
        // it is taken for the former.
        if case .fenced = error { lastFence = now }
        // Settles what is open, whichever way.
        try Self.translating { () throws(ClientError) in
          producer = try TransactionalProducer(settings, id: id, expiry: expiry)
        }
        throw .lost("\(error)")
      }
    }
  }

  public mutating func leave() { consumer.leave() }

  /// What a client's error means to whoever runs an instance.
  private static func translating<Value: ~Copyable>(
    _ body: () throws(ClientError) -> Value
  ) throws(TransportError) -> Value {
    do throws(ClientError) { return try body() } catch { throw transportError(error) }
  }

  private static func transportError(_ error: ClientError) -> TransportError {
    switch error {
    case .retriable, .abortable: .unavailable("\(error)")
    case .fenced: .fenced("\(error)")
    case .fatal, .refused: .refused("\(error)")
    }
  }
}

extension TaskName {
  var place: TopicPartition { TopicPartition(input.name, partition) }
  var logPlace: TopicPartition { TopicPartition(input.log.name, partition) }
}

extension TopicPartition {
  /// Nil for a topic that is no input of the engine.
  var task: TaskName? {
    guard let topic = Topic(named: topic), Topic.inputs.contains(topic) else { return nil }
    return TaskName(topic, partition)
  }

  /// Nil for a topic that is no log of the engine.
  var logTask: TaskName? { Topic(named: topic).flatMap { TaskName(log: $0, partition) } }
}

extension Instant {
  /// Nanoseconds since 1970: instances on several machines compare them, as well as their clocks agree.
  public static var wallClock: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}
