import Broker
import Clockwork
import Testing

@Suite("What the coordinator refuses, and what does it no harm")
struct CoordinatorRefusalTests {
  @Test("Kafka's shard: abs(Java hash) modulo n", arguments: [("riders", 17), ("한글", 14), ("polygenelubricants", 0)])
  func shard(group: String, shard: Int32) {
    // polygenelubricants hashes to Int32.min, whose absolute value Kafka takes as 0.
    #expect(GroupSetup(shards: 50).shard(for: group) == shard)
  }

  @Test("a doubled request changes nothing", arguments: [0, 1, 2, 3])
  func doubled(which: Int) {
    var desk = CoordinatorTranscripts.pair()
    let requests: [(client: Int32, request: GroupRequest)] = [
      (1, .join(Desk.joining("c1-1.1"))),
      (2, .sync(claim(2, "c2-1.2"), assignments: [])),
      (1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(5))),
      (1, .sync(claim(2, "c1-1.1"), assignments: [share("c1-1.1", 0, 1)])),
    ]
    let (client, request) = requests[which]
    desk.ask(client, request)
    let id = desk.lastCorrelation
    let before = (desk.group, desk.log)
    desk.ask(client, request, id)
    #expect(before == (desk.group, desk.log))
  }

  @Test("a join that the network held back since the last generation does not disturb this one")
  func overtakenJoin() {
    var desk = Desk()
    let member = desk.join(1)
    let id = desk.lastCorrelation
    desk.ask(1, .sync(claim(1, member), assignments: [share(member, 0)]))
    desk.join(1, as: member)
    desk.ask(1, .sync(claim(2, member), assignments: [share(member, 0)]))
    desk.ask(1, .join(Desk.joining(member)), id)
    #expect(desk.group == "Stable, generation 2, 1 members")
  }

  @Test("a commit that a later one overtook does not take the offset back")
  func overtakenCommit() {
    var desk = CoordinatorTranscripts.pair()
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(20)), CorrelationID(901))
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(10)), CorrelationID(900))
    #expect(desk.offset(TopicPartition("orders", 0)) == 20)
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(10)), CorrelationID(902))
    #expect(desk.offset(TopicPartition("orders", 0)) == 10)  // on purpose: a consumer may go back
  }

  @Test("a lost answer to a join is given again")
  func lostJoin() {
    var desk = Desk()
    let first = desk.join(1)
    desk.join(2)
    desk.join(1, as: first)
    let again = desk.ask(1, .join(Desk.joining(first)))
    guard case .joined(let joined)? = again else { return #expect(Bool(false), "\(again as Any)") }
    #expect(joined.generation == 2 && joined.members.count == 2)
  }

  @Test("an id that nobody comes back with delays the others for a session at most")
  func unusedID() {
    var desk = Desk()
    desk.ask(7, .join(Desk.joining()))
    let member = desk.join(1)
    #expect(desk.group == "PreparingRebalance, generation 0, 1 members")
    desk.pass(.seconds(10))
    #expect(desk.ask(1, .heartbeat(claim(1, member))) == .alive)
  }

  @Test("a group that came to nothing is forgotten")
  func forgotten() {
    var desk = Desk()
    desk.ask(7, .join(Desk.joining()))
    #expect(desk.coordinator.groupNames == ["riders"])
    desk.pass(.seconds(10))
    #expect(desk.coordinator.groupNames == [])
  }

  @Test("joins that cannot be are refused with the reason")
  func refusals() {
    var desk = CoordinatorTranscripts.pair()
    var request = Desk.joining()
    request.sessionTimeout = .seconds(1)
    #expect(desk.ask(3, .join(request)) == .refused(.invalidSessionTimeout, member: ""))
    request = Desk.joining()
    request.protocols = [GroupProtocol(name: "mine", metadata: [])]
    #expect(desk.ask(3, .join(request)) == .refused(.inconsistentGroupProtocol, member: ""))
    request = Desk.joining("c9-0.7")
    #expect(desk.ask(3, .join(request)) == .refused(.unknownMemberID, member: "c9-0.7"))
    #expect(
      desk.ask(
        3,
        .join(
          JoinRequest(
            group: "", sessionTimeout: .seconds(10), rebalanceTimeout: .seconds(10),
            protocols: request.protocols))) == .refused(.invalidGroupID, member: ""))
  }

  @Test("a full group takes nobody more, and keeps those it has")
  func full() {
    var setup = GroupSetup()
    setup.maxMembers = 1
    var desk = Desk(setup)
    let member = desk.join(1)
    #expect(desk.ask(2, .join(Desk.joining())) == .refused(.groupMaxSizeReached, member: ""))
    desk.join(1, as: member)
    #expect(desk.group == "CompletingRebalance, generation 1, 1 members")
  }

  @Test("who is not a member may commit only while the group is empty")
  func simpleCommit() {
    var desk = Desk()
    let nobody = GroupClaim(group: "riders", generation: -1, member: "")
    #expect(desk.ask(9, .commitOffsets(nobody, offsets: at(3))) == .ok)
    desk.join(1)
    #expect(desk.ask(9, .commitOffsets(nobody, offsets: at(1))) == .refused(.unknownMemberID, member: ""))
  }

  @Test("while the assignment is awaited nothing is committed; while members join, the old owners may finish")
  func commitDuringRebalance() {
    var desk = CoordinatorTranscripts.pair()
    desk.join(3)
    #expect(desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(9))) == .ok)
    desk.join(1, as: "c1-1.1")
    desk.join(2, as: "c2-1.2")
    let reply = desk.ask(1, .commitOffsets(claim(3, "c1-1.1"), offsets: at(9)))
    #expect(reply == .refused(.rebalanceInProgress, member: "c1-1.1"))
  }
}
