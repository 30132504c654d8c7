import Broker
import Clockwork
import Testing

/// Raft's promises under every fault at once, and what breaks them when a rule is switched off.
@Suite("Quorum safety")
struct QuorumSafetyTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3), n4 = NodeID(4), n5 = NodeID(5)

  @Test(
    "one leader an epoch, nothing committed is lost, and it heals, whatever loss, crashes, cuts and power failures do",
    arguments: 1...UInt64(40))
  func survivesEverything(seed: UInt64) {
    let world = QuorumWorld(seed % 2 == 0 ? 3 : 5, seed: seed, firstElection: seed % 8 < 4 ? nil : .zero)
    if seed % 4 < 2 { world.setup.snapshotRecords = 9 }
    world.rampage(for: .seconds(40))
    #expect(world.violations == [])

    world.calm()
    let healed = world.run(until: { $0.agrees }, within: .seconds(30))
    for id in world.setup.voters { world.compareCommitted(id) }
    #expect(healed, "seed \(seed): \(world.story.suffix(20))")
    #expect(world.violations == [])
    #expect(world.committed.count > 5, "seed \(seed) committed too little to mean anything")
    #expect(seed % 4 > 1 || world.story.contains { $0.contains("takes a snapshot") }, "seed \(seed) needed none")
  }

  @Test("a vote that is answered before it is durable elects two leaders in one epoch", arguments: [true, false])
  func durableVotes(rule: Bool) {
    var rules = ReplicationRules.kafka
    rules.durableVotes = rule
    let world = QuorumWorld(3, rules: rules)
    world.syncDelay = .milliseconds(500)
    world.cut = { $0 == Self.n1 && $1 == Self.n3 || $0 == Self.n3 && $1 == Self.n1 }
    _ = world.run(until: { $0.leader == Self.n1 })
    world.crash(Self.n2, losingPower: true)
    world.isolate(Self.n1)
    world.restart(Self.n2)
    world.run(.seconds(10))
    #expect(world.violations == (rule ? [] : ["epoch 1: n1 and n3 lead"]))
    if !rule { print("| durable-votes=off | directed schedule: \(world.violations.joined()) |") }
  }

  @Test(
    "a voter that does not mind a shorter log helps a leader that lacks committed entries", arguments: [true, false])
  func upToDateCandidates(rule: Bool) {
    var rules = ReplicationRules.kafka
    rules.upToDateCandidates = rule
    let broken = (1...20).contains { seed in
      let world = QuorumWorld(3, seed: UInt64(seed), rules: rules)
      guard world.run(until: { $0.controller != nil }), let leader = world.controller else { return false }
      world.run(.seconds(1))
      let others = world.setup.voters.filter { $0 != leader }
      world.isolate(others[1])
      world.propose(3, at: leader)
      world.run(.seconds(4))
      world.crash(leader)
      world.crash(others[0])
      world.heal()
      world.restart(others[0])
      world.run(.seconds(8))
      world.restart(leader)
      world.run(.seconds(8))
      return !world.violations.isEmpty
    }
    #expect(broken == !rule)
    if broken { print("| up-to-date-vote=off | directed schedule: a leader that lacks committed entries |") }
  }

  /// n1 spreads entries of epoch 1 in a later epoch; `rival` has an entry of an epoch between, so it can still win and
  /// replace them.
  @Test("an entry of an earlier epoch on a majority can be replaced (Raft, figure 8)", arguments: [true, false])
  func commitOwnEpochOnly(rule: Bool) throws {
    var rules = ReplicationRules.kafka
    rules.commitOwnEpochOnly = rule
    let world = QuorumWorld(5, rules: rules)
    world.elect(Self.n1)

    // More than one fetch can carry, so that the later epoch's first record stays behind.
    world.isolate(Self.n1, Self.n2)
    world.propose(100, at: Self.n1)
    world.run(.milliseconds(10))
    world.crash(Self.n1)
    world.crash(Self.n2)
    _ = world.run(until: { $0.leader != nil })
    let rival = try #require(world.leader)
    world.crash(rival)

    world.heal()
    world.restart(Self.n1)
    let others = [Self.n3, Self.n4, Self.n5].filter { $0 != rival }
    let spread = world.run(until: { world in others.allSatisfy { world.voters[$0]!.disk.log.endOffset == 65 } })
    #expect(spread)
    world.run(.microseconds(2500))
    world.crash(Self.n1)
    world.isolate(Self.n1)

    world.restart(rival)
    world.run(.seconds(10))
    #expect(world.leader == rival)
    #expect(world.violations.isEmpty == rule, "\(world.violations)")
    if !rule { print("| commit-own-epoch=off | directed schedule, Raft's figure 8: \(world.violations.first ?? "") |") }
  }
}

extension QuorumWorld {
  /// Faults of every kind, while whoever leads proposes.
  func rampage(for interval: Interval) {
    loss = 50
    duplication = 100
    delay = .milliseconds(60)
    syncDelay = .milliseconds(20)
    let end = now + interval
    while now < end {
      run(.milliseconds(Int64(20 + dice.roll(300))))
      let node = setup.voters[Int(dice.roll(UInt64(setup.voters.count)))]
      switch dice.roll(12) {
      case 0, 1: crash(node, losingPower: dice.chance(perMille: 500))
      case 2, 3, 4, 5: for id in setup.voters { restart(id) }
      case 6: isolate(node)
      case 7: cut = { sender, _ in sender == node }
      case 8: heal()
      default: if let leader { propose(Int64(1 + dice.roll(100)), at: leader) }
      }
    }
  }

  /// No more faults, everybody up.
  func calm() {
    loss = 0
    duplication = 0
    heal()
    for id in setup.voters { restart(id) }
  }

  /// Everybody follows one active controller and knows all that it knows to be committed.
  var agrees: Bool {
    guard let controller, let end = voters[controller]?.disk.log.endOffset else { return false }
    return setup.voters.allSatisfy {
      voters[$0]!.quorum.leader == controller && voters[$0]!.quorum.highWatermark == end
    }
  }
}
