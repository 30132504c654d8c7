public import Clockwork
import RecordLog

/// A Kafka client without I/O: producer, consumer, administrator. Finds the brokers, follows the leaders, tries again,
/// and says of what failed whether it surely did not happen.
public struct Client: Sendable {
  public let id: NodeID
  public private(set) var setup: ClientSetup

  var produces: [ProduceTask] = []
  var consumes: [ConsumeTask] = []
  var asks: [AskTask] = []
  var transactions: [TransactionTask] = []
  /// The transactional ids that this client has taken.
  var sessions: [TransactionSession] = []
  /// The groups that this client takes part in.
  public internal(set) var subscriptions: [Subscription] = []
  /// The latest outcomes, oldest first.
  private var finished: [(ticket: Ticket, outcome: Outcome)] = []
  /// How many commands have ended since it was booted.
  public private(set) var finishedCount = 0
  /// What brokers have promised this client, for whoever watches that promises are kept.
  public internal(set) var acknowledged = AckLedger()

  public internal(set) var metadata: MetadataReply?
  private var metadataRequest: Attempt?
  /// metadata is not asked for again before then, however badly it is wanted.
  private var metadataNotBefore = Instant.start
  private var bootstrapTurn = 0
  var turn: UInt32 = 0
  /// Begins anywhere, so that a restarted process does not repeat the numbers of the one before.
  var nextCorrelation: UInt32
  private var alarm = Alarm()

  /// How many outcomes are remembered.
  private static let memory = 256

  public init(_ id: NodeID, _ setup: ClientSetup, _ fx: inout BrokerEffects) {
    self.id = id
    self.setup = setup
    nextCorrelation = UInt32(fx.choose(1 << 31, "first correlation id"))
  }

  public mutating func reconfigure(_ setup: ClientSetup) { self.setup = setup }

  /// How the command ended; nil while it is under way, or when it is long forgotten.
  public func outcome(of ticket: Ticket) -> Outcome? { finished.last { $0.ticket == ticket }?.outcome }

  /// Commands under way.
  public var isBusy: Bool { !produces.isEmpty || !consumes.isEmpty || !asks.isEmpty || !transactions.isEmpty }

  // MARK: Events

  public mutating func hear(_ message: BrokerMessage, from: NodeID, _ fx: inout BrokerEffects) {
    switch message {
    case .command(let command): obey(command, &fx)
    case .produced(let reply, let id):
      if !hearTransaction(message, id, from: from, &fx) { hear(reply, id, from: from, &fx) }
    case .fetched(let reply, let id): if !hearReading(reply, id, &fx) { hear(reply, id, from: from, &fx) }
    case .fromController(let reply, let id): hear(reply, id, from: from, &fx)
    case .fromGroup(let reply, let id):
      if !hearMembership(reply, id, &fx), !hearTransaction(message, id, from: from, &fx) {
        hear(reply, id, from: from, &fx)
      }
    case .fromTransactions(let reply, let id):
      if !hearTransaction(message, id, from: from, &fx) { hear(reply, id, &fx) }
    case .metadataIs(let reply, let id): hear(reply, id, fx.now)
    case .quorum, .toController, .fetch, .epochEnd, .epochEnded, .produce, .metadata, .toGroup: break
    case .toTransactions, .writeMarkers, .markersWritten: break
    }
    tend(&fx)
  }

  public mutating func ring(_ timer: ClientTimer, _ fx: inout BrokerEffects) {
    if alarm.rang(fx.now) { tend(&fx) }
  }

  private mutating func obey(_ command: ClientCommand, _ fx: inout BrokerEffects) {
    switch command {
    case .produce(let ticket, let order): begin(ticket, order, &fx)
    case .consume(let ticket, let order): begin(ticket, order, &fx)
    case .administer(let ticket, let request): begin(ticket, .controller(request), &fx)
    case .askGroup(let ticket, let request): begin(ticket, .group(request), &fx)
    case .transact(let ticket, let order): begin(ticket, order, &fx)
    case .subscribe(let ticket, let group, let topics): subscribe(ticket, group, topics, &fx)
    case .unsubscribe(let ticket, let group): unsubscribe(ticket, group, &fx)
    }
  }

  private mutating func tend(_ fx: inout BrokerEffects) {
    tendMetadata(&fx)
    tendProduces(&fx)
    tendConsumes(&fx)
    tendAsks(&fx)
    tendTransactions(&fx)
    tendSubscriptions(&fx)
  }

  mutating func finish(_ ticket: Ticket, _ outcome: Outcome) {
    if finished.count >= Self.memory { finished.removeFirst(Self.memory / 2) }
    finished.append((ticket, outcome))
    finishedCount += 1
  }

  /// How the last `count` commands ended, oldest first, as far as it remembers.
  public func outcomes(last count: Int) -> [(ticket: Ticket, outcome: Outcome)] { finished.suffix(max(0, count)) }

  mutating func ringBy(_ deadline: Instant, _ fx: inout BrokerEffects) {
    if deadline != .never { alarm.ring(.client(.due), by: deadline, &fx) }
  }

  mutating func newCorrelation() -> CorrelationID {
    defer { nextCorrelation &+= 1 }
    return CorrelationID(nextCorrelation)
  }

  // MARK: Metadata

  func topic(_ name: String) -> TopicMetadata? { metadata?.topics.first { $0.name == name && $0.error == nil } }

  /// Bootstrap brokers in turn: one that is down must not be asked twice in a row.
  mutating func nextBroker() -> NodeID {
    guard !setup.bootstrap.isEmpty else { return .console }
    defer { bootstrapTurn += 1 }
    return setup.bootstrap[bootstrapTurn % setup.bootstrap.count]
  }

  /// Nobody is being asked: what is known is what the last answer said.
  var metadataIsFresh: Bool { metadataRequest == nil }

  /// What is known is missing or stale: asks a broker, unless one is being asked.
  mutating func awaitMetadata(_ fx: inout BrokerEffects) {
    guard metadataRequest == nil else { return }
    metadataRequest = Attempt(now: max(fx.now, metadataNotBefore), giveUp: .never)
    tendMetadata(&fx)
  }

  private mutating func tendMetadata(_ fx: inout BrokerEffects) {
    guard let request = metadataRequest else { return }
    let due = request.step(fx.now)
    if due == .overdue || due == .send {
      let correlation = newCorrelation()
      let broker = nextBroker()
      metadataRequest?.send(correlation, to: broker, lostAt: fx.now + setup.requestTimeout)
      fx.send(.metadata(MetadataRequest(), correlation), to: broker)
    }
    if let next = metadataRequest?.next { ringBy(next, &fx) }
  }

  private mutating func hear(_ reply: MetadataReply, _ id: CorrelationID, _ now: Instant) {
    guard metadataRequest?.out == id else { return }
    metadataNotBefore = now + setup.retryBackoff
    metadataRequest = nil
    metadata = reply
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(id.rawValue)
    hasher.combine(UInt64(nextCorrelation))
    hasher.combine(finished.count)
    hasher.combine(produces.count)
    hasher.combine(consumes.count)
    hasher.combine(asks.count)
    for session in sessions {
      hasher.combine(session.producerID)
      hasher.combine(Int64(session.producerEpoch))
    }
    for subscription in subscriptions { subscription.fingerprint(into: &hasher) }
  }
}

public enum ClientTimer: Hashable, Sendable {
  /// Some request is overdue, or its back-off is over.
  case due
}
