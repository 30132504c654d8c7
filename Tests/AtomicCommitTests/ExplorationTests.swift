import AtomicCommit
import Simulation
import Testing

/// Every order of everything, for few participants: counts are pinned, and change when a protocol or the model does.
@Suite("Atomic commitment, searched exhaustively")
struct ExplorationTests {
  private func search(
    _ rule: CommitProtocol, _ participants: Int, noVotes: Int = 0, _ tune: (inout ExplorationBounds) -> Void = { _ in }
  ) -> Exploration {
    let space = CommitSpace(rule, participants: participants, noVotes: noVotes)
    var bounds = space.standard
    tune(&bounds)
    var explorer = Explorer(space.system(bounds), bounds)
    return explorer.run()
  }

  @Test(
    "without faults everybody decides, and all that vote yes commit", arguments: CommitProtocol.allCases, [0, 1])
  func noFaults(rule: CommitProtocol, noVotes: Int) {
    let found = search(rule, 2, noVotes: noVotes) { $0.crashes = 0 }
    #expect(found.counterexample == nil, "\(String(describing: found.counterexample))")
    #expect(found.limit == nil)
    #expect(found.blocked == 0)
  }

  @Test(
    "AC1 to AC4 hold while processes only crash, and AC5 once they are back",
    arguments: [CommitProtocol.twoPhase, .presumedAbort, .threePhase, .quorum, .paxos], [0, 1])
  func crashesAreSurvived(rule: CommitProtocol, noVotes: Int) {
    let found = search(rule, 2, noVotes: noVotes)
    #expect(found.counterexample == nil, "\(String(describing: found.counterexample))")
    #expect(found.limit == nil)
    #expect(found.stuck == 0)
  }

  @Test("two phases block in four steps; three phases never do, while processes only crash and do not come back")
  func blocking() {
    let any = search(.twoPhase, 2) { ($0.restarts, $0.timing) = (false, .any) }
    #expect(any.firstBlocked?.steps.count == 4)
    // A vote is certain as soon as its request is under way, where no time-out can overtake it.
    #expect(search(.twoPhase, 2) { $0.restarts = false }.firstBlocked?.steps.count == 3)
    #expect(search(.threePhase, 2).blocked == 0)
    #expect(search(.threePhase, 2) { $0.crashes = 2 }.blocked == 0)
  }

  @Test("three phases split when the network is cut, and when a message is merely slow")
  func threePhasesSplit() {
    let cut = search(.threePhase, 1) { ($0.crashes, $0.cuts) = (0, 1) }
    #expect(cut.counterexample?.breach.name == "AC1")
    #expect(cut.counterexample?.steps.count == 6)
    let slow = search(.threePhase, 1) { ($0.crashes, $0.timing) = (0, .any) }
    #expect(slow.counterexample?.breach.name == "AC1")
    #expect(slow.counterexample?.steps.count == 5)
  }

  @Test("three phases without a termination protocol split after one crash")
  func timeoutsAloneSplit() {
    let found = search(.threePhaseTimeout, 2)
    #expect(found.counterexample?.breach.name == "AC1")
    #expect(found.counterexample?.steps.count == 8)
    #expect(found.counterexample?.steps.contains { $0.text.hasSuffix("sends 1 and crashes") } == true)
  }

  @Test("what repairs three phases survives the cut", arguments: [CommitProtocol.quorum, .paxos])
  func repairs(rule: CommitProtocol) {
    let found = search(rule, 1) { ($0.crashes, $0.cuts) = (0, 1) }
    #expect(found.counterexample == nil)
    #expect(found.limit == nil)
  }

  @Test("a schedule breaks the same claim when it is taken again")
  func replay() throws {
    let space = CommitSpace(.threePhaseTimeout, participants: 2)
    var explorer = Explorer(space.system(space.standard), space.standard)
    let found = try #require(explorer.run().counterexample)
    var again = Explorer(space.system(space.standard), space.standard)
    #expect(again.follow(found.choices).breach == found.breach)
  }

  @Test(
    "counts",
    arguments: [(CommitProtocol.twoPhase, 2, 1380), (.threePhase, 2, 157), (.quorum, 2, 175), (.paxos, 2, 729)])
  func counts(rule: CommitProtocol, participants: Int, states: Int) {
    #expect(search(rule, participants).distinct == states)
  }

  @Test(
    "states that differ in names only are counted once: each stands for as many as there are, and nothing else changes",
    arguments: [
      (CommitProtocol.twoPhase, 2, 0), (.twoPhase, 3, 1), (.presumedAbort, 2, 0), (.threePhaseTimeout, 2, 0),
      (.paxos, 2, 0), (.presumedAbort, 3, 1),
    ])
  func symmetry(rule: CommitProtocol, participants: Int, noVotes: Int) {
    let whole = search(rule, participants, noVotes: noVotes) { ($0.sendsInAnyOrder, $0.keepsGoing) = (true, true) }
    let once = search(rule, participants, noVotes: noVotes) { ($0.usesSymmetry, $0.keepsGoing) = (true, true) }
    #expect(once.standsFor == whole.distinct)
    #expect(whole.standsFor == whole.distinct)
    #expect(once.distinct < whole.distinct)
    #expect(once.depth == whole.depth)
    #expect((once.breaches > 0) == (whole.breaches > 0))
    #expect(once.counterexample?.steps.count == whole.counterexample?.steps.count)
    #expect((once.blocked > 0, once.stuck > 0) == (whole.blocked > 0, whole.stuck > 0))
    #expect(once.firstBlocked?.steps.count == whole.firstBlocked?.steps.count)
  }

  @Test("three phases elect by place, and are not looked at as if they did not")
  func unlike() {
    for rule in [CommitProtocol.threePhase, .quorum] {
      let found = search(rule, 2) { ($0.usesSymmetry, $0.restarts) = (true, false) }
      #expect(found.standsFor == found.distinct)
    }
  }

  @Test("a node that is not renamed whole is found out by the number of states that it stands for")
  func brokenRenaming() {
    let space = CommitSpace(.twoPhase, participants: 2)
    var bounds = space.standard
    bounds.usesSymmetry = true
    var system = space.system(bounds)
    // Who voted is forgotten to be renamed: messages are, nodes are not.
    system.symmetry?.node = { node, _ in node }
    var explorer = Explorer(system, bounds)
    let found = explorer.run()
    bounds.usesSymmetry = false
    bounds.sendsInAnyOrder = true
    var whole = Explorer(space.system(bounds), bounds)
    #expect(found.standsFor != whole.run().distinct)
  }
}
