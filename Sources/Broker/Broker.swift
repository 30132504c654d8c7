public import Clockwork
public import RecordLog

/// A Kafka node without I/O: voter of the controller quorum, perhaps the active controller, leader of some partitions,
/// follower of others, coordinator of some groups and transactions.
///
/// Each of these is a part with its own state, messages and timers; this type holds the parts and hands each event to
/// the one it is for. Parts that touch a replica's log are extensions in `Replication/`.
///
/// What it is entered by is compiled once for each log that ships, and so is all that lies behind (SE-0460): otherwise
/// every look at a log would copy it, because what is generic over a log knows no better.
public struct Broker<Log: PartitionLog>: Node {
  public typealias Message = BrokerMessage
  public typealias Timer = BrokerTimer
  public typealias Setup = BrokerSetup

  public let id: NodeID
  public internal(set) var setup: BrokerSetup
  public var disk: BrokerDisk<Log>

  public internal(set) var quorum: Quorum
  public internal(set) var controller: Controller
  /// The committed part of the metadata log, folded.
  public internal(set) var image: MetadataImage
  public internal(set) var registration: Registration
  public internal(set) var groups: GroupCoordinator
  public internal(set) var transactions: TransactionCoordinator
  var producerIDs = ProducerIDs()

  /// Sorted by id.
  public internal(set) var replicas: [Replica] = []
  /// One for each broker that this one follows, sorted by leader.
  var fetchers: [Fetcher] = []
  var heldFetches: [HeldFetch] = []
  var heldProduces: [HeldProduce] = []
  var heldVerifications: [HeldVerification] = []
  var heldMarkers: [HeldMarkers] = []
  var nextMarkers: UInt32 = 0
  /// What each log says of its producers, by slot. Beside the replicas, not in them: those are copied a lot.
  var ledgers: [ProducerLedger] = []

  /// Begins anywhere, so that a restarted process does not repeat the numbers of the one before.
  var nextCorrelation: UInt32
  var purgatoryAlarm = Alarm()
  var fetcherAlarm = Alarm()

  @specialized(where Log == MemoryLog)
  @specialized(where Log == SegmentedLog)
  public init(_ id: NodeID, _ setup: BrokerSetup, recovering disk: consuming BrokerDisk<Log>, _ fx: inout BrokerEffects)
  {
    self.id = id
    self.setup = setup
    self.disk = disk
    self.disk.recover()
    image = MetadataImage()
    groups = GroupCoordinator(setup.groups)
    transactions = TransactionCoordinator(setup.transactions)
    controller = Controller(me: id, setup: setup)
    registration = Registration(incarnation: UInt64(fx.choose(1 << 62, "incarnation")), clean: self.disk.stoppedCleanly)
    nextCorrelation = UInt32(fx.choose(1 << 31, "first correlation id"))
    quorum = Quorum(me: id, setup: setup, recovering: &self.disk.quorum, &fx)
    self.disk.stoppedCleanly = false
    fx.set(.lifecycle, at: fx.now)
    fx.set(.inSyncCheck, at: fx.now + setup.replicaLagMax / 2)
    fx.set(.checkpoint, at: fx.now + setup.checkpointInterval)
  }

  public mutating func reconfigure(_ setup: BrokerSetup, _ fx: inout BrokerEffects) {
    self.setup = setup
    quorum.reconfigure(setup, &disk.quorum, &fx)
    controller.reconfigure(setup)
  }

  @specialized(where Log == MemoryLog)
  @specialized(where Log == SegmentedLog)
  public mutating func on(_ event: consuming Event<Self>, _ fx: inout BrokerEffects) {
    switch consume event {
    case .message(let message, let from): hear(message, from: from, &fx)
    case .timer(let timer): ring(timer, &fx)
    case .durable(let token): quorum.onDurable(token, &disk.quorum, &fx)
    }
    follow(&fx)
    writeGroups(&fx)
    writeTransactions(&fx)
  }

  /// The machine says that the process of another broker is gone, which silence alone would tell only later: whoever
  /// follows it as controller looks for another one, and the controller fences it. Told of one that lives after all, this
  /// costs an election or a change of leaders, and nothing that was acknowledged.
  @specialized(where Log == MemoryLog)
  @specialized(where Log == SegmentedLog)
  public mutating func lose(_ broker: NodeID, _ fx: inout BrokerEffects) {
    quorum.lose(broker, &fx)
    controller.lose(broker, &quorum, &disk.quorum, &fx)
    follow(&fx)
    writeGroups(&fx)
    writeTransactions(&fx)
  }

  private mutating func hear(_ message: consuming BrokerMessage, from: NodeID, _ fx: inout BrokerEffects) {
    switch consume message {
    case .fetch(let request, let id): serve(request, id, from: from, &fx)
    case .fetched(let reply, let id): take(reply, id, from: from, &fx)
    case .produce(let request, let id): append(request, for: .client(from, id), &fx)
    case .quorum(let message): quorum.on(message, from: from, &disk.quorum, &fx)
    case .toController(let request, let id): controller.on(request, id, from: from, &quorum, &disk.quorum, &fx)
    case .fromController(let reply, let id): hearController(reply, id, &fx)
    case .epochEnd(let request, let id): serve(request, id, from: from, &fx)
    case .epochEnded(let reply, _): take(reply, from: from, &fx)
    case .metadata(let request, let id): fx.send(.metadataIs(answer(request), id), to: from)
    case .toGroup(let request, let id): hear(request, id, from: from, &fx)
    case .toTransactions(let request, let id): hear(request, id, from: from, &fx)
    case .fromTransactions(let reply, let id): hear(reply, id, &fx)
    case .writeMarkers(let request, let id): write(request, id, from: from, &fx)
    case .markersWritten(let reply, let id): transactions.confirm(reply, id, image, &fx)
    case .produced, .metadataIs, .fromGroup, .command: break  // for clients; a broker has asked nothing of the kind
    }
  }

  private mutating func ring(_ timer: BrokerTimer, _ fx: inout BrokerEffects) {
    switch timer {
    case .quorum(let timer): quorum.onTimer(timer, &disk.quorum, &fx)
    case .controller(let timer): controller.onTimer(timer, &quorum, &disk.quorum, &fx)
    case .lifecycle: keepRegistered(&fx)
    case .fetchers: if fetcherAlarm.rang(fx.now) { fetchAll(&fx) }
    case .purgatory: if purgatoryAlarm.rang(fx.now) { expireHeld(&fx) }
    case .inSyncCheck:
      shrinkInSyncSets(&fx)
      fx.set(.inSyncCheck, at: fx.now + setup.replicaLagMax / 2)
    case .checkpoint:
      checkpoint()
      expireProducers(at: fx.now)
      fx.set(.checkpoint, at: fx.now + setup.checkpointInterval)
    case .groups(let timer): groups.onTimer(timer, &fx)
    case .transactions(let timer): ring(timer, &fx)
    case .client: break
    }
  }

  /// Folds what the quorum has newly committed into the image, and acts on what changed.
  ///
  /// A process takes no roles before it has seen its own registration committed: what the log says of earlier times was
  /// said to an earlier process, whose reigns are over.
  private mutating func follow(_ fx: inout BrokerEffects) {
    repeat {
      if image.appliedThrough < quorum.highWatermark {
        let changes = image.catchUp(disk.quorum, to: quorum.highWatermark)
        if registration.isSeen {
          adopt(changes, &fx)
        } else if image.broker(id)?.incarnation == registration.incarnation {
          registration.isSeen = true
          for partition in image.partitions(on: id) { adopt(partition, &fx) }
        }
        disk.quorum.compact(to: image, every: setup.snapshotRecords)
      }
      controller.follow(&quorum, &disk.quorum, committed: image, &fx)
    } while image.appliedThrough < quorum.highWatermark
  }

  mutating func newCorrelation() -> CorrelationID {
    defer { nextCorrelation &+= 1 }
    return CorrelationID(nextCorrelation)
  }

  @specialized(where Log == MemoryLog)
  @specialized(where Log == SegmentedLog)
  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(id.rawValue)
    hasher.combine(image.appliedThrough)
    quorum.fingerprint(into: &hasher)
    controller.fingerprint(into: &hasher)
    disk.quorum.fingerprint(into: &hasher)
    hasher.combine(UInt64(nextCorrelation))
    groups.fingerprint(into: &hasher)
    transactions.fingerprint(into: &hasher)
    producerIDs.fingerprint(into: &hasher)
    for replica in replicas {
      hasher.combine(replica.highWatermark.rawValue)
      hasher.combine(replica.leaderEpoch.rawValue)
      hasher.combine(replica.isLeading)
      disk.partitions[replica.slot].log.fingerprint(into: &hasher)
    }
  }
}

/// What a broker's parts ask to be reminded of.
public enum BrokerTimer: Hashable, Sendable {
  case quorum(QuorumTimer)
  case controller(ControllerTimer)
  case groups(GroupTimer)
  case transactions(TransactionTimer)
  /// Register with the controller, or say that this broker is alive.
  case lifecycle
  /// A fetch to a leader has gone unanswered, or its back-off is over.
  case fetchers
  /// A held fetch or produce has waited long enough.
  case purgatory
  /// Look for followers that have fallen behind.
  case inSyncCheck
  /// Write high watermarks down, and let the operating system write the logs back.
  case checkpoint
  case client(ClientTimer)
}
