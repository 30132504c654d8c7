import Broker
public import Clockwork
import NIOCore
import Synchronization

/// The links between brokers, which can be cut and slowed as in the simulated world: to those of this process by a call,
/// to those of others by TCP.
///
/// A message to a connection travels over the link to the broker that the connection is made to.
public final class LiveNetwork: Sendable {
  struct Link: Hashable {
    var from: NodeID
    var to: NodeID
  }

  private struct State {
    var nodes: [NodeID: LiveNode] = [:]
    /// To brokers of other processes.
    var links: [NodeID: PeerLink] = [:]
    var cuts: Set<Link> = []
    var delay = Interval.zero
  }

  private let state = Mutex(State())

  init() {}

  func add(_ node: LiveNode) { state.withLock { $0.nodes[node.id] = node } }

  func add(_ link: PeerLink, to node: NodeID) { state.withLock { $0.links[node] = link } }

  var links: [PeerLink] { state.withLock { state in state.links.keys.sorted().compactMap { state.links[$0] } } }

  public func cut(_ from: NodeID, _ to: NodeID) {
    state.withLock { _ = $0.cuts.insert(Link(from: from, to: to)) }
  }

  public func heal(_ from: NodeID, _ to: NodeID) {
    state.withLock { _ = $0.cuts.remove(Link(from: from, to: to)) }
  }

  public func healAll() { state.withLock { $0.cuts.removeAll() } }

  public func isCut(_ from: NodeID, _ to: NodeID) -> Bool {
    state.withLock { $0.cuts.contains(Link(from: from, to: to)) }
  }

  /// How long every message between brokers takes on top of what it takes anyway.
  public var delay: Interval {
    get { state.withLock { $0.delay } }
    set { state.withLock { $0.delay = newValue } }
  }

  /// A message over a cut link is lost, whether the cut comes before it leaves or while it is on its way.
  func send(_ message: BrokerMessage, from sender: NodeID, to receiver: NodeID) {
    let (target, peer, delay) = state.withLock { state -> (LiveNode?, PeerLink?, Interval) in
      let link = Link(from: sender.host, to: receiver.host)
      guard !state.cuts.contains(link) else { return (nil, nil, .zero) }
      return (state.nodes[receiver.host], state.links[receiver.host], state.delay)
    }
    if let peer { return peer.send(message, from: sender, to: receiver, after: delay) }
    guard let target else { return }
    let arrive: @Sendable () -> Void = { [self] in
      guard !isCut(sender.host, receiver.host) else { return }
      target.arrive(message, from: sender, to: receiver)
    }
    if delay > .zero {
      target.loop.scheduleTask(in: .nanoseconds(delay.nanoseconds), arrive)
    } else {
      target.loop.execute(arrive)
    }
  }
}
