import Broker
import Clockwork
import Testing

@Suite("Quorum")
struct QuorumTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3)

  @Test("three voters elect one leader and commit its first record")
  func electsLeader() {
    var world = QuorumWorld(3)
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
}
