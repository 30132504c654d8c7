public import Broker
public import Clockwork
import RecordLog

/// One partition on real brokers, between a modelled controller and a modelled producer: the space in which every rule
/// of truncation but the last loses something.
///
/// **Production code**: what a broker does as leader and as follower (`Broker/Replication`, `RecordLog`), who may lead
/// after an election (`LeaderElection`).
///
/// **Modelled**: the controller is one node that never fails. It elects whom it likes among the in-sync replicas, with
/// or without keeping the old leader in sync, at any moment, `epochs` times in all; each broker hears of each election at
/// any time later, or too late. It answers a leader's proposal of an in-sync set in the same step. The producer sends
/// `records` records, each with acks=all and to whichever broker believes that it leads. A fetch is under way for as long
/// as the search likes; its answer arrives in the step in which it is served. No process dies.
public struct ReplicationModel: Hashable, Sendable {
  public var rules: ReplicationRules
  public var replicas: Int
  /// How many leader epochs there are, the first one included.
  public var epochs: Int
  public var records: Int

  public static let replicaBounds = 2...4
  public static let epochBounds = 1...7
  public static let recordBounds = 1...4

  public init(_ truncation: ReplicationRules.Truncation, replicas: Int = 3, epochs: Int = 3, records: Int = 2) {
    rules = .kafka
    rules.truncation = truncation
    self.replicas = min(max(replicas, Self.replicaBounds.lowerBound), Self.replicaBounds.upperBound)
    self.epochs = min(max(epochs, Self.epochBounds.lowerBound), Self.epochBounds.upperBound)
    self.records = min(max(records, Self.recordBounds.lowerBound), Self.recordBounds.upperBound)
  }

  static let partition = PartitionID(TopicID(1), 0)
  static let topic = "orders"

  var brokers: [NodeID] { (0..<replicas).map { NodeID(Int32($0 + 1)) } }
  var controller: NodeID { NodeID(Int32(replicas + 1)) }
  static let producer = NodeID.client(1)

  /// What the topic is created with: everybody in sync, nobody leads yet.
  var created: PartitionState {
    PartitionState(
      replicas: brokers, inSync: brokers, leader: nil, leaderEpoch: LeaderEpoch(0), partitionEpoch: PartitionEpoch(0))
  }

  /// No wait is long where no time passes, so that every answer comes in the step that it is asked for in.
  var setup: BrokerSetup {
    var setup = BrokerSetup(voters: brokers + [controller])
    setup.rules = rules
    setup.replicaFetchWait = .zero
    setup.replicaFetchBackoff = .zero
    setup.replicaRequestTimeout = .zero
    return setup
  }

  public var system: ExploredSystem<ModelledNode> {
    let members =
      (brokers + [controller, Self.producer]).map {
        ExploredSystem<ModelledNode>.Member($0, self, isMortal: $0 != controller && $0 != Self.producer)
      }
    var system = ExploredSystem(
      members: members, openings: [], claims: ReplicationClaims.claims(replicas: replicas),
      label: { node, _ in node.label })
    system.arrivesAtOnce = { message in
      switch message {
      case .broker(.fetch), .broker(.epochEnd), .elected: false
      case .broker, .nobodyLeads: true
      }
    }
    system.forgetsIdleMessages = true
    return system
  }

  /// The bounds it is searched with: anything at any moment, and no other fault.
  public var bounds: ExplorationBounds {
    var bounds = ExplorationBounds()
    bounds.timing = .any
    bounds.findsBlocked = false
    return bounds
  }
}

/// Who lives in the space: a broker, the controller or the producer.
public struct ModelledNode: Node {
  public enum Message: Hashable, Sendable, Narratable {
    case broker(BrokerMessage)
    /// From the controller: who leads now.
    case elected(PartitionState)
    /// To the producer: whom it asked leads nothing, and has done nothing.
    case nobodyLeads

    public var summary: String {
      switch self {
      case .broker(let message): message.summary.replacing("\(ReplicationModel.partition)", with: "orders/0")
      case .elected(let state):
        "e\(state.leaderEpoch): \(state.leader?.description ?? "nobody") leads"
      case .nobodyLeads: "NOT_LEADER_OR_FOLLOWER"
      }
    }

    public var isRoutine: Bool { false }
  }

  public enum Timer: Hashable, Sendable, CustomStringConvertible {
    case elect, produce, checkInSync

    public var description: String {
      switch self {
      case .elect: "election"
      case .produce: "produce"
      case .checkInSync: "who is behind"
      }
    }
  }

  public struct NoDisk: Durable {
    public init() {}
    public var position: UInt64 { 0 }
    public mutating func synced(through position: UInt64) {}
    public mutating func losePower(_ choices: inout Choices) {}
  }

  public typealias Setup = ReplicationModel

  public var disk = NoDisk()
  private(set) var broker: Broker<MemoryLog>?
  private var controller: ModelledController?
  private var producer: ModelledProducer?

  public init(
    _ id: NodeID, _ setup: ReplicationModel, recovering disk: consuming NoDisk, _ fx: inout Effects<ModelledNode>
  ) {
    if id == setup.controller {
      controller = ModelledController(setup, &fx)
    } else if id == ReplicationModel.producer {
      producer = ModelledProducer(setup, &fx)
    } else {
      var inner = BrokerEffects(me: id, now: .start, choices: Choices(script: []))
      var broker = Broker<MemoryLog>(id, setup.setup, recovering: BrokerDisk(), &inner)
      broker.surround(
        setup.brokers, by: setup.controller, topic: ReplicationModel.topic, partition: setup.created,
        [TopicSetting("min.insync.replicas", "1")])
      self.broker = broker
    }
  }

  public mutating func reconfigure(_ setup: ReplicationModel, _ fx: inout Effects<ModelledNode>) {}

  public mutating func on(_ event: consuming Event<ModelledNode>, _ fx: inout Effects<ModelledNode>) {
    if broker != nil {
      onBroker(event, &fx)
    } else if controller != nil {
      controller?.on(event, &fx)
    } else {
      producer?.on(event, &fx)
    }
  }

  /// Hands the event to the broker as it would hear it, and passes on what it sends; its timers are the search's.
  private mutating func onBroker(_ event: Event<ModelledNode>, _ fx: inout Effects<ModelledNode>) {
    var inner = BrokerEffects(me: fx.me, now: .start, choices: fx.choices, narrating: fx.narrating)
    switch event {
    case .message(.elected(let state), _): broker?.hear(state, of: ReplicationModel.partition, &inner)
    case .message(.broker(.produce), let from) where broker?.isLeading != true: fx.send(.nobodyLeads, to: from)
    case .message(.broker(let message), let from): broker?.on(.message(message, from: from), &inner)
    case .timer(.checkInSync):
      inner.now = .start + .seconds(3600)
      broker?.on(.timer(.inSyncCheck), &inner)
    case .message(.nobodyLeads, _), .timer, .durable: break
    }
    broker?.fetchAgain(&inner)
    broker?.standStill(ReplicationModel.partition)
    for outgoing in inner.outgoing { fx.send(.broker(outgoing.message), to: outgoing.to) }
    for note in inner.notes {
      fx.note(note.replacing("\(ReplicationModel.partition)", with: "orders/0"))
    }
    if broker?.hasLaggard(ReplicationModel.partition) == true { fx.set(.checkInSync, at: fx.now) }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    broker?.replicationPrint(ReplicationModel.partition, into: &hasher)
    controller?.fingerprint(into: &hasher)
    producer?.fingerprint(into: &hasher)
  }

  var label: UInt64 {
    if let replica = broker?.replica(of: ReplicationModel.partition), let log = broker?.log(of: replica) {
      return ReplicaLabel(replica, log).word
    }
    return controller?.label ?? producer?.label ?? 0
  }
}

extension Broker {
  fileprivate var isLeading: Bool { replica(of: ReplicationModel.partition)?.isLeading ?? false }
}
