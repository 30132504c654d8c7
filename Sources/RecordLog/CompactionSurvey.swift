/// What must be known of a log to tell what may go.
struct CompactionSurvey {
  private let rules: CompactionRules
  private let now: Int64
  private let cleanedTo: Offset
  /// Records from here on are not known: they stay.
  private(set) var end: Offset

  /// Of each key seen, the offset of its latest record.
  private var latest: [[UInt8]: Offset] = [:]
  private var keyBytes = 0
  private var isFull = false
  /// Per producer, where its open transaction began.
  private var open: [Int64: Offset] = [:]
  /// Per producer, the aborted transactions, each up to its marker.
  private var aborted: [Int64: [Range<Offset>]] = [:]
  /// Markers of transactions of which nothing is left.
  private var idleMarkers: Set<Offset> = []
  /// Those of them that go, in order.
  private(set) var removedMarkers: [Offset] = []
  /// Per producer, its last batch of records and its last marker: what is known of it after a restart.
  private var lastRecords: [Int64: Offset] = [:]
  private var lastMarker: [Int64: Offset] = [:]
  /// A batch of records that cannot be read stayed: values of any key may be in it.
  private var hasClosed = false

  init(_ compaction: LogCompaction) {
    rules = compaction.rules
    now = compaction.now
    cleanedTo = compaction.cleanedTo
    end = compaction.sources.last?.nextOffset ?? .zero
  }

  /// Notes producers and transactions.
  mutating func walk(_ source: LogCompaction.Source) throws(LogError) {
    var scanner = HeaderScanner(from: 0, to: source.size)
    var start = 0
    while let header = try scanner.nextHeader(in: source.file) {
      if header.attributes.isControl {
        var marker = BatchScanner(from: start, to: start + header.sizeInBytes)
        note(header, try marker.next(in: source.file)?.markerRecord)
      } else {
        note(header)
      }
      start = scanner.position
    }
  }

  private mutating func note(_ header: RecordBatch.Header) {
    guard header.hasProducer else { return }
    lastRecords[header.producerID] = header.baseOffset
    // Without records too: whoever reads the log again finds a transaction begun, and needs its end.
    if header.attributes.isTransactional, open[header.producerID] == nil {
      open[header.producerID] = header.baseOffset
    }
  }

  private mutating func note(_ header: RecordBatch.Header, _ marker: MarkerRecord?) {
    lastMarker[header.producerID] = header.baseOffset
    guard let begin = open.removeValue(forKey: header.producerID) else {
      idleMarkers.insert(header.baseOffset)
      return
    }
    if marker?.marker == .abort { aborted[header.producerID, default: []].append(begin..<header.baseOffset) }
  }

  /// To be called when everything is walked: what ends a transaction may lie beyond, and an abort would take back what its
  /// records seem to replace. From the first such transaction on nothing is known.
  mutating func stopAtOpenTransactions() {
    if let first = open.values.min() { end = min(end, first) }
  }

  /// Remembers the keys beyond `cleanedTo`, until there is no more room for them.
  mutating func noteKeys(_ source: LogCompaction.Source) throws(LogError) {
    guard !isFull else { return }
    var scanner = BatchScanner(from: 0, to: source.size)
    while let batch = try scanner.next(in: source.file) {
      guard batch.baseOffset < end else { return }
      guard batch.nextOffset > cleanedTo, !batch.attributes.isControl, !isAborted(batch),
        let records = try? OpenedRecords(batch)
      else { continue }
      // One batch is noted whatever it takes, or a run might get nowhere.
      guard latest.isEmpty || keyBytes + records.keyBytes <= rules.keyBytes else {
        isFull = true
        end = batch.baseOffset
        return
      }
      for record in records {
        guard let key = record.key else { continue }
        if latest.updateValue(record.offset, forKey: Array(key)) == nil { keyBytes += key.count + 32 }
      }
    }
  }

  private func isAborted(_ batch: RecordBatch) -> Bool {
    guard batch.attributes.isTransactional, let ranges = aborted[batch.producerID] else { return false }
    return ranges.contains { $0.contains(batch.baseOffset) }
  }

  // MARK: Judging

  /// What is left of the batch; nil when nothing is. To be asked of one batch after the other.
  mutating func clean(_ batch: RecordBatch) -> RecordBatch? {
    guard batch.baseOffset < end else { return batch }
    if batch.attributes.isControl {
      let isLast = lastMarker[batch.producerID] == batch.baseOffset && isActive(batch)
      guard idleMarkers.contains(batch.baseOffset), isOver(batch), !isLast else { return batch }
      removedMarkers.append(batch.baseOffset)
      return nil
    }
    if isAborted(batch) { return remembered(batch) }
    guard let kept = batch.keeping(where: { stays($0, of: batch) }) else {
      hasClosed = true
      return batch
    }
    return kept.recordCount == 0 ? remembered(batch) : kept
  }

  private func stays(_ record: OpenedRecords.Element, of batch: RecordBatch) -> Bool {
    guard let key = record.key else { return false }
    if let later = latest[Array(key)], later > record.offset { return false }
    return !record.isTombstone || hasClosed || !isOver(batch)
  }

  /// An earlier run has seen the batch, and it has been there long enough.
  private func isOver(_ batch: RecordBatch) -> Bool {
    batch.nextOffset <= cleanedTo && Retention.isOver(batch.maxTimestamp, now: now, age: rules.deleteRetention)
  }

  /// Its producer may still be at work.
  private func isActive(_ batch: RecordBatch) -> Bool {
    !Retention.isOver(batch.maxTimestamp, now: now, age: rules.producerExpiration)
  }

  /// The last batch of a producer stays without its records: it tells the sequence number.
  private func remembered(_ batch: RecordBatch) -> RecordBatch? {
    lastRecords[batch.producerID] == batch.baseOffset && isActive(batch) ? batch.emptied : nil
  }
}
