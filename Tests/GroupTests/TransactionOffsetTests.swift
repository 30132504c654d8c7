import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Offsets committed with a transaction")
struct TransactionOffsetTests {
  let zero = TopicPartition("orders", 0)
  let simple = GroupClaim(group: "riders", generation: -1, member: "")

  private func producer(_ id: Int64) -> TransactionClaim {
    TransactionClaim(transactionalID: "till \(id)", producerID: id, producerEpoch: 0)
  }

  private func fetch(_ desk: inout Desk, stable: Bool = true, _ partitions: [TopicPartition] = []) -> GroupReply? {
    desk.ask(9, .fetchOffsets(group: "riders", partitions: partitions, requireStable: stable))
  }

  @Test("count from the marker on, or never", arguments: [true, false])
  func marker(commit: Bool) {
    var desk = Desk()
    desk.ask(1, .commitOffsets(simple, offsets: at(3)))
    #expect(desk.ask(1, .commitTransactionOffsets(simple, producer(7), offsets: at(5))) == .ok)
    #expect(desk.offset(zero) == 3)
    #expect(fetch(&desk) == .refused(.unstableOffsetCommit, member: ""))
    #expect(fetch(&desk, [TopicPartition("orders", 1)]) != .refused(.unstableOffsetCommit, member: ""))
    desk.act { $0.transactionEnded(8, commit: commit, in: 0, &$1) }
    #expect(desk.offset(zero) == 3)
    desk.act { $0.transactionEnded(7, commit: commit, in: 0, &$1) }
    #expect(desk.offset(zero) == (commit ? 5 : 3))
    #expect(fetch(&desk) == .offsets(at(commit ? 5 : 3)))
  }

  @Test("of two commits the one appended later counts, whenever it became visible")
  func order() {
    var desk = Desk()
    desk.ask(1, .commitTransactionOffsets(simple, producer(7), offsets: at(5)))
    desk.ask(1, .commitOffsets(simple, offsets: at(9)))
    desk.act { $0.transactionEnded(7, commit: true, in: 0, &$1) }
    #expect(desk.offset(zero) == 9)
  }

  @Test("that were never appended are forgotten, those in doubt are not")
  func failure() {
    var desk = Desk()
    desk.ask(1, .commitOffsets(simple, offsets: at(3)))
    desk.commitsAtOnce = false
    for (error, expected) in [(BrokerError.notEnoughReplicas, Int64(3)), (.requestTimedOut, 5)] {
      desk.ask(1, .commitTransactionOffsets(simple, producer(7), offsets: at(5)))
      desk.fail(error)
      #expect(desk.replies.last?.reply == .refused(.coordinatorNotAvailable, member: ""))
      desk.act { $0.transactionEnded(7, commit: true, in: 0, &$1) }
      #expect(desk.offset(zero) == expected)
    }
  }

  @Test("a producer that says for whom it reads is fenced with that member")
  func fencing() {
    var desk = CoordinatorTranscripts.pair()
    let transaction = producer(7)
    #expect(desk.ask(1, .commitTransactionOffsets(claim(2, "c1-1.1"), transaction, offsets: at(1))) == .ok)
    #expect(
      desk.ask(1, .commitTransactionOffsets(claim(1, "c1-1.1"), transaction, offsets: at(2)))
        == .refused(.illegalGeneration, member: "c1-1.1"))
    #expect(
      desk.ask(1, .commitTransactionOffsets(claim(2, "nobody"), transaction, offsets: at(2)))
        == .refused(.unknownMemberID, member: "nobody"))
  }
}

@Suite("What administrators ask of groups")
struct GroupAdministrationTests {
  private let zero = TopicPartition("orders", 0)
  private let simple = GroupClaim(group: "riders", generation: -1, member: "")

  @Test("groups are listed with what they are, by state if wanted")
  func listing() {
    var desk = CoordinatorTranscripts.pair()
    let mine = GroupListing(group: "riders", protocolType: "consumer", state: "Stable")
    #expect(desk.ask(9, .list(states: [])) == .listed([mine]))
    #expect(desk.ask(9, .list(states: ["Stable"])) == .listed([mine]))
    #expect(desk.ask(9, .list(states: ["Empty"])) == .listed([]))
  }

  @Test("a member is described by its client, its host and what it wants to read")
  func describing() throws {
    var desk = Desk()
    var join = Desk.joining()
    (join.clientID, join.clientHost) = ("kiosk", "10.0.0.7")
    guard case .refused(.memberIDRequired, let id) = desk.ask(1, .join(join)) else {
      Issue.record("no id was given")
      return
    }
    #expect(id.hasPrefix("kiosk-"))
    join.member = id
    guard case .joined(let joined)? = desk.ask(1, .join(join)) else {
      Issue.record("nobody joined")
      return
    }
    #expect(joined.protocolType == "consumer")
    desk.ask(1, .sync(claim(1, id), assignments: [share(id, 0)]))
    desk.moveCoordinator()
    guard case .described(let group)? = desk.ask(9, .describe(group: "riders")) else {
      Issue.record("not described")
      return
    }
    #expect(group.protocolType == "consumer")
    #expect(group.protocolName == "range")
    #expect(group.members.map(\.client) == ["kiosk"])
    #expect(group.members.map(\.host) == ["10.0.0.7"])
    #expect(try ConsumerProtocol.topics(in: group.members[0].metadata) == ["orders"])
  }

  @Test("offsets are deleted, but not of topics that a member reads")
  func deletion() {
    var desk = CoordinatorTranscripts.pair()
    let old = TopicPartition("menu", 0)
    desk.ask(1, .commitOffsets(claim(2, "c1-1.1"), offsets: at(4) + [GroupOffset(partition: old, offset: 2)]))
    #expect(
      desk.ask(9, .deleteOffsets(group: "riders", partitions: [zero, old]))
        == .offsetsDeleted([OffsetDeletion(zero, .groupSubscribedToTopic), OffsetDeletion(old, nil)]))
    #expect(desk.offset(zero) == 4)
    #expect(desk.offset(old) == -1)
    desk.moveCoordinator()
    #expect(desk.offset(old) == -1)
    #expect(
      desk.ask(9, .deleteOffsets(group: "nobody", partitions: [zero])) == .refused(.groupIDNotFound, member: ""))
  }

  @Test("the offsets of a group that is empty for a week are forgotten, but not while a transaction is open")
  func expiry() {
    var desk = Desk()
    desk.ask(1, .commitOffsets(simple, offsets: at(4)))
    desk.pass(.seconds(6 * 86_400))
    desk.ask(1, .commitOffsets(simple, offsets: at(5)))
    let claim = TransactionClaim(transactionalID: "till", producerID: 7, producerEpoch: 0)
    desk.ask(1, .commitTransactionOffsets(simple, claim, offsets: at(6)))
    desk.pass(.seconds(8 * 86_400))
    #expect(desk.offset(zero) == 5)
    desk.act { $0.transactionEnded(7, commit: true, in: 0, &$1) }
    #expect(desk.offset(zero) == 6)
    desk.pass(.seconds(7 * 86_400 - 1))
    #expect(desk.offset(zero) == 6)
    desk.pass(.seconds(2))
    #expect(desk.offset(zero) == -1)
    #expect(desk.log.suffix(2).allSatisfy { $0.value == nil })
    #expect(desk.group == "Dead, generation 0, 0 members")
  }
}
