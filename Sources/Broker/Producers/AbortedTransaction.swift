public import RecordLog

/// A transaction whose records a committed reader must skip: from `firstOffset` on, all transactional records of the
/// producer, up to its abort marker.
public struct AbortedTransaction: Hashable, Sendable {
  public var producerID: Int64
  public var firstOffset: Offset

  public init(producerID: Int64, firstOffset: Offset) {
    self.producerID = producerID
    self.firstOffset = firstOffset
  }
}

/// The aborted transactions of one log, by the offset of their markers: Kafka's transaction index.
struct AbortedTransactions: Hashable, Sendable {
  private struct Entry: Hashable {
    var transaction: AbortedTransaction
    /// The marker's.
    var lastOffset: Offset
    /// The last stable offset right after the marker: no transaction that is entered later begins before it.
    var stableOffset: Offset
  }

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func append(_ transaction: AbortedTransaction, endingAt last: Offset, stable: Offset) {
    entries.append(Entry(transaction: transaction, lastOffset: last, stableOffset: stable))
  }

  /// Those that have records in `start ..< end`, by the offset of their markers.
  func overlapping(from start: Offset, upTo end: Offset) -> [AbortedTransaction] {
    var found: [AbortedTransaction] = []
    for entry in entries[entries.firstPlace { $0.lastOffset >= start }...] {
      if entry.transaction.firstOffset < end { found.append(entry.transaction) }
      if entry.stableOffset >= end { break }
    }
    return found
  }

  /// Forgets those whose records are all before `start`.
  mutating func forget(before start: Offset) {
    guard let first = entries.first, first.lastOffset < start else { return }
    entries.removeSubrange(..<entries.firstPlace { $0.lastOffset >= start })
  }

  /// Forgets those that ended in these markers.
  mutating func forget(endingAt markers: Set<Offset>) {
    guard !markers.isEmpty else { return }
    entries.removeAll { markers.contains($0.lastOffset) }
  }
}
