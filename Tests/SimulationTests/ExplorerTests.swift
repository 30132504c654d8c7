import Clockwork
import Testing

@testable import Simulation

@Suite("An exhaustive search")
struct ExplorerTests {
  @Test("finds the published number of states", arguments: [(3, 288), (5, 8832)])
  func knownSpace(managers: Int, states: Int) {
    var explorer = Explorer(.known(managers: managers), .known)
    let found = explorer.run()
    #expect(found.distinct == states)
    #expect(found.counterexample == nil)
    #expect(found.limit == nil)
  }

  @Test("counts states that differ in names alone once", arguments: [(3, 80), (5, 314)])
  func symmetry(managers: Int, states: Int) {
    var bounds = ExplorationBounds.known
    bounds.usesSymmetry = true
    var explorer = Explorer(.known(managers: managers), bounds)
    #expect(explorer.run().distinct == states)
  }

  @Test("takes every way of every choice")
  func choices() {
    let found = search(Scribe.openings(.choose(3))) { _ in }
    // The beginning, and one state for each way.
    #expect(found.distinct == 4)
  }

  @Test("lets messages overtake each other")
  func orders() {
    let breach = search([.init(.set(1), to: n1), .init(.set(2), to: n1)]) {
      $0.claims = .never { $0.isQuiet && Scribe.Label($0.labels[0]).last == 1 }
    }
    #expect(breach.counterexample?.steps.map(\.text) == ["n1 hears set 2 from you", "n1 hears set 1 from you"])
  }

  @Test("lets a process die between two of its messages")
  func crashInterrupts() {
    let opening = Scribe.openings(.tell([n2, n3], 7))
    let onlyOne: @Sendable (borrowing Glance) -> Bool = {
      Scribe.Label($0.labels[1]).last == 7 && $0.isQuiet && Scribe.Label($0.labels[2]).last == 0
    }
    #expect(search(opening) { $0.claims = .never(onlyOne) }.counterexample == nil)
    let found = search(opening, { $0.crashes = 1 }, { $0.claims = .never(onlyOne) })
    #expect(
      found.counterexample?.steps.map(\.text) == [
        "n1 hears tell 7 from you, sends 1 and crashes", "n2 hears set 7 from n1",
      ])
  }

  @Test("takes what was not synced from a machine that loses power, and only from it")
  func power() {
    // n1 writes, says so at once (or when it is durable), dies and comes back.
    func forgets(_ message: Scribe.Message, _ tune: (inout ExplorationBounds) -> Void) -> Exploration {
      search([.init(message, to: n1)], tune) {
        $0.claims = .never {
          Scribe.Label($0.labels[1]).last == 9 && $0.isUp(0) && Scribe.Label($0.labels[0]).kept == 0
        }
      }
    }
    #expect(
      forgets(.write(9, sayTo: n2, synced: false)) {
        $0.crashes = 1
        $0.restarts = true
      }.counterexample == nil)
    let lost = forgets(.write(9, sayTo: n2, synced: false)) {
      $0.powerFailures = 1
      $0.restarts = true
    }
    #expect(lost.counterexample?.steps.count == 4)
    #expect(
      forgets(.write(9, sayTo: n2, synced: true)) {
        $0.powerFailures = 1
        $0.restarts = true
      }.counterexample == nil)
  }

  @Test("loses, doubles and cuts as often as it may", arguments: ["loss", "duplicate", "cut", "none"])
  func networkFaults(fault: String) {
    // n1 tells n2 and n3 each to add one.
    let found = search(
      Scribe.openings(.tellToAdd([n2, n3])),
      {
        $0.losses = fault == "loss" ? 1 : 0
        $0.duplicates = fault == "duplicate" ? 1 : 0
        $0.cuts = fault == "cut" ? 1 : 0
      },
      {
        $0.claims = .never {
          $0.isQuiet && (Scribe.Label($0.labels[1]).last, Scribe.Label($0.labels[2]).last) != (1, 1)
        }
      })
    // Before anything happened both are 0, but then something is under way.
    #expect((found.counterexample == nil) == (fault == "none"))
  }

  @Test("rings timers when nothing is under way, or at any time")
  func timing() {
    // n1 asks n2 and sets a timer: does it ever ring before the answer is there?
    func early(_ timing: ExplorationBounds.Timing, losses: Int = 0) -> Int? {
      search(
        Scribe.openings(.askWithTimer(n2)),
        {
          $0.timing = timing
          $0.losses = losses
        },
        { $0.claims = .never { Scribe.Label($0.labels[0]).last == Scribe.timedOut } }
      ).counterexample?.steps.count
    }
    #expect(early(.quiet) == nil)
    #expect(early(.any) == 2)
    #expect(early(.quiet, losses: 1) == 3)
  }

  @Test("finds the states from which nobody gets what they wait for")
  func blocked() {
    func count(losses: Int) -> Exploration {
      search(
        Scribe.openings(.ask(n2)), { $0.losses = losses },
        {
          $0.claims = ExploredClaims(
            broken: { _ in nil }, isSettled: { Scribe.Label($0.labels[0]).last == Scribe.answered })
        })
    }
    #expect(count(losses: 0).blocked == 0)
    let lossy = count(losses: 1)
    // Whether the question is lost or the answer: the same state.
    #expect(lossy.blocked == 1)
    #expect(lossy.firstBlocked?.steps.last?.text == "ask from n1 to n2 is lost")
  }

  @Test("ends at its bounds, and says at which")
  func limits() {
    func limit(_ tune: (inout ExplorationBounds) -> Void) -> Exploration.Limit? {
      var bounds = ExplorationBounds.known
      tune(&bounds)
      var explorer = Explorer(.known(managers: 6), bounds)
      return explorer.run().limit
    }
    #expect(limit { $0.memory = 100_000 } == .memory)
    #expect(limit { $0.depth = 3 } == .depth)
    #expect(limit { $0.states = 16_384 } == .states)
    #expect(limit { _ in } == nil)
    var explorer = Explorer(.known(managers: 6), .known)
    #expect(explorer.run { _ in false }.limit == .cancelled)
  }

  @Test("carries as many messages under way as it says, and stops at one more", arguments: [198, 199, 200, 201])
  func underWay(others: Int) {
    // One message makes n1 send two: with 199 others under way, these are one too many.
    let openings = Scribe.openings(.tell([n2, n3], 7)) + (0..<others).map { .init(.set($0), to: n1) }
    let found = search(openings, { $0.depth = 1 }, { _ in })
    #expect(found.limit == (others < 199 ? .depth : .underWay))
    // What it begins with may be too much already.
    #expect((found.distinct == 0) == (others >= Exploration.mostUnderWay))
  }

  @Test("tells a schedule that leads to the same breach again")
  func replay() throws {
    var explorer = Explorer(system(Scribe.openings(.tell([n2, n3], 7))) { $0.claim { $0.last == 7 } })
    let found = try #require(explorer.run().counterexample)
    var again = Explorer(explorer.system, explorer.bounds)
    let told = again.follow(found.choices)
    #expect(told.breach == found.breach)
    #expect(told.steps.map(\.text) == found.steps.map(\.text))
    #expect(told.steps.flatMap(\.events).contains { $0.kind == .sent && $0.node == n1 && $0.peer == n2 })
  }
}

// MARK: - A node to search

/// Does as it is told: enough to tell every kind of move by what it leads to.
struct Scribe: Node {
  enum Message: Hashable, Sendable, Narratable {
    case set(Int)
    case add
    case choose(Int)
    case tell([NodeID], Int)
    case tellToAdd([NodeID])
    case write(Int, sayTo: NodeID, synced: Bool)
    case ask(NodeID)
    case askWithTimer(NodeID)
    case question
    case answer

    var summary: String {
      switch self {
      case .set(let number): "set \(number)"
      case .tell(_, let number): "tell \(number)"
      case .question: "ask"
      default: "\(self)"
      }
    }
    var isRoutine: Bool { false }
  }

  enum Timer: Hashable, Sendable { case answerIsLate }

  struct Disk: Durable {
    var kept = 0
    var written = 0
    init() {}
    var position: UInt64 { written == 0 ? 0 : 1 }
    mutating func synced(through position: UInt64) { if position > 0 { kept = written } }
    mutating func losePower(_ choices: inout Choices) { if kept != written, choices.choose(2) == 0 { written = kept } }
  }

  /// The last number heard, and what is on the disk.
  struct Label {
    var last: Int
    var kept: Int
    init(_ word: UInt64) { (last, kept) = (Int(word & 0xFF), Int(word >> 8)) }
    init(_ node: borrowing Scribe) { (last, kept) = (node.last, node.disk.written) }
    var word: UInt64 { UInt64(last) | UInt64(kept) << 8 }
  }

  static let answered = 100
  static let timedOut = 101

  var disk: Disk
  var last = 0
  var waits = false

  init(_ id: NodeID, _ setup: Void, recovering disk: consuming Disk, _ fx: inout Effects<Self>) { self.disk = disk }
  mutating func reconfigure(_ setup: Void, _ fx: inout Effects<Self>) {}

  mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {
    switch event {
    case .message(let message, let from): hear(message, from, &fx)
    case .timer: if waits { last = Self.timedOut }
    case .durable: break
    }
  }

  private mutating func hear(_ message: Message, _ from: NodeID, _ fx: inout Effects<Self>) {
    switch message {
    case .set(let number): last = number
    case .add: last += 1
    case .choose(let ways): last = 1 + fx.choose(ways, "which")
    case .tell(let nodes, let number): for node in nodes { fx.send(.set(number), to: node) }
    case .tellToAdd(let nodes): for node in nodes { fx.send(.add, to: node) }
    case .write(let number, let node, let synced):
      disk.written = number
      fx.send(.set(number), to: node, after: synced ? fx.sync(through: disk.position) : nil)
    case .ask(let node), .askWithTimer(let node):
      waits = true
      fx.send(.question, to: node)
      if case .askWithTimer = message { fx.set(.answerIsLate, at: fx.now + .seconds(1)) }
    case .question: fx.send(.answer, to: from)
    case .answer:
      waits = false
      if last != Self.timedOut { last = Self.answered }
    }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(last)
    hasher.combine(waits)
    hasher.combine(disk.written)
    hasher.combine(disk.kept)
  }

  static func openings(_ message: Message) -> [ExploredSystem<Scribe>.Opening] { [.init(message, to: n1)] }
}

extension ExploredClaims {
  static func never(_ isSo: @escaping @Sendable (borrowing Glance) -> Bool) -> ExploredClaims {
    ExploredClaims(broken: { isSo($0) ? Breach("Never", "it is so") : nil })
  }
}

extension ExploredSystem<Scribe> {
  /// That n1 is never like this.
  mutating func claim(_ isSo: @escaping @Sendable (Scribe.Label) -> Bool) {
    claims = .never { isSo(Scribe.Label($0.labels[0])) || isSo(Scribe.Label($0.labels[1])) }
  }
}

private func system(
  _ openings: [ExploredSystem<Scribe>.Opening], _ tune: (inout ExploredSystem<Scribe>) -> Void
) -> ExploredSystem<Scribe> {
  var system = ExploredSystem<Scribe>(
    members: [n1, n2, n3].map { .init($0, ()) }, openings: openings, claims: ExploredClaims(broken: { _ in nil }),
    label: { node, _ in Scribe.Label(node).word })
  tune(&system)
  return system
}

private func search(
  _ openings: [ExploredSystem<Scribe>.Opening], _ bound: (inout ExplorationBounds) -> Void = { _ in },
  _ tune: (inout ExploredSystem<Scribe>) -> Void
) -> Exploration {
  var bounds = ExplorationBounds()
  bound(&bounds)
  var explorer = Explorer(system(openings, tune), bounds)
  return explorer.run()
}
