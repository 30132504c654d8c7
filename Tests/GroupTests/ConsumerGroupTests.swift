import Broker
import Clockwork
import Testing

/// The new protocol (KIP-848), line by line.
@Suite("A consumer group of the new protocol")
struct ConsumerGroupTests {
  /// a and b in epoch 2, three partitions each.
  static func pair() -> Desk {
    var desk = Desk.modern()
    desk.hear(1, .join("a"))
    desk.hear(2, .join("b"))
    desk.hear(1, .beat("a", 1, orders(0, 1, 2, 3, 4, 5)))
    desk.hear(1, .beat("a", 1, orders(0, 1, 2)))
    desk.hear(2, .beat("b", 2, []))
    return desk
  }

  @Test("a second member gets what the first has given up, and nobody else stops")
  func reconcile() {
    var desk = Self.pair()
    #expect(
      desk.said() == """
        c1 > ConsumerGroupHeartbeat riders epoch 0 as a, has nothing
        c1 < epoch 1 as a: 1/0 1/1 1/2 1/3 1/4 1/5
        c2 > ConsumerGroupHeartbeat riders epoch 0 as b, has nothing
        c2 < epoch 2 as b: nothing
        c1 > ConsumerGroupHeartbeat riders epoch 1 as a, has 1/0 1/1 1/2 1/3 1/4 1/5
        c1 < epoch 1 as a: 1/0 1/1 1/2
        c1 > ConsumerGroupHeartbeat riders epoch 1 as a, has 1/0 1/1 1/2
        c1 < epoch 2 as a
        c2 > ConsumerGroupHeartbeat riders epoch 2 as b, has nothing
        c2 < epoch 2 as b: 1/3 1/4 1/5
        """)
    #expect(desk.consumers == "Stable, epoch 2, target 2, 2 members")
  }

  @Test("what a member has not said to have given up is nobody else's")
  func unrevoked() {
    var desk = Desk.modern()
    desk.hear(1, .join("a"))
    desk.hear(2, .join("b"))
    desk.hear(1, .beat("a", 1, orders(0, 1, 2, 3, 4, 5)))
    // Silence about its partitions is not giving them up.
    #expect(desk.hear(1, .beat("a", 1))?.epoch == 1)
    #expect(desk.hear(2, .beat("b", 2, []))?.assignment == nil)
    #expect(desk.consumers == "Reconciling, epoch 2, target 2, 2 members")
    // One of three still read: nothing moves.
    desk.hear(1, .beat("a", 1, orders(0, 1, 2, 5)))
    #expect(desk.hear(2, .beat("b", 2, []))?.assignment == nil)
  }

  @Test("a member that does not give up in time is removed, and fenced when it comes back")
  func slow() {
    var desk = Desk.modern()
    desk.hear(1, .join("a"))
    desk.hear(2, .join("b"))
    desk.hear(1, .beat("a", 1, orders(0, 1, 2, 3, 4, 5)))
    for _ in 0..<2 {
      desk.pass(.seconds(31))
      desk.hear(1, .beat("a", 1, orders(0, 1, 2, 3, 4, 5)))
      desk.hear(2, .beat("b", 2, []))
    }
    #expect(desk.hear(1, .beat("a", 1, orders(0)))?.error == .unknownMemberID)
    #expect(desk.hear(2, .beat("b", 3, []))?.error == nil)
    #expect(desk.consumers == "Stable, epoch 3, target 3, 1 members")
  }

  @Test("a silent member is removed after its session, and the others take over")
  func silent() {
    var desk = Self.pair()
    desk.pass(.seconds(30))
    desk.hear(1, .beat("a", 2))
    desk.pass(.seconds(20))
    #expect(desk.hear(1, .beat("a", 2))?.assignment == orders(0, 1, 2, 3, 4, 5))
    #expect(desk.hear(2, .beat("b", 2))?.error == .unknownMemberID)
  }

  @Test("a wrong epoch is fenced, but for the one before when the answer may have been lost")
  func fencing() {
    var desk = Self.pair()
    #expect(desk.hear(1, .beat("a", 9))?.error == .fencedMemberEpoch)
    // The answer with epoch 2 was lost: it still says 1, and has no more than it was given.
    #expect(desk.hear(1, .beat("a", 1, orders(0, 1, 2)))?.epoch == 2)
    #expect(desk.hear(1, .beat("a", 1, orders(0, 1, 2, 3)))?.error == .fencedMemberEpoch)
    #expect(desk.hear(1, .beat("a", 1))?.error == .fencedMemberEpoch)
    #expect(desk.hear(3, .beat("c", 2))?.error == .unknownMemberID)
    // Who has given up everything begins anew, and has its place.
    #expect(desk.hear(1, .join("a"))?.assignment == orders(0, 1, 2))
  }

  @Test("leaving frees the partitions at once")
  func leaving() {
    var desk = Self.pair()
    desk.hear(1, .beat("a", ConsumerHeartbeat.leaving))
    #expect(desk.hear(2, .beat("b", 2))?.assignment == orders(0, 1, 2, 3, 4, 5))
    desk.hear(2, .beat("b", ConsumerHeartbeat.leaving))
    #expect(desk.consumers == "Empty, epoch 4, target 3, 0 members")
  }

  @Test("a static member that says it will be back finds its partitions, under a new id and in the same epoch")
  func staticMember() {
    var desk = Desk.modern()
    desk.hear(1, .join("a", instance: "one"))
    desk.hear(2, .join("b", instance: "two"))
    desk.hear(1, .beat("a", 1, orders(0, 1, 2), instance: "one"))
    desk.hear(2, .beat("b", 2, []))
    // The place is taken until it is left.
    #expect(desk.hear(3, .join("c", instance: "one"))?.error == .unreleasedInstanceID)
    desk.hear(1, .beat("a", ConsumerHeartbeat.leavingForNow, instance: "one"))
    #expect(desk.hear(2, .beat("b", 2))?.assignment == nil)
    let back = desk.hear(3, .join("c", instance: "one"))
    #expect(back?.assignment == orders(0, 1, 2))
    #expect(back?.epoch == 2)
    #expect(desk.hear(1, .beat("a", 2, instance: "one"))?.error == .fencedInstanceID)
    // One that does not come back loses its place with its session.
    desk.hear(3, .beat("c", ConsumerHeartbeat.leavingForNow, instance: "one"))
    desk.pass(.seconds(40))
    desk.hear(2, .beat("b", 2))
    desk.pass(.seconds(6))
    #expect(desk.hear(2, .beat("b", 2))?.assignment == orders(0, 1, 2, 3, 4, 5))
  }

  @Test("topics that grow, come and go are shared anew; an expression takes in those that match")
  func topics() {
    var desk = Desk.modern()
    #expect(desk.hear(1, .join("a", nil, pattern: "rid.*|nothing"))?.assignment?.count == 3)
    desk.coordinator.topics = GroupTopics(
      version: 2,
      GroupTopics.town.topics + [GroupTopics.Topic(name: "ridges", id: TopicUUID(high: 7, low: 3), partitions: 2)])
    #expect(desk.hear(1, .beat("a", 1))?.assignment?.count == 5)
    // More metadata that is not about its topics changes nothing.
    desk.coordinator.topics = GroupTopics(version: 3, desk.coordinator.topics.topics)
    #expect(desk.hear(1, .beat("a", 2))?.assignment == nil)
    desk.coordinator.topics = GroupTopics.town
    let shrunk = desk.hear(1, .beat("a", 2, []))
    #expect(shrunk?.assignment?.count == 3)
    #expect(desk.hear(1, .join("z", nil, pattern: "(")) == .refused(.invalidRegularExpression, member: "z"))
  }

  @Test("requests that make no sense are refused", arguments: faults)
  func faulty(_ heartbeat: ConsumerHeartbeat, _ error: BrokerError) {
    var desk = Desk.modern()
    #expect(desk.hear(1, heartbeat)?.error == error)
  }

  static let faults: [(ConsumerHeartbeat, BrokerError)] = [
    (.join("a", nil), .invalidRequest),
    (ConsumerHeartbeat(group: "riders", member: "a", epoch: 0, topics: ["orders"], owned: []), .invalidRequest),
    (
      ConsumerHeartbeat(
        group: "riders", member: "a", epoch: 0, rebalanceTimeout: .seconds(1), topics: ["orders"], owned: orders(1)),
      .invalidRequest
    ),
    (.beat("a", -3), .invalidRequest), (.beat("a", -2), .invalidRequest), (.beat("", 4), .invalidRequest),
    (.join("a", assignor: "sticky"), .unsupportedAssignor), (.beat("a", 4), .groupIDNotFound),
  ]

  // MARK: Commits

  @Test("offsets are committed in the member's epoch, or an earlier one in which it had the partition already")
  func commits() {
    var desk = Self.pair()
    #expect(desk.ask(1, .commitOffsets(claim(2, "a"), offsets: at(5, 0))) == .ok)
    // KIP-1251: it has had partition 0 since epoch 1.
    #expect(desk.ask(1, .commitOffsets(claim(1, "a"), offsets: at(6, 0))) == .ok)
    #expect(desk.ask(1, .commitOffsets(claim(1, "a"), offsets: at(7, 3)))?.error == .staleMemberEpoch)
    #expect(desk.ask(2, .commitOffsets(claim(1, "b"), offsets: at(7, 3)))?.error == .staleMemberEpoch)
    #expect(desk.ask(3, .commitOffsets(claim(2, "c"), offsets: at(7, 3)))?.error == .unknownMemberID)
    #expect(desk.ask(3, .commitOffsets(claim(-1, ""), offsets: at(7, 3)))?.error == .unknownMemberID)
    #expect(desk.offset(TopicPartition("orders", 0)) == 6)
    let stale = GroupRequest.fetchOffsets(group: "riders", partitions: [], member: claim(1, "b"))
    #expect(desk.ask(2, stale)?.error == .staleMemberEpoch)
    let producer = TransactionClaim(transactionalID: "t", producerID: 4, producerEpoch: 0)
    let inTransaction = GroupRequest.commitTransactionOffsets(claim(1, "b"), producer, offsets: at(7, 3))
    #expect(desk.ask(2, inTransaction)?.error == .illegalGeneration)
  }

  @Test("who is in no group commits while nobody is in it, under whatever name")
  func loneCommits() {
    var desk = Desk.modern()
    // Clients of the new protocol have a name before they join.
    #expect(desk.ask(1, .commitOffsets(claim(-1, "lone"), offsets: at(5, 0))) == .ok)
    desk.hear(2, .join("a"))
    #expect(desk.ask(1, .commitOffsets(claim(-1, "lone"), offsets: at(6, 0)))?.error == .unknownMemberID)
    desk.hear(2, .beat("a", ConsumerHeartbeat.leaving))
    #expect(desk.ask(1, .commitOffsets(claim(-1, "lone"), offsets: at(7, 0))) == .ok)
    let unstable = GroupRequest.fetchOffsets(group: "riders", partitions: [], member: claim(-1, "lone"))
    #expect(desk.ask(1, unstable)?.error == nil)
  }

  // MARK: The two protocols

  @Test("neither protocol gets into a group that has members of the other")
  func migration() {
    var desk = Self.pair()
    #expect(desk.ask(9, .join(Desk.joining()))?.error == .inconsistentGroupProtocol)
    #expect(desk.ask(9, .heartbeat(claim(2, "a")))?.error == .unknownMemberID)
    #expect(desk.ask(9, .delete(group: "riders"))?.error == .nonEmptyGroup)
    var classic = Desk.modern()
    classic.join(1)
    #expect(classic.hear(2, .join("b"))?.error == .groupIDNotFound)
    #expect(classic.ask(9, .describeConsumers(group: "riders"))?.error == .groupIDNotFound)
  }

  @Test("an empty group changes its protocol with whoever comes next, and keeps its offsets", arguments: [false, true])
  func change(_ moves: Bool) {
    var desk = Desk.modern()
    let member = desk.join(1)
    desk.ask(1, .sync(claim(1, member), assignments: [share(member, 0)]))
    desk.ask(1, .commitOffsets(claim(1, member), offsets: at(5, 0)))
    desk.ask(1, .leave(claim(1, member)))
    #expect(desk.hear(2, .join("b"))?.epoch == 1)
    if moves { desk.moveModern() }
    #expect(desk.offset(TopicPartition("orders", 0)) == 5)
    #expect(desk.group == "Dead, generation 0, 0 members")
    desk.hear(2, .beat("b", ConsumerHeartbeat.leaving))
    desk.join(3)
    if moves { desk.moveModern() }
    #expect(desk.ask(9, .describeConsumers(group: "riders"))?.error == .groupIDNotFound)
    #expect(desk.offset(TopicPartition("orders", 0)) == 5)
  }

  @Test("lists tell the two kinds apart; an administrator may remove a member, and delete what is empty")
  func administration() {
    var desk = Self.pair()
    let listing = GroupListing(group: "riders", protocolType: "consumer", state: "Stable", kind: .consumer)
    #expect(desk.ask(9, .list(states: ["stable"], kinds: [.consumer])) == .listed([listing]))
    #expect(desk.ask(9, .list(states: [], kinds: [.classic])) == .listed([]))
    #expect(desk.ask(9, .leave(claim(-1, "a"))) == .ok)
    #expect(desk.ask(9, .leave(claim(-1, "b"))) == .ok)
    #expect(desk.ask(9, .delete(group: "riders")) == .ok)
    desk.moveModern()
    #expect(desk.ask(9, .list(states: [])) == .listed([]))
  }

  // MARK: The log

  @Test("another coordinator goes on where the log ends")
  func moving() {
    var desk = Self.pair()
    desk.moveModern()
    #expect(desk.consumers == "Stable, epoch 2, target 2, 2 members")
    #expect(desk.hear(1, .beat("a", 2))?.assignment == nil)
    #expect(desk.hear(2, .beat("b", 2, orders(3, 4, 5)))?.error == nil)
    desk.hear(1, .beat("a", ConsumerHeartbeat.leaving))
    desk.moveModern()
    #expect(desk.hear(2, .beat("b", 2))?.assignment == orders(0, 1, 2, 3, 4, 5))
  }

  @Test("nothing is told before it is in the log, nor anything built on it")
  func durability() {
    var desk = Desk.modern()
    desk.commitsAtOnce = false
    #expect(desk.hear(1, .join("a")) == nil)
    // Nothing new, but the first answer is still in doubt.
    #expect(desk.hear(1, .beat("a", 1)) == nil)
    desk.commit()
    #expect(desk.replies.suffix(2).map(\.reply.epoch) == [1, 1])
    #expect(desk.hear(1, .beat("a", 1))?.epoch == 1)
  }

  @Test("what did not get into the log is written again, tombstones included")
  func failure() {
    var desk = Self.pair()
    desk.commitsAtOnce = false
    desk.hear(1, .beat("a", ConsumerHeartbeat.leaving))
    desk.forget(4)
    desk.fail(.notEnoughReplicas)
    #expect(desk.replies.last?.reply.error == .coordinatorNotAvailable)
    desk.commitsAtOnce = true
    #expect(desk.hear(2, .beat("b", 2))?.assignment == orders(0, 1, 2, 3, 4, 5))
    desk.moveModern()
    #expect(desk.hear(1, .beat("a", 2))?.error == .unknownMemberID)
    #expect(desk.consumers == "Stable, epoch 3, target 3, 1 members")
  }
}

extension Desk {
  /// Another broker takes over, which knows the same topics.
  mutating func moveModern() {
    let topics = coordinator.topics
    moveCoordinator()
    coordinator.topics = topics
  }

  /// The last records were never written.
  mutating func forget(_ count: Int) { log.removeLast(count) }
}
