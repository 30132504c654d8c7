import Broker
import Clockwork
import RecordLog

/// One broker alone in its cluster: leader of everything, its own controller and coordinator. Runs until nothing is due.
final class SoloBroker {
  static let me = NodeID(1)
  static let asker = NodeID.client(1)

  private(set) var broker: Broker<MemoryLog>
  private(set) var now = Instant.start
  private var queue: [(at: Instant, event: Event<Broker<MemoryLog>>)] = []
  private var asked: UInt32 = 0
  private var answers: [CorrelationID: BrokerMessage] = [:]
  private var choices = Choices(script: [])
  /// Questions to the transaction coordinator wait here instead of being answered.
  var intercepts = false
  private(set) var verifications: [(request: TransactionRequest, id: CorrelationID)] = []

  init(_ rules: ReplicationRules = .kafka) {
    var setup = BrokerSetup(voters: [Self.me])
    setup.rules = rules
    var fx = BrokerEffects(me: Self.me, now: .start, choices: choices)
    broker = Broker(Self.me, setup, recovering: BrokerDisk(), &fx)
    carryOut(fx)
    run(.seconds(5))
    create("orders")
  }

  /// The process dies and comes back with what was on disk.
  func restart() {
    queue = []
    var fx = BrokerEffects(me: Self.me, now: now, choices: choices)
    broker = Broker(Self.me, broker.setup, recovering: broker.disk, &fx)
    carryOut(fx)
    run(.seconds(15))
  }

  let orders = PartitionID(TopicID(1), 0)

  func create(_ topic: String) {
    _ = ask { .toController(.createTopic(name: topic, partitions: 1, replication: 1, config: []), $0) }
    run(.seconds(1))
  }

  /// Sends the request; the answer comes as soon as nothing is due at once, or later.
  func send(_ message: (CorrelationID) -> BrokerMessage) -> CorrelationID {
    asked += 1
    hear(.message(message(CorrelationID(asked)), from: Self.asker))
    run(.zero)
    return CorrelationID(asked)
  }

  func answer(to id: CorrelationID) -> BrokerMessage? { answers[id] }

  func ask(_ message: (CorrelationID) -> BrokerMessage) -> BrokerMessage? {
    let id = send(message)
    run(.milliseconds(100))
    return answers[id]
  }

  func run(_ interval: Interval) {
    let end = now + interval
    var events = 0
    while let next = queue.indices.min(by: { queue[$0].at < queue[$1].at }), queue[next].at <= end, events < 10_000 {
      let due = queue.remove(at: next)
      now = max(now, due.at)
      hear(due.event)
      events += 1
    }
    now = end
  }

  /// Time passes and nothing happens, as for a process that stood still.
  func sleep(_ interval: Interval) {
    now = now + interval
    for place in queue.indices { queue[place].at = max(queue[place].at, now) }
  }

  func hear(_ event: consuming Event<Broker<MemoryLog>>) {
    var fx = BrokerEffects(me: Self.me, now: now, choices: choices)
    broker.on(event, &fx)
    carryOut(fx)
  }

  private func carryOut(_ fx: consuming BrokerEffects) {
    choices = fx.choices
    for token in fx.syncs {
      broker.disk.synced(through: token.position)
      queue.append((now, .durable(token)))
    }
    for timer in fx.timers { queue.append((max(timer.at, now), .timer(timer.timer))) }
    for sent in fx.outgoing {
      switch sent.message {
      case .toTransactions(let request, let id) where intercepts: verifications.append((request, id))
      case let message where sent.to == Self.me: queue.append((now, .message(message, from: Self.me)))
      case .produced(_, let id), .fetched(_, let id), .markersWritten(_, let id), .fromController(_, let id),
        .fromTransactions(_, let id):
        answers[id] = sent.message
      default: break
      }
    }
  }
}

/// What producers, consumers and coordinators say to it.
extension SoloBroker {
  static func batch(
    _ producer: Int64, epoch: Int16 = 0, _ sequence: Int32, count: Int = 1, transactional: Bool = false
  ) -> RecordBatch {
    RecordBatch(
      records: (0..<count).map { Record(key: nil, value: "p\(producer) \(Int(sequence) + $0)") },
      producer: .init(id: producer, epoch: epoch, baseSequence: sequence),
      attributes: .init(isTransactional: transactional, isControl: false))
  }

  func request(_ batch: RecordBatch, as transactionalID: String? = nil) -> ProduceRequest {
    ProduceRequest(
      partition: orders, acks: .all, timeout: .seconds(2), transactionalID: transactionalID, batch: batch)
  }

  /// The offset, or why not; nil while there is no answer.
  func produce(_ batch: RecordBatch, as transactionalID: String? = nil) -> Result<Int64, BrokerError>? {
    Self.outcome(ask { .produce(self.request(batch, as: transactionalID), $0) })
  }

  static func outcome(_ message: BrokerMessage?) -> Result<Int64, BrokerError>? {
    guard case .produced(let reply, _) = message else { return nil }
    return reply.error.map { .failure($0) } ?? .success(reply.baseOffset.rawValue)
  }

  /// Answers the latest question to the transaction coordinator.
  func verify(_ reply: TransactionReply) {
    guard let last = verifications.last else { return }
    hear(.message(.fromTransactions(reply, last.id), from: Self.me))
    run(.zero)
  }

  func end(
    _ producer: Int64, epoch: Int16 = 0, _ marker: TransactionMarker, coordinatorEpoch: Int32 = 0
  ) -> [MarkerReply.Result]? {
    let request = MarkerRequest(
      producerID: producer, producerEpoch: epoch, marker: marker, coordinatorEpoch: coordinatorEpoch,
      partitions: [orders])
    guard case .markersWritten(let reply, _) = ask({ .writeMarkers(request, $0) }) else { return nil }
    return reply.results
  }

  func fetch(from offset: Int64 = 0, _ isolation: Isolation, wait: Interval = .zero) -> CorrelationID {
    let partition = FetchPartition(orders, offset: Offset(offset), currentEpoch: nil, lastFetchedEpoch: nil)
    return send { .fetch(FetchRequest(maxWait: wait, isolation: isolation, partitions: [partition]), $0) }
  }

  func fetched(_ id: CorrelationID) -> FetchedPartition? {
    guard case .fetched(let reply, _) = answer(to: id) else { return nil }
    return reply.partitions.first
  }

  var log: MemoryLog? { broker.replica(of: orders).map { broker.log(of: $0) } }
  var producers: ProducerLedger? { broker.replica(of: orders).map { broker.producers(of: $0) } }
}
