import Broker
import Clockwork
import Testing

/// What the coordinator and its clients say to each other, word for word.
@Suite("A group, line by line")
struct CoordinatorTranscripts {
  /// c1 and c2 in generation 2, c1 leads; ids c1-1.1 and c2-1.2.
  static func pair() -> Desk {
    var desk = Desk()
    let first = desk.join(1)
    desk.ask(1, .sync(claim(1, first), assignments: [share(first, 0, 1)]))
    let second = desk.join(2)
    desk.join(1, as: first)
    desk.ask(2, .sync(claim(2, second), assignments: []))
    desk.ask(1, .sync(claim(2, first), assignments: [share(first, 0), share(second, 1)]))
    return desk
  }

  @Test("two members join and share the partitions")
  func twoJoin() {
    var desk = Self.pair()
    #expect(
      desk.said() == """
        c1 > JoinGroup riders
        c1 < memberIDRequired: join as c1-1.1
        c1 > JoinGroup riders as c1-1.1
        c1 < joined generation 1 as c1-1.1, leader of 1
        c1 > SyncGroup riders generation 1 as c1-1.1 with 1 assignments
        c1 < assigned orders/0, orders/1
        c2 > JoinGroup riders
        c2 < memberIDRequired: join as c2-1.2
        c2 > JoinGroup riders as c2-1.2
        c1 > JoinGroup riders as c1-1.1
        c1 < joined generation 2 as c1-1.1, leader of 2
        c2 < joined generation 2 as c2-1.2
        c2 > SyncGroup riders generation 2 as c2-1.2
        c1 > SyncGroup riders generation 2 as c1-1.1 with 2 assignments
        c1 < assigned orders/0
        c2 < assigned orders/1
        """)
    #expect(desk.group == "Stable, generation 2, 2 members")
  }

  @Test("a third member makes everybody join again")
  func thirdJoins() {
    var desk = Self.pair()
    _ = desk.said()
    desk.join(3)
    desk.ask(1, .heartbeat(claim(2, "c1-1.1")))
    desk.join(1, as: "c1-1.1")
    desk.ask(2, .heartbeat(claim(2, "c2-1.2")))
    desk.join(2, as: "c2-1.2")
    #expect(
      desk.said() == """
        c3 > JoinGroup riders
        c3 < memberIDRequired: join as c3-1.3
        c3 > JoinGroup riders as c3-1.3
        c1 > Heartbeat riders generation 2 as c1-1.1
        c1 < rebalanceInProgress
        c1 > JoinGroup riders as c1-1.1
        c2 > Heartbeat riders generation 2 as c2-1.2
        c2 < rebalanceInProgress
        c2 > JoinGroup riders as c2-1.2
        c1 < joined generation 3 as c1-1.1, leader of 3
        c2 < joined generation 3 as c2-1.2
        c3 < joined generation 3 as c3-1.3
        """)
  }

  @Test("a member that falls silent is removed after its session time-out, and the other takes over")
  func crash() {
    var desk = Self.pair()
    _ = desk.said()
    desk.pass(.seconds(6))
    desk.ask(1, .heartbeat(claim(2, "c1-1.1")))
    desk.pass(.seconds(5))
    desk.ask(1, .heartbeat(claim(2, "c1-1.1")))
    desk.join(1, as: "c1-1.1")
    #expect(
      desk.said() == """
        -- 6.000s
        c1 > Heartbeat riders generation 2 as c1-1.1
        c1 < alive
        -- 11.000s
        c1 > Heartbeat riders generation 2 as c1-1.1
        c1 < rebalanceInProgress
        c1 > JoinGroup riders as c1-1.1
        c1 < joined generation 3 as c1-1.1, leader of 1
        """)
  }

  @Test("a zombie of an older generation is fenced on every call")
  func zombie() {
    var desk = Self.pair()
    desk.pass(.seconds(6))
    desk.ask(1, .heartbeat(claim(2, "c1-1.1")))
    desk.pass(.seconds(5))
    desk.join(1, as: "c1-1.1")
    desk.ask(1, .sync(claim(3, "c1-1.1"), assignments: [share("c1-1.1", 0, 1)]))
    desk.ask(1, .commitOffsets(claim(3, "c1-1.1"), offsets: at(50, 1)))
    _ = desk.said()
    // c2 was paused for eleven seconds and knows of nothing.
    desk.ask(2, .commitOffsets(claim(2, "c2-1.2"), offsets: at(40, 1)))
    desk.ask(2, .heartbeat(claim(2, "c2-1.2")))
    desk.ask(2, .sync(claim(2, "c2-1.2"), assignments: []))
    // c1's own past is fenced by the generation.
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(30, 1)))
    #expect(
      desk.said() == """
        c2 > OffsetCommit riders generation 2 as c2-1.2: orders/1 at 40
        c2 < unknownMemberID
        c2 > Heartbeat riders generation 2 as c2-1.2
        c2 < unknownMemberID
        c2 > SyncGroup riders generation 2 as c2-1.2
        c2 < unknownMemberID
        c1 > OffsetCommit riders generation 2 as c1-1.1: orders/1 at 30
        c1 < illegalGeneration
        """)
    #expect(desk.offset(TopicPartition("orders", 1)) == 50)
  }

  @Test("the leader crashes before it has shared out: the other is made leader of the next generation")
  func leaderCrashesCompleting() {
    var desk = Desk()
    let first = desk.join(1)
    let second = desk.join(2)
    desk.join(1, as: first)
    desk.ask(2, .sync(claim(2, second), assignments: []))
    #expect(desk.group == "CompletingRebalance, generation 2, 2 members")
    _ = desk.said()
    desk.pass(.seconds(11))
    desk.join(2, as: second)
    desk.ask(2, .sync(claim(3, second), assignments: [share(second, 0, 1)]))
    #expect(
      desk.said() == """
        c2 < rebalanceInProgress
        -- 11.000s
        c2 > JoinGroup riders as c2-1.2
        c2 < joined generation 3 as c2-1.2, leader of 1
        c2 > SyncGroup riders generation 3 as c2-1.2 with 1 assignments
        c2 < assigned orders/0, orders/1
        """)
  }

  @Test("a member that does not join again within the rebalance time-out is left out")
  func rebalanceTimeout() {
    var desk = Self.pair()
    desk.join(3)
    desk.join(1, as: "c1-1.1")
    for _ in 0..<12 {
      desk.pass(.seconds(5))
      desk.ask(2, .heartbeat(claim(2, "c2-1.2")))  // alive, but never joins
    }
    #expect(desk.group == "CompletingRebalance, generation 3, 2 members")
    #expect(desk.ask(2, .heartbeat(claim(2, "c2-1.2"))) == .refused(.unknownMemberID, member: "c2-1.2"))
  }

  @Test("who leaves is not waited for")
  func leave() {
    var desk = Self.pair()
    #expect(desk.ask(2, .leave(claim(2, "c2-1.2"))) == .ok)
    #expect(desk.group == "PreparingRebalance, generation 2, 1 members")
    desk.join(1, as: "c1-1.1")
    #expect(desk.group == "CompletingRebalance, generation 3, 1 members")
    #expect(desk.ask(1, .leave(claim(3, "c1-1.1"))) == .ok)
    #expect(desk.group == "Empty, generation 4, 0 members")
  }

  @Test("an empty group waits for more members when told to, longer while they keep coming")
  func initialDelay() {
    var desk = Desk(GroupSetup(initialRebalanceDelay: .seconds(3)))
    desk.join(1)
    desk.pass(.seconds(2))
    desk.join(2)
    desk.pass(.seconds(2))
    #expect(desk.group == "PreparingRebalance, generation 0, 2 members")
    desk.pass(.seconds(2))
    #expect(desk.group == "CompletingRebalance, generation 1, 2 members")
  }
}
