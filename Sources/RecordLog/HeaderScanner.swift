/// Where a batch lies in a segment's file, and what its header says.
struct BatchExtent {
  var position: Int
  var size: Int
  var baseOffset: Offset
  var lastOffset: Offset
  var leaderEpoch: LeaderEpoch
  var maxTimestamp: Int64

  var nextOffset: Offset { lastOffset + 1 }
  /// Where the next batch begins.
  var end: Int { position + size }

  init(_ batch: RecordBatch, at position: Int) {
    self.position = position
    size = batch.sizeInBytes
    baseOffset = batch.baseOffset
    lastOffset = batch.lastOffset
    leaderEpoch = batch.leaderEpoch
    maxTimestamp = batch.maxTimestamp
  }

  /// Reads a header, which must lie whole in `bytes` from `start` on, and checks what a header alone can tell.
  init(_ bytes: [UInt8], from start: Int, at position: Int) throws(RecordBatchError) {
    func field<Number: FixedWidthInteger>(_: Number.Type, _ index: Int) -> Number {
      Layout.load(Number.self, from: bytes, at: start + index)
    }
    self.position = position
    size = Layout.lengthEnd + Int(field(Int32.self, 8))
    guard size >= Layout.headerSize else { throw .malformed("a size of \(size) is less than a header's") }
    let magic = field(Int8.self, Layout.bodyStart + Layout.magic)
    guard magic == 2 else { throw .unsupportedMagic(magic) }
    let (base, delta) = (field(Int64.self, 0), field(Int32.self, Layout.bodyStart + Layout.lastOffsetDelta))
    guard base >= 0, base <= Layout.maxBaseOffset, delta >= 0 else {
      throw .malformed("base offset \(base), last offset \(delta) further")
    }
    baseOffset = Offset(base)
    lastOffset = Offset(base + Int64(delta))
    leaderEpoch = LeaderEpoch(field(Int32.self, 12))
    maxTimestamp = field(Int64.self, Layout.bodyStart + Layout.maxTimestamp)
  }
}

/// Walks the headers of a segment file from a given place on. Bodies are neither read nor checked, so a walk costs one
/// small read per large batch, or per forty small ones.
struct HeaderScanner {
  private static let chunkSize = 4096

  /// Where the next batch begins.
  private(set) var position: Int
  private let end: Int
  private var chunk = [UInt8](repeating: 0, count: chunkSize)
  private var chunkStart = 0
  private var chunkCount = 0

  init(from position: Int, to end: Int) {
    self.position = position
    self.end = end
  }

  /// The next batch; nil at the end. Throws `.corrupt` where no whole batch lies, and stays there.
  mutating func next(in file: LogFile) throws(LogError) -> BatchExtent? {
    guard position < end else { return nil }
    let header = Layout.headerSize
    guard position + header <= end else { throw .corrupt(.truncated(needed: header, available: end - position)) }
    if position < chunkStart || position + header > chunkStart + chunkCount { try fill(from: file) }
    let extent: BatchExtent
    do throws(RecordBatchError) {
      extent = try BatchExtent(chunk, from: position - chunkStart, at: position)
      guard extent.end <= end else { throw .truncated(needed: extent.size, available: end - position) }
    } catch {
      throw .corrupt(error)
    }
    position = extent.end
    return extent
  }

  private mutating func fill(from file: LogFile) throws(LogError) {
    chunkCount = 0
    chunkStart = position
    chunkCount = try file.read(into: &chunk, count: min(Self.chunkSize, end - position), at: position)
    guard chunkCount >= Layout.headerSize else {
      throw .corrupt(.truncated(needed: Layout.headerSize, available: chunkCount))
    }
  }
}
