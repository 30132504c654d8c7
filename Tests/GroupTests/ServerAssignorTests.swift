import Clockwork
import RecordLog
import Testing

@testable import Broker

@Suite("A coordinator's ways of sharing")
struct ServerAssignorTests {
  /// Members with topics and shares at random.
  static func draw(_ seed: UInt64) -> [ServerAssignor.Subscriber] {
    var dice = Dice(seed: seed)
    let topics = (0..<1 + dice.roll(4)).map { number in
      GroupTopics.Topic(
        name: "t\(number)", id: TopicUUID(high: 1, low: number), partitions: Int32(dice.roll(12)))
    }
    let isHomogeneous = dice.roll(2) == 0
    return (0..<1 + dice.roll(6)).map { number in
      let wanted = topics.filter { _ in isHomogeneous || dice.roll(3) > 0 }
      let current = (0..<dice.roll(8)).map { _ in
        OwnedPartition(TopicUUID(high: 1, low: dice.roll(5)), Int32(dice.roll(14)))
      }
      return ServerAssignor.Subscriber(member: "m\(number)", instance: nil, topics: wanted, current: current.sorted())
    }
  }

  @Test(
    "give every partition that somebody wants to exactly one who wants it", arguments: 1...40 as ClosedRange<UInt64>)
  func complete(_ seed: UInt64) {
    let subscribers = Self.draw(seed)
    for assignor in ServerAssignor.allCases {
      let shares = assignor.share(subscribers)
      let all = shares.flatMap { $0 }
      #expect(Set(all).count == all.count, "seed \(seed) \(assignor)")
      let wanted = Set(
        subscribers.flatMap(\.topics).flatMap { topic in (0..<topic.partitions).map { OwnedPartition(topic.id, $0) } })
      #expect(Set(all) == wanted, "seed \(seed) \(assignor)")
      for (place, share) in shares.enumerated() {
        #expect(share == share.sorted())
        #expect(share.allSatisfy { one in subscribers[place].topics.contains { $0.id == one.topic } })
      }
    }
  }

  @Test(
    "uniform is even wherever subscriptions allow, and leaves an even share alone",
    arguments: 1...40 as ClosedRange<UInt64>)
  func uniform(_ seed: UInt64) {
    var subscribers = Self.draw(seed)
    let shares = ServerAssignor.uniform.share(subscribers)
    // No partition could go to somebody who has two fewer.
    for (giver, share) in shares.enumerated() {
      for partition in share {
        for (taker, other) in subscribers.enumerated() where other.topics.contains(where: { $0.id == partition.topic })
        {
          #expect(shares[taker].count + 1 >= shares[giver].count, "seed \(seed)")
        }
      }
    }
    for place in subscribers.indices { subscribers[place].current = shares[place] }
    #expect(ServerAssignor.uniform.share(subscribers) == shares, "seed \(seed): what was even has moved")
  }

  @Test("uniform moves no more than a newcomer needs")
  func sticky() {
    let topic = GroupTopics.Topic(name: "t", id: TopicUUID(high: 1, low: 1), partitions: 9)
    let partitions = (0..<9 as Range<Int32>).map { OwnedPartition(topic.id, $0) }
    let members = [Array(partitions[0..<5]), Array(partitions[5..<9]), []].enumerated().map { place, current in
      ServerAssignor.Subscriber(member: "m\(place)", instance: nil, topics: [topic], current: current)
    }
    let shares = ServerAssignor.uniform.share(members)
    #expect(shares.map(\.count) == [3, 3, 3])
    #expect(Set(shares[0]).isSubset(of: members[0].current))
    #expect(Set(shares[1]).isSubset(of: members[1].current))
  }
}

@Suite("A regular expression over topic names")
struct TopicPatternTests {
  @Test(
    "matches the whole name",
    arguments: [
      ("orders", "orders", true), ("order", "orders", false), ("^order.*$", "orders", true),
      ("o|orders", "orders", true),
      ("(a|b)+c?", "abba", true), ("(a|b)+c?", "abbac", true), ("(a|b)+c?", "c", false),
      ("[a-c0-9_]{2,3}", "a_9", true),
      ("[a-c0-9_]{2,3}", "a_99", false), ("[^a]b", "cb", true), ("[^a]b", "ab", false), ("\\d+\\.x", "42.x", true),
      ("\\d+\\.x", "42yx", false), ("a{2}", "aa", true), ("a{2,}", "aaaa", true), ("(?:ab)*", "abab", true),
      ("", "", true), ("x*", "", true), (".*", "주문", true), ("[]a]+", "]a", true), ("(^ab.*$)|(^c$)", "abc", true),
      ("(^ab.*$)|(^c$)", "c", true), ("a^b", "ab", false),
      ("a$b", "ab", false), ("(^a|b)c", "bc", true),
    ])
  func matches(_ pattern: String, _ name: String, _ expected: Bool) throws {
    #expect(try #require(TopicPattern(pattern)).matches(name) == expected)
  }

  @Test(
    "refuses what it cannot read",
    arguments: ["(", "a)", "[a", "*a", "a{3,2}", "a{2000}", "\\", "\\q", "(?=a)", "[z-a]"])
  func refuses(_ pattern: String) { #expect(TopicPattern(pattern) == nil) }

  @Test("is not kept busy by a hostile one")
  func hostile() {
    #expect(TopicPattern("(((a{1000}){1000}){1000}){1000}") == nil)
    #expect(TopicPattern("((((){1000}){1000}){1000}){1000}") == nil)
    #expect(TopicPattern(String(repeating: "(", count: 100_000)) == nil)
    let slow = TopicPattern("(a*)*(a*)*(a*)*b")
    #expect(slow?.matches(String(repeating: "a", count: 249)) == false)
  }

  @Test("reads any bytes at all", arguments: 1...20 as ClosedRange<UInt64>)
  func anything(_ seed: UInt64) {
    var dice = Dice(seed: seed)
    let letters = Array("ab.*+?|()[]{}^$\\d,-019")
    for _ in 0..<300 {
      let text = String((0..<dice.roll(14)).map { _ in letters[Int(dice.roll(UInt64(letters.count)))] })
      _ = TopicPattern(text)?.matches("ab01")
    }
  }
}

@Suite("A consumer group's records")
struct RosterRecordTests {
  static let samples: [RosterRecord] = [
    .epoch(RosterRecord.Epoch(epoch: 4, topicsHash: -9)), .epoch(nil), .targetEpoch(3), .targetEpoch(nil),
    .member(
      "a",
      RosterRecord.Description(
        instance: "one", rack: nil, client: "c", host: "/h", topics: ["orders", "주문"], pattern: "o.*",
        rebalanceTimeout: 6000, assignor: "range")), .member("a", nil),
    .target("a", [OwnedPartition(TopicUUID(high: 1, low: 2), 0), OwnedPartition(TopicUUID(high: 1, low: 3), 4)]),
    .target("a", nil),
    .current(
      "a",
      RosterRecord.Current(
        epoch: 5, previousEpoch: 4, phase: .unrevoked,
        assigned: [
          ConsumerRoster.Holding(partition: OwnedPartition(TopicUUID(high: 1, low: 2), 0), since: 3),
          ConsumerRoster.Holding(partition: OwnedPartition(TopicUUID(high: 1, low: 2), 1), since: 5),
        ], revoking: [])), .current("a", nil),
  ]

  @Test("are read back as they were written", arguments: samples)
  func roundTrip(_ record: RosterRecord) throws {
    #expect(try GroupRecord(GroupRecord.roster("riders", record).record) == .roster("riders", record))
  }

  @Test("are read or refused, whatever bytes they are", arguments: 1...10 as ClosedRange<UInt64>)
  func mutated(_ seed: UInt64) {
    var dice = Dice(seed: seed)
    for sample in Self.samples {
      for _ in 0..<50 {
        var record = GroupRecord.roster("riders", sample).record
        if var value = record.value {
          for _ in 0...dice.roll(3) { value[Int(dice.roll(UInt64(value.count)))] = UInt8(dice.roll(256)) }
          record.value = Array(value.prefix(Int(dice.roll(UInt64(value.count + 1)))))
        }
        _ = try? GroupRecord(record)
      }
    }
  }
}
