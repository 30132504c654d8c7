import Broker
import Clockwork
import Testing

@Suite("Quorum")
struct QuorumTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3)

  @Test("three voters elect one leader and commit its first record")
  func electsLeader() {
    let world = QuorumWorld(3)
    let elected = world.run(until: { $0.controller != nil })
    #expect(elected)
    world.run(.seconds(1))
    #expect(
      world.story == [
        "n1 -> n2 PreVote e0? my log ends at 0 in e0",
        "n1 -> n3 PreVote e0? my log ends at 0 in e0",
        "n2 -> n1 PreVote e0: yes",
        "n1 stands for controller in epoch 1",
        "n3 -> n1 PreVote e0: yes",
        "n1 -> n2 Vote e1? my log ends at 0 in e0",
        "n2 votes for n1 in epoch 1",
        "n1 -> n3 Vote e1? my log ends at 0 in e0",
        "n3 votes for n1 in epoch 1",
        "n2 -> n1 Vote e1: yes",
        "n1 leads the controller quorum in epoch 1",
        "n3 -> n1 Vote e1: yes",
        "n1 -> n2 BeginQuorumEpoch e1",
        "n2 follows controller n1 in epoch 1",
        "n1 -> n3 BeginQuorumEpoch e1",
        "n3 follows controller n1 in epoch 1",
        "n1 -> n2 Metadata 0..0, hw 0 e1",
        "n1 -> n3 Metadata 0..0, hw 0 e1",
        "n1 is the active controller of epoch 1",
      ])
    #expect(world.setup.voters.allSatisfy { world.voters[$0]!.quorum.highWatermark == 1 })
  }

  @Test("voters who ask as soon as they boot elect within milliseconds, and disturb no leader when they come back")
  func asksAtOnce() {
    let world = QuorumWorld(3, firstElection: .zero)
    let elected = world.run(until: { $0.controller == Self.n1 }, within: .milliseconds(20))
    #expect(elected)
    world.crash(Self.n1)
    let others = world.run(until: { $0.controller.map { $0 != Self.n1 } ?? false })
    #expect(others)
    world.run(.seconds(1))
    let (leader, epoch) = (world.controller, world.voters[Self.n2]!.quorum.epoch)
    world.story = []
    world.restart(Self.n1)
    world.run(.milliseconds(10))
    #expect(world.story.contains { $0.hasPrefix("n1 -> n2 PreVote") })
    #expect(world.voters[Self.n1]!.quorum.leader == leader)
    world.run(.seconds(5))
    #expect(world.controller == leader)
    #expect(world.voters.values.allSatisfy { $0.quorum.epoch == epoch })
  }

  @Test("one voter alone leads once its own vote is durable")
  func leadsAlone() {
    let world = QuorumWorld(1)
    let elected = world.run(until: { $0.controller == Self.n1 })
    #expect(elected)
    #expect(world.voters[Self.n1]!.quorum.highWatermark == 1)
  }

  @Test("what a leader proposes is committed on every voter")
  func replicates() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.propose(200, at: Self.n1)
    world.run(.milliseconds(100))
    for id in world.setup.voters {
      #expect(world.voters[id]!.quorum.highWatermark == 201)
      #expect(world.voters[id]!.image.nextProducerID == 200)
    }
  }

  @Test("who was away takes what has been put away as a snapshot, and the rest as entries")
  func catchesUpFromSnapshot() {
    let world = QuorumWorld(3)
    world.setup.snapshotRecords = 50
    world.elect(Self.n1)
    world.crash(Self.n3)
    world.propose(120, at: Self.n1)
    world.run(.milliseconds(100))
    world.propose(20, at: Self.n1)
    world.run(.milliseconds(100))
    let log = world.voters[Self.n1]!.disk.log
    #expect(log.startOffset > 100 && log.endOffset == 141)
    world.story = []
    world.restart(Self.n3)
    world.run(.seconds(3))
    #expect(world.story.contains("n3 takes a snapshot of the metadata up to \(log.startOffset)"))
    #expect(world.voters[Self.n3]!.image == world.image)
    #expect(world.voters[Self.n3]!.disk.log.endOffset == world.voters[Self.n1]!.disk.log.endOffset)
    #expect(world.violations == [])
    // It knows so much from its own disk at once when it comes back.
    world.crash(Self.n3)
    for id in [Self.n1, Self.n2] { world.crash(id) }
    world.restart(Self.n3)
    world.run(.milliseconds(1))
    #expect(world.voters[Self.n3]!.quorum.highWatermark >= log.startOffset)
  }

  @Test("who has entries that contradict what has been put away takes the snapshot in their place")
  func replacesContradiction() {
    let world = QuorumWorld(3)
    world.setup.snapshotRecords = 50
    world.elect(Self.n1)
    world.isolate(Self.n1)
    world.propose(300, at: Self.n1)
    _ = world.run(until: { $0.leader.map { $0 != Self.n1 } ?? false })
    world.run(.seconds(2))
    guard let leader = world.leader else { return }
    world.propose(60, at: leader)
    world.run(.seconds(1))
    #expect(world.voters[leader]!.disk.log.startOffset > 50)
    world.heal()
    world.run(.seconds(5))
    #expect(world.story.contains { $0.hasPrefix("n1 takes a snapshot") })
    #expect(world.agrees)
    for id in world.setup.voters { world.compareCommitted(id) }
    #expect(world.violations == [])
  }

  @Test("a minority commits nothing")
  func minorityCommitsNothing() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.isolate(Self.n1)
    world.propose(1, at: Self.n1)
    world.run(.seconds(1))
    #expect(world.voters[Self.n1]!.quorum.highWatermark == 1)
  }

  @Test("a leader that no majority fetches from resigns, and the others elect another")
  func checksQuorum() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.isolate(Self.n1)
    world.run(.seconds(6))
    #expect(!world.voters[Self.n1]!.quorum.isLeader)
    #expect(world.controller == Self.n3)
    #expect(world.voters[Self.n3]!.quorum.epoch == QuorumEpoch(2))
  }

  @Test("a leader's uncommitted entries are cut when it comes back to a later epoch")
  func cutsDivergence() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.isolate(Self.n1)
    world.propose(5, at: Self.n1)
    world.run(.seconds(6))
    world.propose(1, at: Self.n3)
    world.heal()
    world.run(.seconds(5))
    #expect(world.voters[Self.n1]!.disk.log == world.voters[Self.n3]!.disk.log)
    #expect(world.voters[Self.n1]!.quorum.highWatermark == 3)
    #expect(world.violations == [])
  }

  @Test("a voter that was cut off does not depose the leader when it returns (KIP-996)")
  func returnsQuietly() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.isolate(Self.n3)
    world.run(.seconds(20))
    world.heal()
    world.run(.seconds(5))
    #expect(world.controller == Self.n1)
    #expect(world.voters[Self.n3]!.quorum.epoch == QuorumEpoch(1))
    #expect(world.voters[Self.n3]!.quorum.leader == Self.n1)
  }

  @Test("a restarted voter asks around and follows again without an election")
  func restartsQuietly() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.propose(3, at: Self.n1)
    world.run(.seconds(1))
    world.crash(Self.n2, losingPower: true)
    world.run(.milliseconds(300))
    world.restart(Self.n2)
    world.run(.milliseconds(100))
    #expect(world.voters[Self.n2]!.quorum.leader == Self.n1)
    #expect(world.voters[Self.n2]!.quorum.highWatermark == 4)
  }

  @Test("a leader that resigns on purpose is succeeded at once")
  func resigns() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.act(Self.n1) { voter, fx in voter.quorum.resign(&fx) }
    world.run(.milliseconds(600))
    #expect(world.controller == Self.n2)
  }

  @Test("a delayed copy of a diverging answer does not cut what was acknowledged since")
  func ignoresOvertakenAnswers() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    world.propose(3, at: Self.n1)
    world.run(.seconds(1))
    let stale = QuorumMessage.fetched(
      QuorumEpoch(1), entries: [], from: 2, lastEpoch: QuorumEpoch(1), highWatermark: 0,
      diverging: QuorumEpochEnd(QuorumEpoch(0), 0))
    world.act(Self.n2) { voter, fx in voter.quorum.on(stale, from: Self.n1, &voter.disk, &fx) }
    #expect(world.voters[Self.n2]!.disk.log.endOffset == 4)
  }

  @Test("idle voters exchange only routine messages")
  func idlesQuietly() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    let told = world.story.count
    let scheduled = world.scheduled
    world.run(.seconds(10))
    #expect(world.story.count == told)
    // Two followers, a fetch and an answer each half second, and the timers for them.
    #expect(world.scheduled - scheduled < 200)
  }
}

extension QuorumWorld {
  /// Runs until `id` is the active controller and everybody knows.
  func elect(_ id: NodeID) {
    _ = run(until: { $0.controller == id })
    run(.seconds(1))
  }

  /// Lets the leader at `id` propose `count` records: producer ids 1, 2, 3 …
  func propose(_ count: Int64, at id: NodeID) {
    act(id) { voter, fx in
      let records = (0..<count).map { MetadataRecord.producerIDs(next: $0 + 1) }
      _ = voter.quorum.propose(records, &voter.disk, &fx)
    }
  }
}
