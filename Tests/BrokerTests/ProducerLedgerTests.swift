import Clockwork
import RecordLog
import Testing

@testable import Broker

/// The ledger against a model that looks at every batch of the log every time.
@Suite("Producer ledger")
struct ProducerLedgerTests {
  struct Span: Hashable {
    var producer: Int64
    var first: Offset
    var marker: (offset: Offset, kind: TransactionMarker)?

    func holds(_ batch: RecordBatch) -> Bool {
      guard let marker, batch.attributes.isTransactional, batch.producerID == producer else { return false }
      return first <= batch.baseOffset && batch.baseOffset < marker.offset
    }

    static func == (a: Span, b: Span) -> Bool { a.producer == b.producer && a.first == b.first }
    func hash(into hasher: inout Hasher) { hasher.combine(first) }
  }

  /// Every transaction in the log, by its first offset.
  static func spans(_ batches: [RecordBatch]) -> [Span] {
    var spans: [Span] = []
    for batch in batches where batch.producerID >= 0 {
      let open = spans.lastIndex { $0.producer == batch.producerID && $0.marker == nil }
      if let marker = batch.markerRecord {
        if let open { spans[open].marker = (batch.baseOffset, marker.marker) }
      } else if batch.attributes.isTransactional, open == nil {
        spans.append(Span(producer: batch.producerID, first: batch.baseOffset))
      }
    }
    return spans
  }

  static func stable(_ spans: [Span], below mark: Offset) -> Offset {
    let unstable = spans.filter { $0.marker.map { $0.offset >= mark } ?? true }
    return unstable.reduce(mark) { min($0, $1.first) }
  }

  /// A log and its ledger, as one replica keeps them.
  struct Life {
    var log = MemoryLog()
    var ledger = ProducerLedger()
    var highWatermark = Offset.zero
    var sequences: [Int64: Int32] = [:]
    var dice: Dice

    mutating func roll(_ bound: Int64) -> Int64 { Int64(dice.roll(UInt64(bound))) }

    mutating func step() throws {
      let producer = Int64(1 + dice.roll(4))
      switch dice.roll(12) {
      case 0, 1:
        let record = MarkerRecord(dice.roll(2) == 0 ? .abort : .commit, coordinatorEpoch: 0)
        try append(RecordBatch(record, producerID: producer, producerEpoch: 0, timestamp: 0))
      case 2: try append(RecordBatch(records: [Record(key: nil, value: "plain")]))
      case 3, 4, 5:
        highWatermark = highWatermark + roll(log.endOffset - highWatermark + 1)
        _ = ledger.commit(below: highWatermark)
      case 6 where dice.roll(8) == 0:
        let to = Offset(roll(log.endOffset.rawValue + 1))
        try log.truncate(to: to)
        highWatermark = min(highWatermark, log.endOffset)
        try rebuild()
      default:
        let open = ledger.producer(producer)?.openedAt != nil
        let count = 1 + Int(dice.roll(3))
        let sequence = sequences[producer, default: 0]
        sequences[producer] = sequence + Int32(count)
        try append(
          RecordBatch(
            records: (0..<count).map { Record(key: nil, value: "\($0)") },
            producer: .init(id: producer, epoch: 0, baseSequence: sequence),
            attributes: .init(isTransactional: open || dice.roll(2) == 0, isControl: false)))
      }
    }

    private mutating func append(_ batch: RecordBatch) throws {
      var batch = batch
      batch.baseOffset = log.endOffset
      batch.leaderEpoch = LeaderEpoch(0)
      try log.append(batch)
      ledger.note(batch, at: .start)
    }

    mutating func rebuild() throws {
      ledger = try Self.read(log, highWatermark)
    }

    static func read(_ log: MemoryLog, _ highWatermark: Offset) throws -> ProducerLedger {
      var ledger = ProducerLedger()
      try log.scan(from: .zero) { ledger.note($0, $1, at: .start) }
      _ = ledger.commit(below: highWatermark)
      return ledger
    }

    var batches: [RecordBatch] { (try? log.read(from: .zero, upTo: log.endOffset, maxBytes: .max)) ?? [] }
  }

  @Test(
    "the last stable offset and what committed readers see agree with the model", arguments: 0..<20 as Range<UInt64>)
  func agrees(seed: UInt64) throws {
    var life = Life(dice: Dice(seed: seed))
    for _ in 0..<200 {
      try life.step()
      let spans = Self.spans(life.batches)
      let stable = life.ledger.lastStableOffset(highWatermark: life.highWatermark)
      #expect(stable == Self.stable(spans, below: life.highWatermark))
      let again = try Life.read(life.log, life.highWatermark)
      #expect(life.ledger == again)
      // A reader that begins anywhere below the last stable offset and reads up to there.
      let start = Offset(life.roll(stable.rawValue + 1))
      let read = try life.log.read(from: start, upTo: stable, maxBytes: .max)
      let listed = life.ledger.aborted(from: start, upTo: read.last?.nextOffset ?? start)
      let aborted = spans.filter { $0.marker?.kind == .abort }
      for one in listed {
        #expect(aborted.contains(Span(producer: one.producerID, first: one.firstOffset)))
      }
      var skipper = AbortedSkipper(listed)
      for batch in read {
        let expected = batch.attributes.isControl || aborted.contains { $0.holds(batch) }
        #expect(skipper.skips(batch) == expected)
      }
    }
  }

  /// Markers of transactions of which nothing is left go in the end, and readers may be told no more of those.
  @Test("committed readers of a compacted log miss nothing and see nothing aborted", arguments: 0..<12 as Range<UInt64>)
  func compacted(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let log = SegmentedLog(inMemory: "compacted", settings: .init(segmentBytes: 600, indexIntervalBytes: 100))
    var ledger = ProducerLedger()
    var sequences: [Int32] = [0, 0]
    var committed: [String: String] = [:]
    var removed = 0
    func append(_ batch: RecordBatch) throws {
      var batch = batch
      (batch.baseOffset, batch.leaderEpoch) = (log.endOffset, LeaderEpoch(0))
      try log.append(batch)
      ledger.note(batch, at: .start)
    }
    for round in 0..<60 {
      let producer = Int64(dice.roll(2))
      let key = "k\(dice.roll(5))"
      let value = "v\(round)"
      try append(
        RecordBatch(
          records: [Record(key: key, value: value + String(repeating: ".", count: 100), timestamp: 1)],
          producer: .init(id: producer, epoch: 0, baseSequence: sequences[Int(producer)]),
          attributes: .init(isTransactional: true, isControl: false)))
      sequences[Int(producer)] += 1
      let marker: TransactionMarker = dice.roll(2) == 0 ? .abort : .commit
      if marker == .commit { committed[key] = value }
      try append(
        RecordBatch(
          MarkerRecord(marker, coordinatorEpoch: 0), producerID: producer, producerEpoch: 0, timestamp: 1))
      _ = ledger.commit(below: log.endOffset)
      guard dice.roll(4) == 0 else { continue }
      try log.checkpoint()
      // Every marker is old at once.
      var rules = CompactionRules()
      rules.deleteRetention = 0
      let now: Int64 = 1_000_000_000_000
      if let result = try log.compaction(rules, now: now, below: log.endOffset)?.run(), try log.compacted(result) {
        ledger.forgetAborted(endingAt: result.removedMarkers)
        removed += result.removedMarkers.count
      }
      let read = try log.read(from: log.startOffset, upTo: log.endOffset, maxBytes: .max)
      var skipper = AbortedSkipper(ledger.aborted(from: log.startOffset, upTo: log.endOffset))
      var seen: [String: String] = [:]
      for batch in read where !skipper.skips(batch) {
        for record in try batch.records() {
          seen[record.keyText ?? ""] = record.valueText?.replacing(".", with: "")
        }
      }
      #expect(seen == committed, "seed \(seed), round \(round)")
    }
    #expect(removed > 0)
  }

  @Test("committed ends are told once, in the order of their markers")
  func commits() throws {
    var life = Life(dice: Dice(seed: 77))
    for _ in 0..<400 { try life.step() }
    var ledger = ProducerLedger()
    try life.log.scan(from: .zero) { ledger.note($0, $1, at: .start) }
    var told: [Offset] = []
    for mark in 0...life.log.endOffset.rawValue { told += ledger.commit(below: Offset(mark)).map(\.markerOffset) }
    let expected = Self.spans(life.batches).compactMap { $0.marker?.offset }.sorted()
    #expect(told == expected && !told.isEmpty)
  }

  @Test("what is known of producers has a bound; an open transaction is not forgotten")
  func bounds() {
    var ledger = ProducerLedger()
    var header = RecordBatch(
      records: [Record(key: nil, value: "v")], producer: .init(id: 0, epoch: 0, baseSequence: 0)
    ).header
    for id in 0..<Int64(ProducerLedger.mostProducers + 10) {
      header.producerID = id
      (header.baseOffset, header.lastOffset) = (Offset(id), Offset(id))
      header.attributes = .init(isTransactional: id == 3, isControl: false)
      ledger.note(header, nil, at: Instant(nanoseconds: id))
    }
    #expect(ledger.producers.count <= ProducerLedger.mostProducers)
    #expect(ledger.producer(3)?.openedAt == Offset(3))
    #expect(ledger.producer(4) == nil)
    #expect(ledger.producer(Int64(ProducerLedger.mostProducers + 9)) != nil)
    ledger.forget(silentSince: .never, before: .zero)
    #expect(ledger.producers.map(\.id) == [3])
  }
}
