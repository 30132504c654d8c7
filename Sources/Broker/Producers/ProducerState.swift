public import Clockwork
public import RecordLog

/// What one partition knows of one producer: its epoch, its latest batches, its open transaction (KIP-98).
public struct ProducerState: Hashable, Sendable {
  /// How many batches are remembered: as many as a producer may have in flight and send again.
  public static let memory = 5

  public let id: Int64
  /// Lower ones are fenced. -1 before the first batch.
  public private(set) var epoch: Int16 = -1
  /// The reign of the transaction coordinator whose marker came last; lower ones are fenced.
  public private(set) var coordinatorEpoch: Int32 = -1
  /// The latest batches of this epoch, oldest first.
  public private(set) var batches: [SequencedBatch] = []
  /// Where its open transaction begins here; nil without one.
  public private(set) var openedAt: Offset?
  /// When this broker last saw anything of it.
  public internal(set) var touchedAt: Instant

  init(id: Int64, touchedAt: Instant) {
    self.id = id
    self.touchedAt = touchedAt
  }

  /// The sequence number that its next batch must begin with; nil when any will do.
  ///
  /// From a producer without history any number is taken: its earlier records may have been deleted (KIP-360).
  public func nextSequence(in epoch: Int16) -> Int32? {
    guard self.epoch >= 0 else { return nil }
    guard epoch == self.epoch, let last = batches.last?.lastSequence else { return 0 }
    return last == .max ? 0 : last + 1
  }

  /// The batch that `batch` repeats, as far back as batches are remembered.
  public func original(of batch: RecordBatch) -> SequencedBatch? {
    guard batch.producerEpoch == epoch else { return nil }
    let (first, last) = (batch.baseSequence, batch.lastSequence)
    return batches.first { $0.baseSequence == first && $0.lastSequence == last }
  }

  // MARK: What the log says

  /// Records of its own.
  mutating func take(_ batch: RecordBatch.Header) {
    enter(batch.producerEpoch)
    if batch.attributes.isTransactional, openedAt == nil { openedAt = batch.baseOffset }
    // The offsets that a transaction commits bear no sequence number: the coordinator of the group writes them.
    guard batch.baseSequence >= 0 else { return }
    if batches.count == Self.memory { batches.removeFirst() }
    batches.append(
      SequencedBatch(
        baseSequence: batch.baseSequence, lastSequence: batch.lastSequence, baseOffset: batch.baseOffset,
        nextOffset: batch.nextOffset))
  }

  /// The marker of its transaction. Where that began; nil if it wrote nothing here.
  mutating func take(_ marker: MarkerRecord, epoch: Int16) -> Offset? {
    enter(epoch)
    coordinatorEpoch = marker.coordinatorEpoch
    defer { openedAt = nil }
    return openedAt
  }

  /// A new epoch begins with sequence number 0.
  private mutating func enter(_ epoch: Int16) {
    guard epoch != self.epoch else { return }
    self.epoch = epoch
    batches.removeAll(keepingCapacity: true)
  }
}

/// A batch as its producer numbered it, and where it lies.
public struct SequencedBatch: Hashable, Sendable {
  public var baseSequence: Int32
  public var lastSequence: Int32
  public var baseOffset: Offset
  public var nextOffset: Offset
}
