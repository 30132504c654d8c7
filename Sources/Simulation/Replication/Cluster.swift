public import Broker
public import Clockwork
public import DeliveryEngine
public import RecordLog

/// A cluster of brokers and clients in a simulated world.
public typealias ClusterWorld = World<ClusterNode>

extension World where N == ClusterNode {
  /// The inputs that bring up brokers n1 … and clients c1 ….
  public static func cluster(brokers: Int, clients: Int, _ tune: (inout BrokerSetup) -> Void = { _ in })
    -> [WorldInput<ClusterNode>]
  {
    let ids = (0..<brokers).map { NodeID(Int32($0 + 1)) }
    var setup = BrokerSetup(voters: ids)
    tune(&setup)
    let boots: [WorldInput<ClusterNode>] = ids.map { .boot($0, .broker(setup)) }
    return boots + (0..<clients).map { .boot(.client(Int32($0 + 1)), .client(ClientSetup(bootstrap: ids))) }
  }

  /// The brokers, dead or alive, in order.
  public var brokers: [NodeID] { nodes.filter(\.isBroker) }
  public var clients: [NodeID] { nodes.filter(\.isClient) }
  public var engines: [NodeID] { nodes.filter(\.isEngine) }

  /// Lends a live broker. By `if let`, as `map` would copy it.
  public func withBroker<Result>(_ id: NodeID, _ body: (borrowing Broker<MemoryLog>) -> Result) -> Result? {
    (withNode(id) { node in if let broker = node.broker { body(broker) } else { nil } }) ?? nil
  }

  /// The replicas of a live broker; none of any other node. Whoever looks at them after every event does so by index,
  /// because each that is taken out is copied.
  func replicas(of id: NodeID) -> [Replica] { withBroker(id) { $0.replicas } ?? [] }

  /// Lends a live client.
  public func withClient<Result>(_ id: NodeID, _ body: (borrowing Client) -> Result) -> Result? {
    (withNode(id) { node in if let client = node.client { body(client) } else { nil } }) ?? nil
  }

  /// Lends a live instance of the engine.
  public func withEngine<Result>(_ id: NodeID, _ body: (borrowing EngineNode) -> Result) -> Result? {
    (withNode(id) { node in if let engine = node.engine { body(engine) } else { nil } }) ?? nil
  }

  /// Everything acknowledged to any client with these acks.
  public func acknowledged(acks: Acks) -> [Acknowledgement] {
    clients.flatMap { id in
      withClient(id) { client in
        (0..<client.acknowledged.count).map { client.acknowledged[$0] }.filter { $0.acks == acks }
      } ?? []
    }
  }
}
