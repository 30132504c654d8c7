import Clockwork
public import RecordLog

/// What one replica's log says of idempotent and transactional producers (KIP-98): a fold over the log's headers and
/// markers, the same on whoever holds the same log.
///
/// Kept by leaders and followers alike, so that a new leader knows what its predecessor has taken. Never stored: when a
/// log is opened or cut, it is read again.
public struct ProducerLedger: Hashable, Sendable {
  /// How many producers are remembered; then those that have been silent for longest are forgotten.
  static let mostProducers = 100_000

  struct OpenTransaction: Hashable, Sendable {
    var producerID: Int64
    var firstOffset: Offset
  }

  /// Sorted by id.
  public private(set) var producers: [ProducerState] = []
  /// By first offset.
  private(set) var open: [OpenTransaction] = []
  /// Transactions whose marker is written and not yet committed, by the marker's offset.
  private(set) var ending: [EndedTransaction] = []
  private var aborted = AbortedTransactions()

  public init() {}

  public func producer(_ id: Int64) -> ProducerState? {
    let place = producers.firstPlace { $0.id >= id }
    return place < producers.count && producers[place].id == id ? producers[place] : nil
  }

  // MARK: Transactions

  /// Every transaction that begins before it has ended, and its end is committed: how far committed readers read.
  public func lastStableOffset(highWatermark: Offset) -> Offset {
    var stable = highWatermark
    if let first = open.first { stable = min(stable, first.firstOffset) }
    for transaction in ending { stable = min(stable, transaction.firstOffset) }
    return stable
  }

  /// What a reader of `start ..< end` must skip.
  func aborted(from start: Offset, upTo end: Offset) -> [AbortedTransaction] {
    aborted.isEmpty ? [] : aborted.overlapping(from: start, upTo: end)
  }

  /// The producer has records in a transaction of this epoch that no marker has ended.
  func hasOpenTransaction(_ id: Int64, epoch: Int16) -> Bool {
    guard let producer = producer(id) else { return false }
    return producer.openedAt != nil && producer.epoch == epoch
  }

  // MARK: The fold

  /// A batch was appended.
  mutating func note(_ batch: RecordBatch, at now: Instant) {
    guard batch.producerID >= 0 else { return }
    note(batch.header, batch.markerRecord, at: now)
  }

  mutating func note(_ batch: RecordBatch.Header, _ marker: MarkerRecord?, at now: Instant) {
    // A control batch that is no marker has nothing to say here.
    guard batch.hasProducer, marker != nil || !batch.attributes.isControl else { return }
    let place = place(of: batch.producerID, at: now)
    producers[place].touchedAt = now
    if let marker {
      end(place, batch, marker)
    } else {
      let wasOpen = producers[place].openedAt != nil
      producers[place].take(batch)
      if !wasOpen, let first = producers[place].openedAt {
        open.append(OpenTransaction(producerID: batch.producerID, firstOffset: first))
      }
    }
  }

  private mutating func end(_ place: Int, _ batch: RecordBatch.Header, _ record: MarkerRecord) {
    guard let first = producers[place].take(record, epoch: batch.producerEpoch) else { return }
    open.removeAll { $0.producerID == batch.producerID }
    ending.append(
      EndedTransaction(
        producerID: batch.producerID, marker: record.marker, firstOffset: first, markerOffset: batch.baseOffset))
    if record.marker == .abort {
      aborted.append(
        AbortedTransaction(producerID: batch.producerID, firstOffset: first), endingAt: batch.baseOffset,
        stable: open.first?.firstOffset ?? batch.nextOffset)
    }
  }

  /// The high watermark has moved: the transactions whose markers are committed now.
  mutating func commit(below highWatermark: Offset) -> [EndedTransaction] {
    guard let first = ending.first, first.markerOffset < highWatermark else { return [] }
    let count = ending.firstPlace { $0.markerOffset >= highWatermark }
    defer { ending.removeSubrange(..<count) }
    return Array(ending[..<count])
  }

  // MARK: Bounds

  private mutating func place(of id: Int64, at now: Instant) -> Int {
    var place = producers.firstPlace { $0.id >= id }
    if place < producers.count, producers[place].id == id { return place }
    if producers.count >= Self.mostProducers {
      forgetHalf()
      place = producers.firstPlace { $0.id >= id }
    }
    producers.insert(ProducerState(id: id, touchedAt: now), at: place)
    return place
  }

  /// Forgets producers that were last seen before `then`, and transactions that lie before the log's start.
  mutating func forget(silentSince then: Instant, before start: Offset) {
    producers.removeAll { $0.openedAt == nil && $0.touchedAt < then }
    aborted.forget(before: start)
  }

  /// Forgets the aborted transactions that ended in these markers, which are in the log no more. A reader skips a producer's
  /// records until it comes to the marker: one that never comes would take a later transaction's records from it.
  mutating func forgetAborted(endingAt markers: [Offset]) { aborted.forget(endingAt: Set(markers)) }

  /// The half that has been silent for longest, but for producers with a transaction open: coordinators bound those.
  private mutating func forgetHalf() {
    let middle = producers.map(\.touchedAt).sorted()[producers.count / 2]
    var left = producers.count / 2
    producers.removeAll { producer in
      guard left > 0, producer.openedAt == nil, producer.touchedAt <= middle else { return false }
      left -= 1
      return true
    }
  }
}

/// A transaction whose marker is in the log.
struct EndedTransaction: Hashable, Sendable {
  var producerID: Int64
  var marker: TransactionMarker
  var firstOffset: Offset
  var markerOffset: Offset
}
