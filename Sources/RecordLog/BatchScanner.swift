/// Walks the batches of a segment file from a given place on and checks each.
///
/// Reads in chunks; a batch larger than a chunk is read whole, which never takes more memory than the file has bytes.
struct BatchScanner {
  private static let chunkSize = 64 * 1024

  /// Where the next batch begins.
  private(set) var position: Int
  private let end: Int
  private var chunk: ArraySlice<UInt8> = []

  init(from position: Int, to end: Int) {
    self.position = position
    self.end = end
  }

  /// The next batch; nil at the end. Throws `.corrupt` at the first bytes that are not a whole batch, and stays there.
  mutating func next(in file: LogFile) throws(LogError) -> RecordBatch? {
    guard position < end else { return nil }
    var wanted = Self.chunkSize
    while true {
      do throws(RecordBatchError) {
        let batch = try RecordBatch(validating: chunk)
        position += batch.sizeInBytes
        chunk = chunk.dropFirst(batch.sizeInBytes)
        return batch
      } catch {
        guard case .truncated(let needed, _) = error, needed <= end - position, chunk.count < end - position else {
          throw .corrupt(error)
        }
        wanted = max(wanted, needed)
      }
      let available = chunk.count
      chunk = try file.read(at: position, count: min(wanted, end - position))[...]
      guard chunk.count > available else { throw .corrupt(.truncated(needed: wanted, available: chunk.count)) }
    }
  }
}
