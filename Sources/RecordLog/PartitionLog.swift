public import Clockwork

/// One replica's log of one partition: batches in offset order, with the epoch in which each was appended.
///
/// `MemoryLog` keeps it in memory for the simulated world and `SegmentedLog` in Kafka's segment files. What a broker
/// decides (offsets, epochs, the in-sync set, the high watermark) never depends on which.
public protocol PartitionLog: Durable {
  /// The first offset still kept.
  var startOffset: Offset { get }
  /// The log end offset: the offset the next record will get.
  var endOffset: Offset { get }
  /// Where each leader epoch began in this log.
  var epochs: LeaderEpochHistory { get }

  /// A reign begins at the log end, even if nothing is ever appended in it. Ignored unless `epoch` is newer than the
  /// latest one.
  mutating func begin(_ epoch: LeaderEpoch) throws(LogError)

  /// Feeds everything that can be read from the log into the hasher.
  func fingerprint(into hasher: inout StateHasher)

  /// Appends a batch whose base offset is at or beyond `endOffset` (compaction and truncation elsewhere leave holes,
  /// never overlaps) and whose leader epoch is not below the latest one.
  mutating func append(_ batch: RecordBatch) throws(LogError)

  /// Appends one after the other; an error leaves those before the refused one appended.
  mutating func append(contentsOf batches: [RecordBatch]) throws(LogError)

  /// The batches that hold offsets in `from ..< limit`, oldest first: at least one when there is one, then as many as
  /// fit in `maxBytes`. The first may begin before `from`. Throws `.outOfRange` when `from` is not in
  /// `startOffset ... endOffset`.
  func read(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> [RecordBatch]

  /// The same batches, not read yet where that is cheaper: to be sent as they lie.
  func slice(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> LogSlice

  /// The first record at or after `timestamp`, in milliseconds; nil when every record is earlier. For a batch
  /// that cannot be read, its first offset and latest timestamp.
  func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimestampedOffset?

  /// The first record that has the largest timestamp of all (KIP-734); nil when there is no record. For a batch that
  /// cannot be read, its last offset.
  func maxTimestampOffset() throws(LogError) -> TimestampedOffset?

  /// Visits the header of every batch that reaches `offset`, oldest first, and the marker in it if it is one. For whoever
  /// follows producers and transactions: logs in files read no more than headers and markers. `offset` may lie before the
  /// start.
  func scan(from offset: Offset, _ visit: (RecordBatch.Header, MarkerRecord?) -> Void) throws(LogError)

  /// Removes every record at or beyond `offset` (a batch that straddles it goes whole), so that the log ends where its last
  /// batch does, and forgets epochs that begin there, at the log end too. Durable at once. Removes no record beyond the
  /// end; before the start it is a reset.
  mutating func truncate(to offset: Offset) throws(LogError)

  /// Removes everything and starts again, empty, at `offset`. Durable at once.
  mutating func reset(to offset: Offset) throws(LogError)

  /// Removes everything before `offset`, which lies in `startOffset ... endOffset`; before the start it does nothing.
  /// Batches that straddle it stay on disk and are served still, as Kafka does; nobody may ask for what is before it.
  /// Durable at once. Source: KIP-107.
  mutating func advanceStart(to offset: Offset) throws(LogError)

  /// Moves the start beyond what is committed and either older than `age` or more than the last `bytes`, in whole
  /// segments; -1 stands for no limit. `now` and ages are in milliseconds. True when the start moved.
  mutating func retain(now: Int64, bytes: Int64, age: Int64, below highWatermark: Offset) throws(LogError) -> Bool

  /// The partition was deleted: removes everything, files too. Nothing can be done with the log afterwards.
  mutating func remove() throws(LogError)
}

extension PartitionLog {
  public mutating func append(contentsOf batches: [RecordBatch]) throws(LogError) {
    for batch in batches { try append(batch) }
  }

  public func slice(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> LogSlice {
    .batches(try read(from: from, upTo: limit, maxBytes: maxBytes))
  }
}

/// What can go wrong with a log. None of these leaves a half-appended batch visible.
public enum LogError: Error, Hashable, Sendable {
  /// The offset asked for is not in `start ... end`.
  case outOfRange(start: Offset, end: Offset)
  /// The batch would go back behind the log end or the latest epoch: a caller's bug or a lying peer.
  case notAppendable(String)
  case corrupt(RecordBatchError)
  case diskFull
  /// The operating system refused: `errno` and what was being done.
  case io(Int32, String)
}
