public import Clockwork

/// Two-phase commit exactly as the TLA+ specification `TwoPhase` has it, whose number of states is published: what the
/// explorer is measured by, as `PingPong` is for the world.
///
/// No logs, no faults: a resource manager prepares or aborts when it likes, the transaction manager commits when all
/// have prepared or aborts when it likes, and messages are never gone. With 3 resource managers there are 288 states,
/// with 5 there are 8,832, with 7 there are 296,448 (each factor found by model checking the specification).
///
/// Source: Gray, Lamport, "Consensus on Transaction Commit" (TODS 2006), appendix A.2.
public struct KnownSpace: Node {
  public enum Message: Hashable, Sendable, Narratable {
    case prepared
    case decided(commit: Bool)

    public var summary: String {
      switch self {
      case .prepared: "Prepared"
      case .decided(let commit): commit ? "Commit" : "Abort"
      }
    }
    public var isRoutine: Bool { false }
  }

  public enum Timer: Hashable, Sendable { case decide }

  public struct NoDisk: Durable {
    public init() {}
    public var position: UInt64 { 0 }
    public mutating func synced(through position: UInt64) {}
    public mutating func losePower(_ choices: inout Choices) {}
  }

  public enum State: UInt64, Sendable { case working, prepared, committed, aborted }

  public struct Setup: Sendable {
    var managers: Int
  }

  public var disk = NoDisk()
  private let isTransactionManager: Bool
  private let managers: Int
  public private(set) var state = State.working
  /// Who has prepared, as the transaction manager knows, bit by id.
  private var prepared: UInt64 = 0

  public init(_ id: NodeID, _ setup: Setup, recovering disk: consuming NoDisk, _ fx: inout Effects<Self>) {
    isTransactionManager = id == NodeID(1)
    managers = setup.managers
    fx.set(.decide, at: fx.now)
  }

  public mutating func reconfigure(_ setup: Setup, _ fx: inout Effects<Self>) {}

  public mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {
    switch event {
    case .message(.prepared, let from):
      if isTransactionManager, state == .working { prepared |= 1 << UInt64(from.rawValue) }
    case .message(.decided(let commit), _):
      if !isTransactionManager { state = commit ? .committed : .aborted }
    case .timer: if state == .working { decide(&fx) }
    case .durable: break
    }
  }

  private mutating func decide(_ fx: inout Effects<Self>) {
    if isTransactionManager {
      let mayCommit = prepared.nonzeroBitCount == managers
      state = mayCommit && fx.choose(2, "commit or abort") == 1 ? .committed : .aborted
      for manager in 0..<managers { fx.send(.decided(commit: state == .committed), to: NodeID(Int32(manager + 2))) }
    } else if fx.choose(2, "abort or prepare") == 1 {
      state = .prepared
      fx.send(.prepared, to: NodeID(1))
    } else {
      state = .aborted
    }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(state.rawValue)
    hasher.combine(prepared)
  }
}

extension ExploredSystem<KnownSpace> {
  /// With so many resource managers, up to 14; to be searched with `ExplorationBounds.known`.
  public static func known(managers: Int) -> ExploredSystem {
    let members = (0...min(max(managers, 1), 14)).map {
      Member(NodeID(Int32($0 + 1)), KnownSpace.Setup(managers: min(max(managers, 1), 14)))
    }
    let claims = ExploredClaims(broken: { glance in
      let ends = glance.labels.dropFirst()
      let (committed, aborted) = (KnownSpace.State.committed.rawValue, KnownSpace.State.aborted.rawValue)
      return ends.contains(committed) && ends.contains(aborted)
        ? ExploredClaims.Breach("Consistent", "one has committed and another has aborted") : nil
    })
    var system = ExploredSystem(members: members, openings: [], claims: claims) { node, _ in node.state.rawValue }
    system.symmetry = Symmetry(
      of: members.dropFirst().map(\.id), node: { $0.renamed($1) }, message: { message, _ in message })
    return system
  }
}

extension KnownSpace {
  func renamed(_ names: Symmetry<KnownSpace>.Renaming) -> KnownSpace {
    var copy = self
    copy.prepared = 0
    for bit in 0..<64 where prepared >> UInt64(bit) & 1 == 1 {
      copy.prepared |= 1 << UInt64(names(NodeID(Int32(bit))).rawValue)
    }
    return copy
  }
}

extension ExplorationBounds {
  /// As a TLA+ specification has it: messages are never gone, and anything may happen at any moment.
  public static var known: ExplorationBounds {
    var bounds = ExplorationBounds()
    bounds.network = .remembers
    bounds.timing = .any
    return bounds
  }
}
