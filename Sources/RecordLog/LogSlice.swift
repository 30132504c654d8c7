/// A stretch of a segment's file: whole batches as they go over the wire, not read yet.
///
/// It keeps the file open, so it can still be sent after the segment was deleted. Bytes beyond a high watermark may be
/// truncated and overwritten meanwhile; what consumers may see never is.
public struct LogRegion: Hashable, Sendable {
  public let file: LogFile
  public let position: Int
  /// In bytes.
  public let count: Int

  /// For `sendfile`; valid for as long as the region, or a copy of it, lives.
  public var descriptor: Int32 { file.descriptor }

  /// The bytes: as many as there should be, or an error.
  public func read() throws(LogError) -> [UInt8] {
    let bytes = try file.read(at: position, count: count)
    guard bytes.count == count else { throw .corrupt(.truncated(needed: count, available: bytes.count)) }
    return bytes
  }

  public static func == (a: LogRegion, b: LogRegion) -> Bool {
    a.file === b.file && a.position == b.position && a.count == b.count
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(file))
    hasher.combine(position)
    hasher.combine(count)
  }
}

/// A part of a log as its keeper can give it cheapest.
public enum LogSlice: Hashable, Sendable {
  case batches([RecordBatch])
  case regions([LogRegion])

  public var sizeInBytes: Int {
    switch self {
    case .batches(let batches): batches.reduce(0) { $0 + $1.sizeInBytes }
    case .regions(let regions): regions.reduce(0) { $0 + $1.count }
    }
  }

  /// The offset after the last batch, as far as that is known without reading.
  public var nextOffset: Offset? {
    if case .batches(let batches) = self { batches.last?.nextOffset } else { nil }
  }

  public var isEmpty: Bool {
    switch self {
    case .batches(let batches): batches.isEmpty
    case .regions(let regions): regions.isEmpty
    }
  }

  /// The batches, read and checked if they were not yet.
  public func batches() throws(LogError) -> [RecordBatch] {
    switch self {
    case .batches(let batches): return batches
    case .regions(let regions):
      var batches: [RecordBatch] = []
      for region in regions {
        var rest = try region.read()[...]
        while !rest.isEmpty {
          do throws(RecordBatchError) {
            let batch = try RecordBatch(validating: rest)
            rest = rest.dropFirst(batch.sizeInBytes)
            batches.append(batch)
          } catch {
            throw .corrupt(error)
          }
        }
      }
      return batches
    }
  }
}
