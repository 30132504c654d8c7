import Glibc

/// One file of a log and its two indexes: `00000000000000000042.log` begins at offset 42.
///
/// The indexes live in memory; what they gained is added to their files with every flush, and they are rebuilt from the
/// batches whenever they are missing or do not fit.
final class Segment {
  let baseOffset: Offset
  private let file: LogFile
  private let directory: LogDirectory
  private let indexInterval: Int

  /// How many bytes of the file are whole batches.
  private(set) var size = 0
  private(set) var nextOffset: Offset
  /// The latest timestamp of the first batch; nil while there is none.
  private(set) var firstTimestamp: Int64?
  /// The latest timestamp of any record here; Int64.min when there is none.
  private(set) var maxTimestamp = Int64.min
  /// The end of the first batch that has it.
  private(set) var maxTimestampOffset: Offset
  private(set) var offsetIndex: OffsetIndex
  private(set) var timeIndex: TimeIndex
  private var bytesSinceEntry = 0
  private var recent = RecentBatches()
  /// How many entries of the indexes are in their files.
  private var savedOffsets = 0
  private var savedTimes = 0

  init(_ baseOffset: Offset, in directory: LogDirectory, indexInterval: Int, isNew: Bool) throws(LogError) {
    self.baseOffset = baseOffset
    self.directory = directory
    self.indexInterval = indexInterval
    nextOffset = baseOffset
    maxTimestampOffset = baseOffset
    offsetIndex = OffsetIndex(baseOffset: baseOffset)
    timeIndex = TimeIndex(baseOffset: baseOffset)
    file = try directory.file(Self.name(baseOffset, "log"), emptied: isNew)
    if isNew { try removeIndexes() }
  }

  static func name(_ baseOffset: Offset, _ suffix: String) -> String {
    let digits = String(baseOffset.rawValue)
    return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + "." + suffix
  }

  /// The base offset that a name like `00000000000000000042.log` tells; nil for any other name.
  static func baseOffset(of name: String, _ suffix: String = "log") -> Offset? {
    let digits = name.utf8.prefix(20)
    guard name.utf8.dropFirst(20).elementsEqual(".\(suffix)".utf8), digits.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int64(String(decoding: digits, as: UTF8.self)).map { Offset($0) }
  }

  // MARK: Writing

  /// How many batches one write takes, so that its pieces fit on the stack.
  static let gatherLimit = 32

  /// Writes up to `gatherLimit` batches in one go, bodies straight from where they are. A write that fails half way is
  /// cut off again; if even that fails, the next one goes over it, and until then recovery finds it torn.
  func append(_ batches: ArraySlice<RecordBatch>) throws(LogError) {
    let code = withUnsafeTemporaryAllocation(byteCount: batches.count * Layout.bodyStart, alignment: 8) { headers in
      withUnsafeTemporaryAllocation(of: iovec.self, capacity: batches.count * 2) { pieces in
        write(batches, 0, headers, pieces)
      }
    }
    guard code == 0 else {
      try? file.truncate(to: size)
      throw LogError(errno: code, "write \(file.path)")
    }
    for batch in batches { note(BatchExtent(batch.header, at: size)) }
  }

  /// One level deeper for each batch, so that all bodies are lent at once.
  private func write(
    _ rest: ArraySlice<RecordBatch>, _ index: Int, _ headers: UnsafeMutableRawBufferPointer,
    _ pieces: UnsafeMutableBufferPointer<iovec>
  ) -> Int32 {
    guard let batch = rest.first else { return file.write(pieces, at: size) }
    let start = index * Layout.bodyStart
    let header = UnsafeMutableRawBufferPointer(rebasing: headers[start..<start + Layout.bodyStart])
    batch.storeHeader(in: header)
    pieces.initializeElement(at: index * 2, to: iovec(UnsafeRawBufferPointer(header)))
    return batch.body.withUnsafeBytes { body in
      pieces.initializeElement(at: index * 2 + 1, to: iovec(body))
      return write(rest.dropFirst(), index + 1, headers, pieces)
    }
  }

  /// Takes note of a batch that lies at the end of what is known.
  private func note(_ batch: BatchExtent) {
    if firstTimestamp == nil { firstTimestamp = batch.maxTimestamp }
    if batch.maxTimestamp > maxTimestamp {
      maxTimestamp = batch.maxTimestamp
      maxTimestampOffset = batch.lastOffset
    }
    if bytesSinceEntry > indexInterval {
      offsetIndex.append(batch.lastOffset, at: size)
      timeIndex.append(maxTimestamp, at: maxTimestampOffset)
      bytesSinceEntry = 0
    }
    recent.append(batch)
    bytesSinceEntry += batch.size
    size += batch.size
    nextOffset = batch.nextOffset
  }

  /// Nothing will be appended for now: the time index must say what the latest timestamp is.
  func seal() { if size > 0 { timeIndex.append(maxTimestamp, at: maxTimestampOffset) } }

  /// Adds what the indexes gained to their files. Returns the files that a sync must cover.
  func saveIndexes() throws(LogError) -> [LogFile] {
    let offsets = try directory.file(Self.name(baseOffset, "index"))
    try offsets.truncate(to: savedOffsets * OffsetIndex.entrySize)
    try offsets.write(offsetIndex.encoded(from: savedOffsets), at: savedOffsets * OffsetIndex.entrySize)
    let times = try directory.file(Self.name(baseOffset, "timeindex"))
    try times.truncate(to: savedTimes * TimeIndex.entrySize)
    try times.write(timeIndex.encoded(from: savedTimes), at: savedTimes * TimeIndex.entrySize)
    savedOffsets = offsetIndex.entries.count
    savedTimes = timeIndex.entries.count
    return [file, offsets, times]
  }

  /// Waits until the batches are on the platter.
  func sync() throws(LogError) { try file.sync() }

  /// Removes the files of the segment that begins at `baseOffset`.
  static func remove(_ baseOffset: Offset, from directory: LogDirectory) throws(LogError) {
    for suffix in ["index", "timeindex", "log"] { try directory.remove(name(baseOffset, suffix)) }
  }

  private func removeIndexes() throws(LogError) {
    for suffix in ["index", "timeindex"] { try directory.remove(Self.name(baseOffset, suffix)) }
    savedOffsets = 0
    savedTimes = 0
  }

  // MARK: Reading

  /// Walks the batches from the one that reaches `offset`, or a little before it, while `visit` returns true.
  func scan(from offset: Offset, _ visit: (RecordBatch) throws(LogError) -> Bool) throws(LogError) {
    let start = offsetIndex.entry(atOrBelow: offset)?.position ?? 0
    var scanner = BatchScanner(from: start, to: size)
    while let batch = try scanner.next(in: file), try visit(batch) {}
  }

  /// The same, headers only.
  func scanHeaders(from offset: Offset, _ visit: (BatchExtent) throws(LogError) -> Bool) throws(LogError) {
    let start = offsetIndex.entry(atOrBelow: offset)?.position ?? 0
    var scanner = HeaderScanner(from: start, to: size)
    while let batch = try scanner.next(in: file), try visit(batch) {}
  }

  /// Walks the headers of the batches that reach `offset`, and reads the markers among them.
  func scan(from offset: Offset, _ visit: (RecordBatch.Header, MarkerRecord?) -> Void) throws(LogError) {
    var scanner = HeaderScanner(from: offsetIndex.entry(atOrBelow: offset)?.position ?? 0, to: size)
    var start = scanner.position
    while let header = try scanner.nextHeader(in: file) {
      if header.lastOffset >= offset {
        visit(header, header.attributes.isControl ? try marker(at: start, header.sizeInBytes) : nil)
      }
      start = scanner.position
    }
  }

  private func marker(at position: Int, _ size: Int) throws(LogError) -> MarkerRecord? {
    var scanner = BatchScanner(from: position, to: position + size)
    return try scanner.next(in: file)?.markerRecord
  }

  /// For compaction.
  var source: LogCompaction.Source {
    LogCompaction.Source(baseOffset: baseOffset, nextOffset: nextOffset, size: size, file: file)
  }

  func region(_ bytes: Range<Int>) -> LogRegion {
    LogRegion(file: file, position: bytes.lowerBound, count: bytes.count)
  }

  /// Where the batches lie that hold offsets in `from ..< limit`: the first one if it `mustFit` no room or fits, then as
  /// many as fit in `maxBytes`. Reads no bodies, and at the end of the segment nothing at all.
  func bytes(
    from: Offset, upTo limit: Offset, maxBytes: Int, firstMustFit: Bool
  ) throws(LogError) -> Range<Int> {
    guard from < nextOffset else { return size..<size }
    if let found = recent.bytes(from: from, upTo: limit, maxBytes: maxBytes) {
      return firstMustFit && found.count > maxBytes ? found.lowerBound..<found.lowerBound : found
    }
    var first: BatchExtent?
    try scanHeaders(from: from) { batch throws(LogError) in
      first = batch.lastOffset >= from ? batch : nil
      return first == nil
    }
    guard let first else { return size..<size }
    let start = first.position
    guard first.baseOffset < limit, !firstMustFit || first.size <= maxBytes else { return start..<start }
    if nextOffset <= limit, size - start <= maxBytes { return start..<size }
    // The last indexed batch that begins within the room: all before it fits.
    let known = offsetIndex.entry(atOrBefore: start + min(maxBytes, size), below: limit)?.position ?? 0
    var end = max(first.end, known)
    var scanner = HeaderScanner(from: end, to: size)
    while let batch = try scanner.next(in: file), batch.baseOffset < limit, batch.end - start <= maxBytes {
      end = batch.end
    }
    return start..<end
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
      var scanner = HeaderScanner(from: last.position, to: size)
      guard let batch = try? scanner.next(in: file), batch.lastOffset == last.offset else { return false }
    }
    self.offsetIndex = offsetIndex
    self.timeIndex = timeIndex
    savedOffsets = offsetIndex.entries.count
    savedTimes = timeIndex.entries.count
    return true
  }

  /// Walks what is not indexed yet, checks every batch that may not lie wholly below `knownGood`, and cuts the file
  /// before the first that is torn, corrupt or out of order. Returns why it cut, if it did.
  func recover(
    from knownGood: Offset, logStart: Offset, noting epochs: inout LeaderEpochHistory
  ) throws(LogError) -> RecordBatchError? {
    let indexed = knownGood > baseOffset ? try loadIndexes() : false
    if !indexed { forgetIndexes() }
    let corruption = try rescan(from: knownGood, upTo: Offset(.max), logStart, noting: &epochs)
    if size < (try file.size()) { try file.truncate(to: size) }
    if !indexed { _ = try saveIndexes() }
    return corruption
  }

  /// Cuts off every batch that reaches `offset` and syncs the rest.
  func truncate(to offset: Offset, logStart: Offset, noting epochs: inout LeaderEpochHistory) throws(LogError) {
    // What is on disk would describe batches that are gone, and later ones might make it look right again.
    try removeIndexes()
    if let corruption = try rescan(from: offset, upTo: offset, logStart, noting: &epochs) { throw .corrupt(corruption) }
    try file.truncate(to: size)
    try file.sync()
  }

  /// Cuts bytes off the end of the file, as a power loss does; `recover` must follow.
  func cut(_ bytes: Int) throws(LogError) { try file.truncate(to: max(0, size - bytes)) }

  private func forgetIndexes() {
    offsetIndex = OffsetIndex(baseOffset: baseOffset)
    timeIndex = TimeIndex(baseOffset: baseOffset)
    savedOffsets = 0
    savedTimes = 0
  }

  /// Walks from the last indexed batch wholly below `knownGood` to the first that reaches `limit` or is
  /// corrupt: there the segment's size now ends, but the file is not yet cut. Below `knownGood` headers are enough.
  ///
  /// A time entry is made together with an offset entry and covers all before it, so those up to that batch hold.
  private func rescan(
    from knownGood: Offset, upTo limit: Offset, _ logStart: Offset, noting epochs: inout LeaderEpochHistory
  ) throws(LogError) -> RecordBatchError? {
    let end = try file.size()
    try rewind(to: knownGood, end: end)
    var epoch = LeaderEpoch(.min)
    do throws(LogError) {
      var headers = HeaderScanner(from: size, to: end)
      while let batch = try headers.next(in: file), batch.lastOffset < min(knownGood, limit) {
        try take(batch, after: &epoch, logStart, noting: &epochs)
      }
      guard knownGood < limit else { return nil }
      var scanner = BatchScanner(from: size, to: end)
      while let batch = try scanner.next(in: file), batch.lastOffset < limit {
        try take(BatchExtent(batch.header, at: size), after: &epoch, logStart, noting: &epochs)
      }
    } catch .corrupt(let error) {
      return error
    } catch {
      throw error
    }
    return nil
  }

  /// Goes back to the last indexed batch wholly below `knownGood`.
  private func rewind(to knownGood: Offset, end: Int) throws(LogError) {
    let start = knownGood > baseOffset ? offsetIndex.entry(atOrBelow: Offset(knownGood.rawValue - 1)) : nil
    offsetIndex.truncate(after: start?.offset ?? Offset(-1))
    timeIndex.truncate(after: start?.offset ?? Offset(-1))
    savedOffsets = min(savedOffsets, offsetIndex.entries.count)
    savedTimes = min(savedTimes, timeIndex.entries.count)
    size = start?.position ?? 0
    nextOffset = baseOffset
    maxTimestamp = timeIndex.entries.last?.timestamp ?? .min
    maxTimestampOffset = timeIndex.entries.last?.offset ?? baseOffset
    bytesSinceEntry = 0
    recent.removeAll()
    firstTimestamp = nil
    if size > 0 {
      var scanner = HeaderScanner(from: 0, to: end)
      firstTimestamp = (try? scanner.next(in: file))?.maxTimestamp
    }
  }

  private func take(
    _ batch: BatchExtent, after epoch: inout LeaderEpoch, _ logStart: Offset, noting epochs: inout LeaderEpochHistory
  ) throws(LogError) {
    guard batch.baseOffset >= nextOffset, batch.leaderEpoch >= epoch else {
      throw .corrupt(.malformed("offset \(batch.baseOffset) in epoch \(batch.leaderEpoch) comes too late"))
    }
    epoch = batch.leaderEpoch
    let start = max(batch.baseOffset, logStart)
    if batch.lastOffset >= start, epochs.epoch(at: start) != epoch { epochs.assign(epoch, at: start) }
    note(batch)
  }
}
