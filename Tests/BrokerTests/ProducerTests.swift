import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Idempotent producers at a partition leader")
struct ProducerTests {
  private func batch(_ producer: Int64, epoch: Int16 = 0, _ sequence: Int32, count: Int = 1) -> RecordBatch {
    SoloBroker.batch(producer, epoch: epoch, sequence, count: count)
  }

  @Test("any of the last five batches, sent again, gets its first answer and is not appended")
  func duplicates() {
    let solo = SoloBroker()
    for n: Int32 in 0..<6 { #expect(solo.produce(batch(7, n * 2, count: 2)) == .success(Int64(n) * 2)) }
    for n: Int32 in 1..<6 { #expect(solo.produce(batch(7, n * 2, count: 2)) == .success(Int64(n) * 2)) }
    #expect(solo.log?.endOffset == Offset(12))
    // Older than that, or with other bounds: who knows what it is.
    #expect(solo.produce(batch(7, 0, count: 2)) == .failure(.outOfOrderSequenceNumber))
    #expect(solo.produce(batch(7, 10, count: 3)) == .failure(.outOfOrderSequenceNumber))
  }

  @Test("a gap is refused, and the batch that fills it is not")
  func gap() {
    let solo = SoloBroker()
    #expect(solo.produce(batch(7, 0)) == .success(0))
    #expect(solo.produce(batch(7, 2)) == .failure(.outOfOrderSequenceNumber))
    #expect(solo.produce(batch(7, 1)) == .success(1))
    #expect(solo.produce(batch(7, 2)) == .success(2))
  }

  @Test("a producer without history may begin with any number (KIP-360)")
  func unknown() {
    let solo = SoloBroker()
    #expect(solo.produce(batch(7, 40)) == .success(0))
    #expect(solo.produce(batch(7, 41)) == .success(1))
    #expect(solo.produce(batch(8, 0)) == .success(2))
  }

  @Test("sequence numbers wrap around from the largest to 0")
  func wrapping() {
    let solo = SoloBroker()
    #expect(solo.produce(batch(7, .max - 1, count: 3)) == .success(0))
    #expect(solo.produce(batch(7, .max - 1, count: 3)) == .success(0))
    #expect(solo.produce(batch(7, 1)) == .success(3))
    #expect(solo.produce(batch(8, .max)) == .success(4))
    #expect(solo.produce(batch(8, 0)) == .success(5))
  }

  @Test("a higher epoch begins with 0 and fences the lower ones")
  func epochs() {
    let solo = SoloBroker()
    #expect(solo.produce(batch(7, epoch: 1, 0)) == .success(0))
    #expect(solo.produce(batch(7, epoch: 0, 1)) == .failure(.invalidProducerEpoch))
    #expect(solo.produce(batch(7, epoch: 2, 1)) == .failure(.outOfOrderSequenceNumber))
    #expect(solo.produce(batch(7, epoch: 2, 0)) == .success(1))
    #expect(solo.produce(batch(7, epoch: 1, 1)) == .failure(.invalidProducerEpoch))
  }

  @Test("what no producer may send is refused")
  func invalid() {
    let solo = SoloBroker()
    let record = [Record(key: nil, value: "v")]
    let control = RecordBatch.Attributes(isTransactional: false, isControl: true)
    let transactional = RecordBatch.Attributes(isTransactional: true, isControl: false)
    let numbered = RecordBatch.Producer(id: 7, epoch: 0, baseSequence: 0)
    for batch in [
      RecordBatch(records: record, attributes: control),
      RecordBatch(records: record, producer: numbered, attributes: control),
      RecordBatch(records: record, attributes: transactional),
      RecordBatch(records: record, producer: .init(id: 7, epoch: 0, baseSequence: -1)),
      RecordBatch(records: record, producer: .init(id: 7, epoch: -1, baseSequence: 0)),
    ] {
      #expect(solo.produce(batch) == .failure(.invalidRecord))
    }
    #expect(solo.produce(SoloBroker.batch(7, 0, transactional: true)) == .failure(.invalidTxnState))
    #expect(solo.log?.endOffset == .zero)
  }

  @Test("a leader that restarts reads back from its log what it has taken")
  func restart() {
    let solo = SoloBroker()
    for n: Int32 in 0..<8 { _ = solo.produce(batch(7, n)) }
    let before = solo.producers?.producer(7)?.batches
    solo.restart()
    #expect(solo.producers?.producer(7)?.batches == before)
    #expect(solo.produce(batch(7, 5)) == .success(5))
    #expect(solo.produce(batch(7, 8)) == .success(8))
  }

  @Test("a producer that nobody has heard of for a day is forgotten")
  func expiration() {
    let solo = SoloBroker()
    _ = solo.produce(batch(7, 0))
    solo.run(.seconds(60))
    #expect(solo.producers?.producer(7) != nil)
    solo.hear(.timer(.checkpoint))
    // A day passes in one step: the beats in between are of no interest.
    solo.sleep(.seconds(86_400))
    _ = solo.produce(batch(8, 0))
    solo.hear(.timer(.checkpoint))
    #expect(solo.producers?.producer(7) == nil)
    #expect(solo.producers?.producer(8) != nil)
  }

  @Test("without the rule a batch that is sent twice is there twice")
  func rule() {
    var rules = ReplicationRules.kafka
    rules.producerDeduplication = false
    let solo = SoloBroker(rules)
    #expect(solo.produce(batch(7, 0)) == .success(0))
    #expect(solo.produce(batch(7, 0)) == .success(1))
  }
}
