import Broker
import Clockwork
import NIOCore
import NIOPosix
import RecordLog

/// Keeps one life of a broker in its folder: from opening the files to its death.
///
/// Belongs to the node's event loop, which it never makes wait: what reaches for the platter runs on a pool of threads,
/// one write of the journal and one checkpoint at a time, and comes back on the loop.
final class NodeStorage {
  private let folder: DataFolder
  var path: String { folder.path }
  private let journal: QuorumJournal
  private let pool: NIOThreadPool
  private let loop: any EventLoop
  /// The disk's position that the journal is at.
  private var written: UInt64 = 0
  private var journaling: EventLoopFuture<Void>?
  private var flushing: EventLoopFuture<Void>?

  init(_ folder: DataFolder, _ journal: QuorumJournal, pool: NIOThreadPool, loop: any EventLoop) {
    self.folder = folder
    self.journal = journal
    self.pool = pool
    self.loop = loop
  }

  // MARK: The journal

  /// Writes what the quorum has changed, if the journal is not at work on an earlier change; whatever comes together
  /// meanwhile goes out as one record. `done` is told how far the disk is durable.
  func write(_ disk: borrowing QuorumDisk, _ done: @escaping (Result<UInt64, LogError>) -> Void) {
    guard journaling == nil, disk.position > written else { return }
    let position = disk.position
    let change = disk.change(since: written, from: journal.start)
    let work = pool.runIfActive(eventLoop: loop) { [journal] in
      Result { () throws(LogError) in try journal.write(change) }
    }
    journaling = work.map { _ in }
    work.assumeIsolated().whenSuccess { [self] result in
      journaling = nil
      if case .success = result { written = position }
      done(result.map { position })
    }
  }

  // MARK: Checkpoints

  /// Writes the high watermarks down and what the logs hold back to the platter, unless that is still going on.
  func checkpoint(_ broker: borrowing LiveBroker) {
    guard flushing == nil else { return }
    let watermarks = broker.replicas.map { ($0.id, $0.highWatermark) }
    var dirty: [(log: SegmentedLog, flush: LogFlush)] = []
    for partition in broker.disk.partitions {
      // A log that cannot be flushed takes no more records either, and says so where they come in.
      if let flush = try? partition.log.flushing(), !flush.isEmpty { dirty.append((partition.log, flush)) }
    }
    let flushes = dirty.map(\.flush)
    let work = pool.runIfActive(eventLoop: loop) { [folder] in
      // An older note of high watermarks is as true as a newer one, and no note at all only slower.
      try? folder.write(highWatermarks: watermarks)
      return flushes.map { flush in Result { () throws(LogError) in try flush.run() } }
    }
    flushing = work.map { _ in }
    work.assumeIsolated().whenSuccess { [self] results in
      flushing = nil
      for ((log, flush), result) in zip(dirty, results) {
        if case .failure(let error) = result {
          try? log.flushed(flush, failing: error)
        } else {
          try? log.flushed(flush)
        }
      }
    }
  }

  // MARK: Ends

  /// Completes when nothing that was begun is under way any more: only then may the files be opened again.
  func settled() -> EventLoopFuture<Void> {
    EventLoopFuture.andAllComplete([journaling, flushing].compactMap { $0 }, on: loop)
  }

  /// Writes everything back here and now, and notes that it did. Only when settled.
  func close(_ broker: borrowing LiveBroker) throws(LogError) {
    if broker.disk.position > written {
      try journal.write(broker.disk.quorum.change(since: written, from: journal.start))
    }
    written = broker.disk.position
    for replica in broker.replicas { try broker.log(of: replica).close() }
    try folder.write(highWatermarks: broker.replicas.map { ($0.id, $0.highWatermark) }, durably: true)
    try folder.noteCleanStop()
  }
}
