import Broker
import Clockwork
import Logging
import NIOCore
import NIOPosix
import RecordLog

/// Has a node's old records removed and its logs compacted, again and again: what is quick on the node's event loop, what
/// reads and writes whole logs on a thread beside it, one log at a time.
final class LogCleaner {
  private let node: LiveNode
  private let pool: NIOThreadPool
  private let interval: Interval
  private let logger: Logger
  private var next: Scheduled<Void>?
  private var working: EventLoopFuture<Void>?

  /// `pool` is for this work alone: it may take minutes, and what waits behind it waits as long.
  init(_ node: LiveNode, pool: NIOThreadPool, every interval: Interval, logger: Logger) {
    self.node = node
    self.pool = pool
    self.interval = interval
    self.logger = logger
  }

  /// The node has come up.
  func begin() {
    guard next == nil else { return }
    next = node.loop.assumeIsolated().scheduleTask(in: .nanoseconds(interval.nanoseconds)) { [weak self] in
      self?.next = nil
      self?.clean()
      self?.begin()
    }
  }

  /// The node has gone down.
  func end() {
    next?.cancel()
    next = nil
  }

  /// Completes when nothing writes beside the logs any more.
  func settled() -> EventLoopFuture<Void> { working ?? node.loop.makeSucceededVoidFuture() }

  private func clean() {
    guard node.status == .up else { return }
    _ = node.change { $0.applyRetention(&$1) }
    if working == nil { compact(after: nil) }
  }

  private func compact(after last: PartitionID?) {
    guard let due = node.look({ $0.nextCompaction(after: last, at: node.clock.now) }) ?? nil else { return }
    let work = pool.runIfActive(eventLoop: node.loop) {
      Result { () throws(LogError) in try due.compaction.run() }
    }
    working = work.map { _ in }
    work.assumeIsolated().whenComplete { [weak self] result in
      guard let self else { return }
      working = nil
      switch result {
      case .success(.success(let result)):
        _ = node.change { $0.take(result, of: due, &$1) }
        logger.info("compacted a log", metadata: ["partition": "\(due.partition)"])
      case .success(.failure(let error)):
        logger.error("cannot compact a log", metadata: ["partition": "\(due.partition)", "error": "\(error)"])
      case .failure: return  // The process is ending.
      }
      if next != nil { compact(after: due.partition) }
    }
  }
}
