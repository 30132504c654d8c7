import Clockwork
import RecordLog

@testable import Broker

/// A transaction coordinator alone with its log, two partitions whose leader confirms markers, and producers that ask.
struct TransactionDesk {
  var coordinator = TransactionCoordinator()
  var ids = ProducerIDs()
  var image = MetadataImage()
  var now = Instant.start + .seconds(1)
  var log: [Record] = []
  /// When false, appends stay in doubt until `commit()`.
  var commitsAtOnce = true
  /// When false, markers go unanswered.
  var confirmsMarkers = true
  private(set) var markers: [MarkerRequest] = []
  private(set) var replies: [(id: CorrelationID, reply: TransactionReply)] = []
  private var undecided: [TransactionAppendID] = []
  private var unconfirmed: [(request: MarkerRequest, id: CorrelationID)] = []
  private var timers: [Instant] = []
  private var nextCorrelation: UInt32 = 1
  private var nextMarker: UInt32 = 1_000_000
  private(set) var epoch = LeaderEpoch(1)

  static let orders = TopicPartition("orders", 0)
  static let stock = TopicPartition("stock", 0)

  init(ids count: Int32 = 100) {
    ids.ask(CorrelationID(0), againAt: .never)
    ids.receive(first: 1000, count: count, CorrelationID(0))
    var changes = MetadataChanges()
    let state = PartitionState(
      replicas: [NodeID(1)], inSync: [NodeID(1)], leader: NodeID(1), leaderEpoch: LeaderEpoch(1),
      partitionEpoch: PartitionEpoch(1))
    image.apply(.topicCreated(TopicID(1), name: "orders", partitions: [state], config: []), at: 0, &changes)
    image.apply(.topicCreated(TopicID(2), name: "stock", partitions: [state], config: []), at: 1, &changes)
    act { desk, fx in desk.coordinator.begin(0, epoch: LeaderEpoch(1), &fx) }
    act { desk, fx in desk.coordinator.activate(0, &fx) }
  }

  @discardableResult
  mutating func ask(
    _ request: TransactionRequest, naming partitions: [TopicPartition] = [], as id: CorrelationID? = nil
  )
    -> TransactionReply?
  {
    let id = id ?? CorrelationID(nextCorrelation)
    nextCorrelation += 1
    let known = replies.count
    act { desk, fx in
      desk.coordinator.on(
        request, naming: partitions, Asker(node: .client(1), correlation: id), &desk.ids, &fx)
    }
    return replies[known...].first { $0.id == id }?.reply
  }

  @discardableResult
  mutating func initialise(
    _ id: String = "till", timeout: Interval = .seconds(60), producer: TransactionClaim? = nil,
    as correlation: CorrelationID? = nil
  ) -> TransactionReply? {
    ask(
      .initProducer(
        InitProducerRequest(
          transactionalID: id, timeout: timeout, producerID: producer?.producerID ?? -1,
          producerEpoch: producer?.producerEpoch ?? -1)), as: correlation)
  }

  @discardableResult
  mutating func add(_ claim: TransactionClaim, _ partitions: TopicPartition...) -> TransactionReply? {
    ask(.addPartitions(claim, []), naming: partitions)
  }

  @discardableResult
  mutating func end(_ claim: TransactionClaim, commit: Bool = true, bumps: Bool = false) -> TransactionReply? {
    ask(.end(claim, commit: commit, bumpsEpoch: bumps))
  }

  mutating func verify(_ claim: TransactionClaim, _ partition: TopicPartition = orders) -> TransactionReply? {
    ask(.verify(claim, PartitionID(TopicID(1), 0)), naming: [partition])
  }

  var state: TransactionState? { described?.state }

  var described: TransactionDescription? {
    guard case .described(let found)? = coordinator.describe("till") else { return nil }
    return found
  }

  mutating func act(_ body: (inout TransactionDesk, inout BrokerEffects) -> Void) {
    var fx = BrokerEffects(me: NodeID(1), now: now, choices: Choices(script: []))
    body(&self, &fx)
    while coordinator.hasWork {
      coordinator.sendMarkers(image, &nextMarker, &fx)
      for append in coordinator.takeAppends() {
        log += append.records
        undecided.append(append.id)
      }
    }
    timers += fx.timers.map(\.at)
    for sent in fx.outgoing {
      switch sent.message {
      case .fromTransactions(let reply, let id): replies.append((id, reply))
      case .writeMarkers(let request, let id):
        markers.append(request)
        unconfirmed.append((request, id))
      default: break
      }
    }
    if commitsAtOnce, !undecided.isEmpty { commit() }
    if confirmsMarkers, !unconfirmed.isEmpty { confirm() }
  }

  mutating func commit() {
    let done = undecided
    undecided = []
    for id in done { act { desk, fx in desk.coordinator.appended(id, &fx) } }
  }

  mutating func fail(_ error: BrokerError) {
    let failed = undecided
    undecided = []
    for id in failed { act { desk, fx in desk.coordinator.failed(id, error, &fx) } }
  }

  /// Every partition answers the markers that are out.
  mutating func confirm(_ error: BrokerError? = nil) {
    let asked = unconfirmed
    unconfirmed = []
    for one in asked {
      let reply = MarkerReply(results: one.request.partitions.map { MarkerReply.Result($0, error) })
      act { desk, fx in desk.coordinator.confirm(reply, one.id, desk.image, &fx) }
    }
  }

  /// Lets time pass, ringing every timer at its instant.
  mutating func pass(_ interval: Interval) {
    let end = now + interval
    while let next = timers.min(), next <= end {
      timers.removeAll { $0 == next }
      now = max(now, next)
      act { desk, fx in desk.coordinator.onTimer(.due, &fx) }
    }
    now = end
  }

  /// Another broker takes over and reads the log, or its first `records` records.
  mutating func moveCoordinator(reading records: Int? = nil) {
    act { desk, fx in desk.coordinator.resign(0, &fx) }
    coordinator = TransactionCoordinator()
    timers = []
    undecided = []
    unconfirmed = []
    log = Array(log.prefix(records ?? log.count))
    epoch = epoch.next
    act { desk, fx in desk.coordinator.begin(0, epoch: desk.epoch, &fx) }
    act { desk, _ in desk.coordinator.load(0, desk.log) }
    act { desk, fx in desk.coordinator.activate(0, &fx) }
  }
}

func till(_ epoch: Int16) -> TransactionClaim { till(1000, epoch) }

func till(_ id: Int64, _ epoch: Int16) -> TransactionClaim {
  TransactionClaim(transactionalID: "till", producerID: id, producerEpoch: epoch)
}
