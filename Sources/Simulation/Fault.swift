public import Clockwork

/// One direction between two nodes. A network that is cut both ways is two cut links.
public struct Link: Hashable, Sendable, CustomStringConvertible {
  public var from: NodeID
  public var to: NodeID

  public init(_ from: NodeID, _ to: NodeID) {
    self.from = from
    self.to = to
  }

  public var description: String { "\(from)→\(to)" }

  /// Both directions between every node of one side and every node of the other.
  public static func between(_ side: [NodeID], _ other: [NodeID]) -> [Link] {
    side.flatMap { a in other.flatMap { b in a == b ? [] : [Link(a, b), Link(b, a)] } }
  }
}

/// Which links a fault is about.
public enum LinkSelection: Hashable, Sendable, CustomStringConvertible {
  /// Every link, of nodes that come later too.
  case all
  case only([Link])

  public var description: String {
    switch self {
    case .all: "every link"
    case .only(let links): links.map(\.description).joined(separator: " ")
    }
  }
}

/// What can go wrong in a world, and what puts it right again.
///
/// A fault that changes nothing (a crash of a node that is down) is refused: see `World.accepts`.
public enum Fault: Hashable, Sendable {
  /// The process dies. What it wrote stays in the page cache: nothing is lost but memory, timers and held-back messages.
  case crash(NodeID)
  /// The machine dies: as a crash, and what was not synced may be lost or torn. Also for a node that is down already.
  case losePower(NodeID)
  /// A node that is down boots from what its disk has kept.
  case restart(NodeID)
  /// The process stands still, as in a long garbage collection: what arrives waits in order, timers come late.
  case pause(NodeID)
  case resume(NodeID)
  /// Nothing passes over these links: what is sent into a cut is lost, and so is what was under way when it would have
  /// arrived.
  case cut([Link])
  case heal([Link])
  case healAll
  case latency(LatencyDistribution, on: LinkSelection)
  /// So many of a thousand messages are lost, decided when they are sent.
  case loss(perMille: Int, on: LinkSelection)
  /// So many of a thousand messages arrive twice.
  case duplication(perMille: Int, on: LinkSelection)
  /// Off, a link is first in, first out, as TCP is. On, each message goes at its own speed and overtakes.
  case reordering(Bool, on: LinkSelection)
  /// From now on the node's clock is `offset` ahead (or, negative, behind) and gains `driftPPM` microseconds a second.
  case skew(NodeID, offset: Interval, driftPPM: Int)
  /// How long a sync takes; nil for every node.
  case fsync(LatencyDistribution, on: NodeID?)
  /// Every link healed, every link and every disk as it was when the world began. Leaves nodes and clocks alone.
  case calm
}

extension Fault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .crash(let node): "crash \(node)"
    case .losePower(let node): "power off \(node)"
    case .restart(let node): "restart \(node)"
    case .pause(let node): "pause \(node)"
    case .resume(let node): "resume \(node)"
    case .cut(let links): "cut \(LinkSelection.only(links))"
    case .heal(let links): "heal \(LinkSelection.only(links))"
    case .healAll: "heal \(LinkSelection.all)"
    case .latency(let latency, let links): "latency \(latency) on \(links)"
    case .loss(let perMille, let links): "lose \(perMille)‰ on \(links)"
    case .duplication(let perMille, let links): "duplicate \(perMille)‰ on \(links)"
    case .reordering(let on, let links): "reorder \(on ? "on" : "off") on \(links)"
    case .skew(let node, let offset, let drift): "skew \(node) by \(offset) and \(drift)ppm"
    case .fsync(let latency, let node): "fsync \(latency) on \(node?.description ?? "every node")"
    case .calm: "calm"
    }
  }
}

extension LatencyDistribution: CustomStringConvertible {
  public var description: String {
    switch self {
    case .constant(let length): "\(length)"
    case .uniform(let low, let high): "\(low)..\(high)"
    case .tail(let from, let mean): "\(from)+~\(mean)"
    }
  }
}
