public import Broker
public import Clockwork
public import DeliveryEngine
public import RecordLog

/// Who lives in the world of a cluster: a broker, a client or an instance of the delivery engine. They speak the same messages, so they share one outbox.
///
/// Optionals rather than an enum: a part is then changed in place, where an enum's payload would be moved out and
/// back at every event.
public struct ClusterNode: Node {
  public typealias Message = BrokerMessage
  public typealias Timer = BrokerTimer
  public typealias Disk = BrokerDisk<MemoryLog>

  public enum Setup: Hashable, Sendable {
    case broker(BrokerSetup)
    case client(ClientSetup)
    case engine(EngineSetup)
  }

  public private(set) var broker: Broker<MemoryLog>?
  public private(set) var client: Client?
  public private(set) var engine: EngineNode?

  public init(_ id: NodeID, _ setup: Setup, recovering disk: consuming Disk, _ fx: inout BrokerEffects) {
    switch setup {
    case .broker(let setup): broker = Broker(id, setup, recovering: disk, &fx)
    case .client(let setup): client = Client(id, setup, &fx)
    case .engine(let setup): engine = EngineNode(id, setup, &fx)
    }
  }

  public mutating func reconfigure(_ setup: Setup, _ fx: inout BrokerEffects) {
    switch setup {
    case .broker(let setup): broker?.reconfigure(setup, &fx)
    case .client(let setup): client?.reconfigure(setup)
    case .engine(let setup): engine?.reconfigure(setup, &fx)
    }
  }

  public mutating func on(_ event: consuming Event<Self>, _ fx: inout BrokerEffects) {
    switch consume event {
    case .message(let message, let from):
      if broker != nil {
        broker?.on(.message(message, from: from), &fx)
      } else if client != nil {
        client?.hear(message, from: from, &fx)
      } else {
        engine?.hear(message, from: from, &fx)
      }
    case .timer(.client(let timer)):
      client?.ring(timer, &fx)
      engine?.ring(timer, &fx)
    case .timer(let timer): broker?.on(.timer(timer), &fx)
    case .durable(let token): broker?.on(.durable(token), &fx)
    }
  }

  /// A client keeps nothing on disk, nor does an engine: its log is the brokers'.
  public var disk: Disk {
    get { broker?.disk ?? Disk() }
    set { broker?.disk = newValue }
    _modify {
      if broker != nil {
        yield &broker!.disk
      } else {
        var nothing = Disk()
        yield &nothing
      }
    }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    broker?.fingerprint(into: &hasher)
    client?.fingerprint(into: &hasher)
    engine?.fingerprint(into: &hasher)
  }
}
