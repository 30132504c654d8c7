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

  init(_ header: RecordBatch.Header, at position: Int) {
    self.position = position
    size = header.sizeInBytes
    baseOffset = header.baseOffset
    lastOffset = header.lastOffset
    leaderEpoch = header.leaderEpoch
    maxTimestamp = header.maxTimestamp
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
    let start = position
    return try nextHeader(in: file).map { BatchExtent($0, at: start) }
  }

  /// The same, all that the header says.
  mutating func nextHeader(in file: LogFile) throws(LogError) -> RecordBatch.Header? {
    guard position < end else { return nil }
    let header = Layout.headerSize
    guard position + header <= end else { throw .corrupt(.truncated(needed: header, available: end - position)) }
    if position < chunkStart || position + header > chunkStart + chunkCount { try fill(from: file) }
    do throws(RecordBatchError) {
      let found = try RecordBatch.Header(validating: chunk[(position - chunkStart)...])
      guard position + found.sizeInBytes <= end else {
        throw .truncated(needed: found.sizeInBytes, available: end - position)
      }
      position += found.sizeInBytes
      return found
    } catch {
      throw .corrupt(error)
    }
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
