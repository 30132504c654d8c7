import Broker
import Clockwork
import Testing

@Suite("Static members (KIP-345)")
struct StaticMemberTests {
  /// Instances a (c1, leader) and b (c2) in generation 2, stable; ids a-1.1 and b-1.2.
  static func pair() -> Desk {
    var desk = Desk()
    desk.join(1, instance: "a")
    desk.ask(1, .sync(claim(1, "a-1.1", "a"), assignments: [share("a-1.1", 0, 1)]))
    desk.join(2, instance: "b")
    desk.join(1, as: "a-1.1", instance: "a")
    desk.ask(1, .sync(claim(2, "a-1.1", "a"), assignments: [share("a-1.1", 0), share("b-1.2", 1)]))
    desk.ask(2, .sync(claim(2, "b-1.2", "b"), assignments: []))
    return desk
  }

  @Test("a restart takes the old place without a rebalance, and fences who still uses it")
  func restart() {
    var desk = Self.pair()
    _ = desk.said()
    desk.join(2, instance: "b")
    desk.ask(2, .sync(claim(2, "b-1.3", "b"), assignments: []))
    desk.ask(2, .heartbeat(claim(2, "b-1.2", "b")))
    desk.ask(2, .commitOffsets(claim(2, "b-1.2", "b"), offsets: at(7, 1)))
    desk.ask(1, .heartbeat(claim(2, "a-1.1", "a")))
    #expect(
      desk.said() == """
        c2 > JoinGroup riders (instance b)
        c2 < joined generation 2 as b-1.3
        c2 > SyncGroup riders generation 2 as b-1.3
        c2 < assigned orders/1
        c2 > Heartbeat riders generation 2 as b-1.2
        c2 < fencedInstanceID
        c2 > OffsetCommit riders generation 2 as b-1.2: orders/1 at 7
        c2 < fencedInstanceID
        c1 > Heartbeat riders generation 2 as a-1.1
        c1 < alive
        """)
  }

  @Test("a leader that restarts still leads, and is told that the old assignment stands")
  func leaderRestarts() {
    var desk = Self.pair()
    let reply = desk.ask(1, .join(Desk.joining("", "a")))
    guard case .joined(let joined)? = reply else { return #expect(Bool(false), "\(reply as Any)") }
    #expect(joined.skipAssignment)
    #expect(joined.leader == joined.member)
    #expect(joined.members.map(\.member) == ["a-1.3", "b-1.2"])
    #expect(desk.group == "Stable, generation 2, 2 members")
  }

  @Test("its nameless join, doubled on the way, does not fence it", arguments: [true, false])
  func doubled(isLate: Bool) {
    var desk = Self.pair()
    desk.commitsAtOnce = isLate
    desk.ask(2, .join(Desk.joining("", "b")))
    let id = desk.lastCorrelation
    if isLate { desk.ask(2, .sync(claim(2, "b-1.3", "b"), assignments: [])) }
    desk.ask(2, .join(Desk.joining("", "b")), id)
    desk.commit()
    #expect(desk.ask(2, .heartbeat(claim(2, "b-1.3", "b"))) == .alive)
  }

  @Test("a restart during a rebalance rebalances again, since the leader may have shared out to the old id")
  func restartWhileCompleting() {
    var desk = Self.pair()
    desk.join(3)
    desk.join(1, as: "a-1.1", instance: "a")
    desk.join(2, as: "b-1.2", instance: "b")
    #expect(desk.group == "CompletingRebalance, generation 3, 3 members")
    desk.join(2, instance: "b")
    #expect(desk.group == "PreparingRebalance, generation 3, 3 members")
  }

  @Test("an administrator removes one by its instance")
  func removed() {
    var desk = Self.pair()
    #expect(desk.ask(9, .leave(claim(-1, "", "b"))) == .ok)
    #expect(desk.ask(2, .heartbeat(claim(2, "b-1.2", "b"))) == .refused(.unknownMemberID, member: "b-1.2"))
  }

  @Test("it keeps its place while it is away, until its session ends")
  func away() {
    var desk = Self.pair()
    desk.pass(.seconds(9))
    #expect(desk.group == "Stable, generation 2, 2 members")
    desk.ask(1, .heartbeat(claim(2, "a-1.1", "a")))
    desk.pass(.seconds(2))
    #expect(desk.group == "PreparingRebalance, generation 2, 1 members")
  }
}
