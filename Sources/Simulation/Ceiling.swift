public import Clockwork

/// A node that only answers: what a world of such nodes reaches is the ceiling for any other.
public struct PingPong: Node {
  public struct Ball: Hashable, Sendable, Narratable {
    public var hits: UInt64
    public var summary: String { "ball \(hits)" }
    public var isRoutine: Bool { true }
  }

  public struct NoDisk: Durable {
    public init() {}
    public var position: UInt64 { 0 }
    public mutating func synced(through position: UInt64) {}
    public mutating func losePower(_ choices: inout Choices) {}
  }

  public typealias Message = Ball
  public typealias Timer = Never
  public typealias Disk = NoDisk
  /// Whom to serve to at boot; nil waits for a ball.
  public typealias Setup = NodeID?

  public var disk = NoDisk()
  private var hits: UInt64 = 0

  public init(_ id: NodeID, _ setup: NodeID?, recovering disk: consuming NoDisk, _ fx: inout Effects<Self>) {
    if let setup { fx.send(Ball(hits: 0), to: setup) }
  }

  public mutating func reconfigure(_ setup: NodeID?, _ fx: inout Effects<Self>) {}

  public mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {
    guard case .message(let ball, let from) = event else { return }
    hits += 1
    fx.send(Ball(hits: ball.hits + 1), to: from)
  }

  public func fingerprint(into hasher: inout StateHasher) { hasher.combine(hits) }
}

extension World<PingPong> {
  /// Pairs of nodes, each with one ball in the air: run it for a number of events and divide by the time it took.
  public static func ceiling(pairs: Int32 = 2, seed: UInt64 = 1) -> World {
    var world = World(seed: seed)
    for pair in 0..<max(1, min(pairs, 100)) {
      world.apply(.boot(NodeID(2 * pair + 1), nil))
      world.apply(.boot(NodeID(2 * pair + 2), NodeID(2 * pair + 1)))
    }
    return world
  }
}
