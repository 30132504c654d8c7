public import AtomicCommit
import Clockwork

/// A coordinator and its participants in a simulated world, with managers that hold locks in memory.
public typealias CommitWorld = World<CommitNode<MemoryResources>>

extension World where N == CommitNode<MemoryResources> {
  /// The inputs that bring up the coordinator n1, the participants n2 … (those at a place in `refusing` vote no), and
  /// what acceptors the roster has.
  public static func commit(_ roster: CommitRoster, refusing: Members = .none) -> [WorldInput<N>] {
    roster.everyone.map { id in
      let resources = roster.place(of: id).map { MemoryResources.Setup(refuses: refusing.contains($0)) }
      return .boot(id, CommitSetup(roster, resources: resources))
    }
  }
}

extension World {
  /// Lends a commit node's log, dead or alive, and its standing if it is alive.
  func standing<Manager: ResourceManager>(_ node: NodeID, _ transaction: TransactionID) -> Standing?
  where N == CommitNode<Manager> {
    withNode(node) { $0.standing(in: transaction) } ?? nil
  }

  /// What all nodes together sent and forced.
  public func commitTally<Manager: ResourceManager>() -> CommitTally where N == CommitNode<Manager> {
    nodes.reduce(CommitTally()) { sum, id in sum + (withDisk(id) { $0.tally } ?? CommitTally()) }
  }
}
