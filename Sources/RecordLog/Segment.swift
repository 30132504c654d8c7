/// One file of a log and its two indexes: `00000000000000000042.log` begins at offset 42.
///
/// The indexes of a segment that is still written to live in memory; they reach the disk when it is sealed, and are
/// rebuilt from the batches whenever they are missing or do not fit.
final class Segment {
  let baseOffset: Offset
  private let file: LogFile
  private let directory: LogDirectory
  private let indexInterval: Int

  /// How many bytes of the file are whole batches.
  private(set) var size = 0
  private(set) var nextOffset: Offset
  /// The latest timestamp of any record here; Int64.min when there is none.
  private(set) var maxTimestamp = Int64.min
  private var maxTimestampOffset: Offset
  private(set) var offsetIndex: OffsetIndex
  private(set) var timeIndex: TimeIndex
  private var bytesSinceEntry = 0

  init(
    _ baseOffset: Offset, in directory: LogDirectory, indexInterval: Int, isNew: Bool
  ) throws(LogError) {
    self.baseOffset = baseOffset
    self.directory = directory
    self.indexInterval = indexInterval
    nextOffset = baseOffset
    maxTimestampOffset = baseOffset
    offsetIndex = OffsetIndex(baseOffset: baseOffset)
    timeIndex = TimeIndex(baseOffset: baseOffset)
    file = try LogFile(directory.path(of: Self.name(baseOffset, "log")), emptied: isNew)
    if isNew { try removeIndexes() }
  }

  static func name(_ baseOffset: Offset, _ suffix: String) -> String {
    let digits = String(baseOffset.rawValue)
    return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + "." + suffix
  }

  /// The base offset that a name like `00000000000000000042.log` tells; nil for any other name.
  static func baseOffset(of name: String) -> Offset? {
    guard name.hasSuffix(".log"), name.utf8.count == 24, let number = Int64(name.dropLast(4)), number >= 0 else {
      return nil
    }
    return Offset(number)
  }

  // MARK: Writing

  /// Whether the batch still fits: in bytes, and in what an index entry can express.
  func hasRoom(for batch: RecordBatch, limit: Int) -> Bool {
    size == 0 || (size + batch.sizeInBytes <= limit && batch.lastOffset - baseOffset <= Int64(Int32.max))
  }

  /// A write that fails half way is cut off again; if even that fails, the next one goes over it, and until then
  /// recovery finds it torn.
  func append(_ batch: RecordBatch) throws(LogError) {
    do throws(LogError) {
      try file.write(batch.serialized(), at: size)
    } catch {
      try? file.truncate(to: size)
      throw error
    }
    note(batch)
  }

  /// Takes note of a batch that lies at the end of what is known.
  private func note(_ batch: RecordBatch) {
    if batch.maxTimestamp > maxTimestamp {
      maxTimestamp = batch.maxTimestamp
      maxTimestampOffset = batch.lastOffset
    }
    if bytesSinceEntry > indexInterval {
      offsetIndex.append(batch.lastOffset, at: size)
      timeIndex.append(maxTimestamp, at: maxTimestampOffset)
      bytesSinceEntry = 0
    }
    bytesSinceEntry += batch.sizeInBytes
    size += batch.sizeInBytes
    nextOffset = batch.nextOffset
  }

  func sync() throws(LogError) { try file.sync() }

  /// Writes the indexes: nothing will be appended for now.
  func seal() throws(LogError) {
    if size > 0 { timeIndex.append(maxTimestamp, at: maxTimestampOffset) }
    try directory.replace(Self.name(baseOffset, "index"), with: offsetIndex.encoded)
    try directory.replace(Self.name(baseOffset, "timeindex"), with: timeIndex.encoded)
  }

  /// Removes the files of the segment that begins at `baseOffset`.
  static func remove(_ baseOffset: Offset, from directory: LogDirectory) throws(LogError) {
    for suffix in ["index", "timeindex", "log"] { try directory.remove(name(baseOffset, suffix)) }
  }

  private func removeIndexes() throws(LogError) {
    for suffix in ["index", "timeindex"] { try directory.remove(Self.name(baseOffset, suffix)) }
  }

  // MARK: Reading

  /// Walks the batches from the one that reaches `offset`, or a little before it, while `visit` returns true.
  func scan(from offset: Offset, _ visit: (RecordBatch) throws(LogError) -> Bool) throws(LogError) {
    let start = offsetIndex.entry(atOrBelow: offset)?.position ?? 0
    var scanner = BatchScanner(from: start, to: size)
    while let batch = try scanner.next(in: file), try visit(batch) {}
  }

  // MARK: Recovering

  private func loadIndexes() throws(LogError) -> Bool {
    let size = try file.size()
    guard let offsets = try directory.contents(of: Self.name(baseOffset, "index")),
      let times = try directory.contents(of: Self.name(baseOffset, "timeindex")),
      let offsetIndex = OffsetIndex(offsets, baseOffset: baseOffset, size: size),
      let timeIndex = TimeIndex(times, baseOffset: baseOffset)
    else { return false }
    if let last = offsetIndex.entries.last {
      var scanner = BatchScanner(from: last.position, to: size)
      guard let batch = try? scanner.next(in: file), batch.lastOffset == last.offset else { return false }
    }
    self.offsetIndex = offsetIndex
    self.timeIndex = timeIndex
    maxTimestamp = timeIndex.entries.last?.timestamp ?? .min
    maxTimestampOffset = timeIndex.entries.last?.offset ?? baseOffset
    return true
  }

  /// Checks every batch that may not lie wholly below `knownGood`, and cuts the file before the first that is torn,
  /// corrupt or out of order. Returns why it cut, if it did.
  func recover(
    from knownGood: Offset, noting epochs: inout LeaderEpochHistory
  ) throws(LogError) -> RecordBatchError? {
    let indexed = knownGood > baseOffset ? try loadIndexes() : false
    if !indexed { forgetIndexes() }
    let corruption = try rescan(from: knownGood, upTo: Offset(.max), noting: &epochs)
    if size < (try file.size()) { try file.truncate(to: size) }
    // After a crash of the process alone, what was read just now may still be in the system's cache only.
    if nextOffset > knownGood { try file.sync() }
    return corruption
  }

  /// Cuts off every batch that reaches `offset` and syncs the rest.
  func truncate(to offset: Offset, noting epochs: inout LeaderEpochHistory) throws(LogError) {
    // What is on disk would describe batches that are gone, and later ones might make it look right again.
    try removeIndexes()
    if let corruption = try rescan(from: offset, upTo: offset, noting: &epochs) { throw .corrupt(corruption) }
    try file.truncate(to: size)
    try file.sync()
  }

  /// Cuts bytes off the end of the file, as a power loss does; `recover` must follow.
  func cut(_ bytes: Int) throws(LogError) { try file.truncate(to: max(0, size - bytes)) }

  private func forgetIndexes() {
    offsetIndex = OffsetIndex(baseOffset: baseOffset)
    timeIndex = TimeIndex(baseOffset: baseOffset)
  }

  /// Walks from the last indexed batch wholly below `knownGood` to the first that reaches `limit` or is
  /// corrupt: there the segment's size now ends, but the file is not yet cut.
  ///
  /// A time entry is made together with an offset entry and covers all before it, so those up to that batch hold.
  private func rescan(
    from knownGood: Offset, upTo limit: Offset, noting epochs: inout LeaderEpochHistory
  ) throws(LogError) -> RecordBatchError? {
    let start = knownGood > baseOffset ? offsetIndex.entry(atOrBelow: Offset(knownGood.rawValue - 1)) : nil
    offsetIndex.truncate(after: start?.offset ?? Offset(-1))
    timeIndex.truncate(after: start?.offset ?? Offset(-1))
    size = start?.position ?? 0
    nextOffset = baseOffset
    maxTimestamp = timeIndex.entries.last?.timestamp ?? .min
    maxTimestampOffset = timeIndex.entries.last?.offset ?? baseOffset
    bytesSinceEntry = 0
    var scanner = BatchScanner(from: size, to: try file.size())
    var corruption: RecordBatchError?
    var epoch = LeaderEpoch(.min)
    do throws(LogError) {
      while let batch = try scanner.next(in: file), batch.lastOffset < limit {
        guard batch.baseOffset >= nextOffset, batch.leaderEpoch >= epoch else {
          throw .corrupt(.malformed("offset \(batch.baseOffset) in epoch \(batch.leaderEpoch) comes too late"))
        }
        epoch = batch.leaderEpoch
        if epochs.epoch(at: batch.baseOffset) != epoch { epochs.assign(epoch, at: batch.baseOffset) }
        note(batch)
      }
    } catch .corrupt(let error) {
      corruption = error
    } catch {
      throw error
    }
    return corruption
  }
}
