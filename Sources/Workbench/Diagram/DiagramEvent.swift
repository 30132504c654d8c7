public import Clockwork

/// One thing that happened, as a sequence diagram needs to know it: the layout's only input.
public struct DiagramEvent: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A message leaves. `message` names this sending; its arrivals and losses carry the same.
    case sends(message: UInt64, from: NodeID, to: NodeID, label: String)
    /// The message arrives. A duplicated one arrives twice.
    case arrives(message: UInt64, from: NodeID, to: NodeID, label: String)
    /// The message is lost, on its way or at a node that is down. `why` in a word or two: `cut`, `loss`, `n2 is down`.
    case isLost(message: UInt64, from: NodeID, to: NodeID, label: String, why: String)
    /// Something inside a node: a timer, an append, `leads orders/0 in epoch 3`.
    case notes(NodeID, String)
    /// The node stops: its lane ends until it starts again.
    case stops(NodeID, String)
    case starts(NodeID, String)
  }

  public var at: Instant
  public var kind: Kind

  public init(at: Instant, _ kind: Kind) {
    self.at = at
    self.kind = kind
  }

  /// The nodes whose lanes it touches.
  public var nodes: [NodeID] {
    switch kind {
    case .sends(_, let from, let to, _), .arrives(_, let from, let to, _), .isLost(_, let from, let to, _, _):
      [from, to]
    case .notes(let node, _), .stops(let node, _), .starts(let node, _): [node]
    }
  }
}
