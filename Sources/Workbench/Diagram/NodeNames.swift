import Clockwork

/// What nodes are called in traces and diagrams: `order` and `payment` say more than n2 and n3.
struct NodeNames: Hashable, Sendable {
  private var names: [NodeID: String] = [:]

  /// Everybody by number.
  static let numbers = NodeNames()

  init(_ named: [(NodeID, String)] = []) {
    for (id, name) in named { names[id] = name }
  }

  subscript(_ id: NodeID) -> String { names[id] ?? id.description }
}
