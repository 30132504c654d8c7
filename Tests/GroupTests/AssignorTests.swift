import Broker
import Testing

@Suite("Assignors")
struct AssignorTests {
  static func member(_ id: String, _ topics: String...) -> Assignor.Subscriber {
    Assignor.Subscriber(member: id, topics: topics)
  }

  static let sizes = [TopicSize("a", 3), TopicSize("b", 3)]

  @Test("range gives each topic in stretches: the first member gets the odd one of each")
  func range() {
    let shares = Assignor.range.share(Self.sizes, among: [Self.member("1", "a", "b"), Self.member("2", "a", "b")])
    #expect(shares.map { $0.map(\.description) } == [["a/0", "a/1", "b/0", "b/1"], ["a/2", "b/2"]])
  }

  @Test("round robin deals all partitions in turn")
  func roundRobin() {
    let shares = Assignor.roundRobin.share(Self.sizes, among: [Self.member("1", "a", "b"), Self.member("2", "a", "b")])
    #expect(shares.map { $0.map(\.description) } == [["a/0", "a/2", "b/1"], ["a/1", "b/0", "b/2"]])
  }

  @Test("every partition of a wanted topic goes to one member that wants it", arguments: Assignor.allCases)
  func whole(assignor: Assignor) {
    let members = [Self.member("3", "b"), Self.member("1", "a"), Self.member("2", "a", "b"), Self.member("4")]
    let shares = assignor.share(Self.sizes + [TopicSize("c", 9)], among: members)
    #expect(
      shares.flatMap { $0 }.sorted() == (0..<3).map { TopicPartition("a", $0) }
        + (0..<3).map { TopicPartition("b", $0) })
    for (member, share) in zip(members, shares) {
      #expect(share.allSatisfy { member.topics.contains($0.topic) })
    }
    let turned = assignor.share(Self.sizes, among: members.reversed())
    #expect(turned.reversed() == shares)
    #expect(assignor.share(Self.sizes, among: []) == [])
  }

  @Test("subscriptions and assignments are Kafka's ConsumerProtocol 0")
  func encoding() throws {
    let subscription: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 1, 0x61, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(ConsumerProtocol.subscription(to: ["a"]) == subscription)
    #expect(try ConsumerProtocol.topics(in: subscription) == ["a"])
    let two = [TopicPartition("a", 0), TopicPartition("a", 2)]
    let bytes: [UInt8] =
      [0, 0, 0, 0, 0, 1, 0, 1, 0x61, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(ConsumerProtocol.assignment(of: two.reversed()) == bytes)
    #expect(try ConsumerProtocol.assignment(from: bytes) == two)
    for cut in 1..<21 {
      #expect(throws: (any Error).self) { try ConsumerProtocol.assignment(from: Array(bytes[..<cut])) }
    }
    #expect(throws: (any Error).self) { try ConsumerProtocol.topics(in: [0, 0, 0x7F, 0xFF, 0xFF, 0xFF]) }
  }
}
