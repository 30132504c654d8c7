import Clockwork
import Simulation
import Testing

@Suite struct NemesisTests {
  static let nodes = (1...5).map { NodeID($0) }

  @Test("A plan is in order, within its time, and the same for the same seed", arguments: 1...10 as ClosedRange<UInt64>)
  func plans(seed: UInt64) {
    let nemesis = Nemesis(nodes: Self.nodes, pace: .milliseconds(50))
    let end = Interval.seconds(10).after
    let plan = nemesis.plan(seed: seed, from: .start, to: end)
    #expect(plan == nemesis.plan(seed: seed, from: .start, to: end))
    #expect(plan != nemesis.plan(seed: seed + 1000, from: .start, to: end))
    #expect(plan.map(\.time) == plan.map(\.time).sorted())
    #expect(plan.count > 100)
    #expect(plan.last?.time == end)
  }

  @Test("Over some seeds it strikes in every way")
  func everyKind() {
    let nemesis = Nemesis(nodes: Self.nodes, pace: .milliseconds(50))
    let plan = nemesis.plan(seed: 1, from: .start, to: Interval.seconds(20).after)
    let words = Set(plan.compactMap { $0.fault.description.split(separator: " ").first.map(String.init) })
    #expect(
      words == [
        "crash", "power", "restart", "pause", "resume", "cut", "heal", "latency", "lose", "duplicate", "reorder",
        "skew", "fsync", "calm",
      ])
  }

  @Test("Never more nodes are down or paused than it may, and all are up and whole at the end", arguments: [0, 1, 2])
  func mostDisabled(most: Int) {
    var world = World<Toy>(seed: 1)
    for node in Self.nodes { world.apply(.boot(node, Toy.Setup())) }
    let nemesis = Nemesis(nodes: Self.nodes, mostDisabled: most, pace: .milliseconds(20))
    var worst = 0
    for fault in nemesis.plan(seed: 7, from: .start, to: Interval.seconds(20).after) {
      world.run(until: max(world.now, fault.time))
      world.apply(.fault(fault.fault))
      worst = max(worst, Self.nodes.count { world.status($0) != .up })
    }
    #expect(worst == most)
    for node in Self.nodes {
      #expect(world.status(node) == .up)
      #expect(world.clock(of: node) == world.now)
      #expect(Self.nodes.allSatisfy { world.isCut(Link(node, $0)) == false })
    }
  }

  @Test(
    "Kinds are read from their names",
    arguments: [("all", FaultKinds.all), ("none", []), ("crash,cut", [.crash, .cut])] as [(String, FaultKinds)])
  func kinds(text: String, kinds: FaultKinds) {
    #expect(FaultKinds(parsing: text) == kinds)
    #expect(FaultKinds(parsing: text + ",meteor") == nil)
  }
}

@Suite struct SweepTests {
  @Test("It tells which seeds broke what, and a recorded run of such a seed ends at the same event")
  func broken() throws {
    let sweep = Sweep<Toy> { seed in
      var trial = stormyTrial(seed)
      trial.world.invariants = [OneWriter()]
      return trial
    }
    let (runs, broken) = sweep.run(seeds: 1...8)
    #expect(runs == 8)
    let outcome = try #require(broken.first)
    let timeline = sweep.trial(outcome.seed).recorded()
    #expect(timeline.world.violation == outcome.violation)
    #expect(timeline.end.event == outcome.violation?.event)
  }

  @Test("What must have happened by the end is asked for then")
  func finish() {
    let sweep = Sweep<Toy>(prepare: stormyTrial) { world in
      if world.toy(n1)?.disk.entries.isEmpty == false { world.accuse("EmptyDisk", "n1 wrote") }
    }
    let (_, broken) = sweep.run(seeds: 1...3)
    #expect(broken.map(\.violation?.name) == ["EmptyDisk", "EmptyDisk", "EmptyDisk"])
  }

  @Test("It stops when told")
  func stops() {
    let sweep = Sweep<Toy>(prepare: stormyTrial)
    #expect(sweep.run(seeds: 1...100) { $0.seed < 2 }.runs == 2)
  }
}

/// False on purpose: n3's disk holds only what n1 wrote.
private struct OneWriter: Invariant {
  typealias N = Toy
  var name: String { "OneWriter" }
  mutating func check(_ world: borrowing World<Toy>, touched: NodeID) -> String? {
    guard touched == n3 else { return nil }
    return world.withNode(n3) { $0.disk.entries.contains(2) } == true ? "n3 holds a write of n2" : nil
  }
}
