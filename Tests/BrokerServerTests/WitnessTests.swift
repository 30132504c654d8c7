import Broker
import Clockwork
import RecordLog
import Testing

@testable import BrokerServer

@Suite("What clients of a live cluster were told")
struct WitnessTests {
  private let orders = PartitionID(TopicID(1), 0)

  private func batch(_ values: [String], producer: RecordBatch.Producer = .none, at base: Int64 = 0) -> RecordBatch {
    RecordBatch(
      records: values.map { Record(key: nil, value: $0) }, baseOffset: Offset(base), leaderEpoch: LeaderEpoch(0),
      producer: producer)
  }

  private func time(_ milliseconds: Int64) -> Instant { .start + .milliseconds(milliseconds) }

  @Test("nothing is noted until somebody wants it, and nothing of the cluster's own topics")
  func off() {
    let witness = ClientWitness()
    #expect(witness.asked(batch(["a"]), "orders", orders, by: "c1", time(1)) == nil)
    #expect(witness.stamp(time(1)) == nil)
    witness.begin()
    #expect(witness.asked(batch(["a"]), "__consumer_offsets", orders, by: "c1", time(1)) == nil)
    #expect(witness.account.deeds.isEmpty)
  }

  @Test("an append is asked before it is told, and one that is told nothing stays open")
  func appends() throws {
    let witness = ClientWitness()
    witness.begin()
    let first = try #require(witness.asked(batch(["a", "b"]), "orders", orders, by: "c1", time(1)))
    _ = witness.asked(batch(["c"]), "orders", orders, by: "c2", time(2))
    witness.told(first, appendedAt: 7, time(3))
    let deeds = witness.account.deeds
    #expect(deeds.map(\.answer) == [.appended(at: 7), .none])
    #expect(deeds[0].told.map { $0.sequence > deeds[1].asked.sequence } == true)
    #expect(deeds[1].told == nil)
  }

  @Test("a numbered batch that is sent again is the same write; one that is not is another")
  func retries() {
    let witness = ClientWitness()
    witness.begin()
    let numbered = batch(["a"], producer: .init(id: 4, epoch: 0, baseSequence: 2))
    let places = (0..<2).map { _ in witness.asked(numbered, "orders", orders, by: "c1", time(1)) }
    #expect(places[0] == places[1])
    _ = witness.asked(batch(["b"]), "orders", orders, by: "c1", time(2))
    _ = witness.asked(batch(["b"]), "orders", orders, by: "c1", time(3))
    #expect(witness.account.deeds.count == 3)
  }

  @Test("of reads that find nothing new again only the first and the last are kept")
  func idle() throws {
    let witness = ClientWitness()
    witness.begin()
    func read(_ batches: [RecordBatch], from offset: Int64, at milliseconds: Int64) throws {
      let asked = try #require(witness.stamp(time(milliseconds)))
      witness.told(
        batches, of: "orders", orders, from: offset, highWatermark: 1, to: "c1", asked: asked, time(milliseconds + 1))
    }
    try read([batch(["a"])], from: 0, at: 10)
    for turn in 0..<5 { try read([], from: 1, at: 20 + Int64(turn) * 10) }
    #expect(witness.account.deeds.map(\.asked.time) == [time(10), time(20), time(60)])
    // A batch is sent whole, and what lies before the offset asked for is no part of the answer.
    try read([batch(["a", "b"])], from: 1, at: 90)
    #expect(
      witness.account.deeds.last?.answer
        == .records([ClientDeed.Text(key: nil, value: "b")], from: 1, next: 2, highWatermark: 1))
  }

  @Test("what is not understood is said, and not judged")
  func obstacles() throws {
    let witness = ClientWitness()
    witness.begin()
    let asked = try #require(witness.stamp(time(1)))
    witness.told(
      [batch(["a"]), batch(["c"], at: 2)], of: "orders", orders, from: 0, highWatermark: 3, to: "c1", asked: asked,
      time(2))
    #expect(witness.account.obstacles["orders"]?.contains("gaps") == true)
    _ = witness.asked(
      batch(Array(repeating: "x", count: ClientWitness.mostTogether + 1)), "menu", orders, by: "c1", time(3))
    #expect(witness.account.obstacles["menu"]?.contains("101 records") == true)
    #expect(witness.account.deeds.isEmpty)
  }

  @Test("it is bounded, and says that it is full")
  func full() {
    let witness = ClientWitness()
    witness.begin()
    let large = batch([String(repeating: "x", count: 1 << 20)])
    for turn in 0..<20 { _ = witness.asked(large, "orders", orders, by: "c1", time(Int64(turn))) }
    #expect(witness.account.isFull)
    #expect(witness.account.deeds.count < 9)
  }
}
