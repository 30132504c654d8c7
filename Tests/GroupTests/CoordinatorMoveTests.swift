import Broker
import Clockwork
import RecordLog
import Testing

@Suite("The coordinator and its log")
struct CoordinatorMoveTests {
  let zero = TopicPartition("orders", 0)

  @Test("a group and its offsets survive a move: nobody need join again")
  func survives() {
    var desk = CoordinatorTranscripts.pair()
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17)))
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(18)))
    desk.moveCoordinator()
    #expect(desk.offset(zero) == 18)
    #expect(desk.group == "Stable, generation 2, 2 members")
    #expect(desk.ask(2, .heartbeat(claim(2, "c2-1.2"))) == .alive)
    #expect(desk.join(3) == "c3-2.1")  // of the second reign: no id is ever given twice
    desk.pass(.seconds(11))
    desk.ask(2, .heartbeat(claim(2, "c2-1.2")))
    #expect(desk.said().hasSuffix("c2 < unknownMemberID"))
  }

  @Test("nothing is answered before it is committed")
  func waits() {
    var desk = CoordinatorTranscripts.pair()
    desk.commitsAtOnce = false
    #expect(desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17))) == nil)
    #expect(desk.offset(zero) == -1)
    desk.commit()
    #expect(desk.replies.last?.reply == .ok)
    #expect(desk.offset(zero) == 17)
  }

  @Test("an append that fails is answered by what to do about it")
  func fails() {
    var desk = CoordinatorTranscripts.pair()
    desk.commitsAtOnce = false
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17)))
    desk.fail(.notEnoughReplicas)
    #expect(desk.replies.last?.reply == .refused(.coordinatorNotAvailable, member: ""))
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17)))
    desk.fail(.notLeaderOrFollower)
    #expect(desk.replies.last?.reply == .refused(.notCoordinator, member: ""))
    #expect(desk.offset(zero) == -1)
  }

  @Test("an assignment that cannot be written makes the group share again")
  func assignmentFails() {
    var desk = Desk()
    let member = desk.join(1)
    desk.commitsAtOnce = false
    desk.ask(1, .sync(claim(1, member), assignments: [share(member, 0)]))
    desk.fail(.requestTimedOut)
    #expect(desk.group == "PreparingRebalance, generation 1, 1 members")
    desk.commitsAtOnce = true
    desk.join(1, as: member)
    #expect(desk.ask(1, .sync(claim(2, member), assignments: [share(member, 0)])) != nil)
    #expect(desk.group == "Stable, generation 2, 1 members")
  }

  @Test("whoever waits is sent away when the coordinator resigns; what it asked later is refused")
  func resigns() {
    var desk = CoordinatorTranscripts.pair()
    desk.join(3)
    desk.commitsAtOnce = false
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17)))
    _ = desk.said()
    desk.act { $0.resign(0, &$1) }
    desk.ask(2, .heartbeat(claim(2, "c2-1.2")))
    desk.commit()  // too late to matter
    #expect(
      desk.said() == """
        c3 < notCoordinator
        c1 < notCoordinator
        c2 > Heartbeat riders generation 2 as c2-1.2
        c2 < notCoordinator
        """)
  }

  @Test("while it loads, only heartbeats are answered well")
  func loading() {
    var desk = CoordinatorTranscripts.pair()
    desk.act { $0.begin(0, epoch: LeaderEpoch(5), &$1) }
    #expect(desk.ask(1, .heartbeat(claim(2, "c1-1.1"))) == .alive)
    #expect(
      desk.ask(1, .fetchOffsets(group: "riders", partitions: [])) == .refused(.coordinatorLoadInProgress, member: ""))
  }

  @Test("a deleted group leaves tombstones only")
  func deleted() {
    var desk = CoordinatorTranscripts.pair()
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(17)))
    #expect(desk.ask(9, .delete(group: "riders")) == .refused(.nonEmptyGroup, member: ""))
    desk.ask(1, .leave(claim(2, "c1-1.1")))
    desk.ask(2, .leave(claim(2, "c2-1.2")))
    #expect(desk.ask(9, .delete(group: "riders")) == .ok)
    #expect(desk.ask(9, .delete(group: "riders")) == .refused(.groupIDNotFound, member: ""))
    desk.moveCoordinator()
    #expect(desk.coordinator.groupNames == [])
    #expect(desk.offset(zero) == -1)
  }

  @Test("records are Kafka's: OffsetCommit key 1 and value 3")
  func encoding() throws {
    var desk = Desk()
    desk.now = Instant(nanoseconds: 258_000_000)
    let offset = GroupOffset(partition: TopicPartition("o", 3), offset: 5, leaderEpoch: 2, metadata: "m")
    let claim = GroupClaim(group: "g", generation: -1, member: "")
    #expect(desk.ask(1, .commitOffsets(claim, offsets: [offset])) == .ok)
    let record = try #require(desk.log.first)
    #expect(record.key == [0, 1, 0, 1, 0x67, 0, 1, 0x6F, 0, 0, 0, 3])
    #expect(
      record.value == [0, 3] + [0, 0, 0, 0, 0, 0, 0, 5] + [0, 0, 0, 2] + [0, 1, 0x6D] + [0, 0, 0, 0, 0, 0, 1, 2])
  }

  @Test("records that cannot be read are passed over, cut at any byte")
  func unreadable() {
    let whole = CoordinatorTranscripts.pair().log
    for record in whole {
      for cut in 0..<(record.value?.count ?? 0) {
        var desk = Desk()
        desk.log = [Record(key: record.key, value: record.value.map { Array($0[..<cut]) })]
        desk.moveCoordinator()
        #expect(desk.coordinator.groupNames == [])
      }
    }
    var desk = Desk()
    desk.log = [Record(key: [0, 9], value: [1]), Record(key: [], value: nil), Record(key: nil, value: [])] + whole
    desk.moveCoordinator()
    #expect(desk.group == "Stable, generation 2, 2 members")
  }
}
