public import Clockwork

/// What an exhaustive search starts from: which nodes there are, what is under way to them, and what must hold.
///
/// The nodes are the same code that runs live and in the simulated world. A search keeps of each state only names of
/// node states it has met, so whatever decides a node's future has to be in its `fingerprint`.
public struct ExploredSystem<N: Node>: Sendable {
  /// A message that is under way at the beginning, from the console.
  public struct Opening: Sendable {
    public var message: N.Message
    public var to: NodeID

    public init(_ message: N.Message, to: NodeID) {
      self.message = message
      self.to = to
    }
  }

  public struct Member: Sendable {
    public var id: NodeID
    public var setup: N.Setup
    /// Whether faults may strike it: a client or a model of the outside world stays.
    public var isMortal: Bool

    public init(_ id: NodeID, _ setup: N.Setup, isMortal: Bool = true) {
      self.id = id
      self.setup = setup
      self.isMortal = isMortal
    }
  }

  /// In the order of their slots: at most 12.
  public var members: [Member]
  public var openings: [Opening]
  /// What the claims need to know of a node, in one word: the search asks once for each state of a node. `before` is
  /// the word of the state before, so that a word can say "has ever".
  public var label: @Sendable (_ node: borrowing N, _ before: UInt64) -> UInt64
  public var claims: ExploredClaims
  /// Messages that arrive in the very step in which they are sent, or not at all: a request and its answer taken as
  /// one. Whoever hears one must not have a choice.
  public var arrivesAtOnce: @Sendable (N.Message) -> Bool = { _ in false }
  /// Whether a timer that is armed has a reason to ring, as a perfect failure detector would know it: see
  /// `ExplorationBounds.Timing`. Nil: whenever it may.
  public var isDue: (@Sendable (_ node: borrowing N, N.Timer, _ hasFailed: (NodeID) -> Bool) -> Bool)?
  /// The nodes promise that a timer they would ignore now they would ignore for ever: the search then forgets it.
  public var forgetsIdleTimers = true
  /// The same of messages.
  public var forgetsIdleMessages = false
  /// Which members can stand for each other, and how a state is told under other names; nil: none.
  public var symmetry: Symmetry<N>?

  public init(
    members: [Member], openings: [Opening], claims: ExploredClaims,
    label: @escaping @Sendable (_ node: borrowing N, _ before: UInt64) -> UInt64
  ) {
    self.members = members
    self.openings = openings
    self.claims = claims
    self.label = label
  }
}

/// How to give interchangeable nodes each other's names.
public struct Symmetry<N: Node>: Sendable {
  public typealias Renaming = @Sendable (NodeID) -> NodeID

  /// At most 5: a state is looked at under each of their orders.
  public var interchangeable: [NodeID]
  public var node: @Sendable (N, Renaming) -> N
  public var message: @Sendable (N.Message, Renaming) -> N.Message
  public var timer: @Sendable (N.Timer, Renaming) -> N.Timer

  public init(
    of interchangeable: [NodeID], node: @escaping @Sendable (N, Renaming) -> N,
    message: @escaping @Sendable (N.Message, Renaming) -> N.Message,
    timer: @escaping @Sendable (N.Timer, Renaming) -> N.Timer = { timer, _ in timer }
  ) {
    self.interchangeable = interchangeable
    self.node = node
    self.message = message
    self.timer = timer
  }
}

/// What must hold in every state, and what it means to be done.
public struct ExploredClaims: Sendable {
  /// The name of what is broken and in what way; nil when everything holds.
  public var broken: @Sendable (borrowing Glance) -> Breach?
  /// Whether nobody who is up waits for anything: a state from which no such state can be reached is blocked.
  public var isSettled: @Sendable (borrowing Glance) -> Bool

  public init(
    broken: @escaping @Sendable (borrowing Glance) -> Breach?,
    isSettled: @escaping @Sendable (borrowing Glance) -> Bool = { _ in true }
  ) {
    self.broken = broken
    self.isSettled = isSettled
  }

  public struct Breach: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var text: String

    public init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }

    public var description: String { "\(name): \(text)" }
  }
}

/// One state, as claims see it.
public struct Glance: Sendable {
  /// By slot. A dead node's is what it was when it died.
  public internal(set) var labels: [UInt64]
  /// Bit by slot.
  public internal(set) var up: UInt32 = 0
  /// Something has failed on the way here.
  public internal(set) var hasFailed = false
  /// Nothing is under way and no disk is busy.
  public internal(set) var isQuiet = false
  public internal(set) var isCut = false

  public func isUp(_ slot: Int) -> Bool { up >> UInt32(slot) & 1 == 1 }
}
