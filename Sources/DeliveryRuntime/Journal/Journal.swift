internal import Dispatch
public import RecordLog
internal import Synchronization

/// A log of one process: whoever appends gets an answer once the records survive a power loss, and all who come while the
/// disk is busy share the next wait for it (group commit).
///
/// Each group of appends is one batch, all of it in the log after a crash or none. Bounded: at most `waitingLimit` appends
/// wait; who comes then is refused, not queued.
public final class Journal: Sendable {
  private struct Waiting {
    var records: [Record]
    var answer: @Sendable (Result<Offset, JournalError>) -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    /// Somebody is writing, and will look here again before leaving.
    var isWriting = false
    var durableEnd: Offset
    var failure: JournalError?
  }

  private let log: SegmentedLog
  private let queue = DispatchQueue(label: "journal")
  private let state: Mutex<State>
  private let waitingLimit: Int
  /// Groups that take longer than the disk's own wait gain nothing by being larger.
  private static let groupLimit = 4096

  /// Opens the journal in a directory, and creates both if need be. What a crash tore is cut off.
  public init(
    opening path: String, settings: SegmentedLog.Settings = SegmentedLog.Settings(), waitingLimit: Int = 1 << 16
  ) throws(JournalError) {
    do throws(LogError) { log = try SegmentedLog(opening: path, settings: settings) } catch { throw .disk(error) }
    state = Mutex(State(durableEnd: log.endOffset))
    self.waitingLimit = waitingLimit
  }

  /// Where the next append goes, by what is durable.
  public var endOffset: Offset { state.withLock { $0.durableEnd } }

  /// Appends the records, next to each other, and returns the first one's offset once they are durable.
  public func append(_ records: [Record]) async throws(JournalError) -> Offset {
    guard !records.isEmpty else { return endOffset }
    let result = await withCheckedContinuation { answer in append(records) { answer.resume(returning: $0) } }
    return try result.get()
  }

  /// The same for callers that do not wait here: in the log, appends lie in the order of these calls, and in that order
  /// they are answered.
  func append(_ records: [Record], _ answer: @escaping @Sendable (Result<Offset, JournalError>) -> Void) {
    let refusal: JournalError? = state.withLock { state in
      if let failure = state.failure { return failure }
      guard state.waiting.count < waitingLimit else { return .overloaded(waiting: waitingLimit) }
      state.waiting.append(Waiting(records: records, answer: answer))
      guard !state.isWriting else { return nil }
      state.isWriting = true
      queue.async { self.write() }
      return nil
    }
    if let refusal { answer(.failure(refusal)) }
  }

  /// Writes group after group until nobody waits.
  private func write() {
    while let group = takeGroup() {
      let base = log.endOffset
      var records: [Record] = []
      records.reserveCapacity(group.reduce(0) { $0 + $1.records.count })
      for waiting in group { records += waiting.records }
      var failure: JournalError?
      do throws(LogError) {
        try log.append(RecordBatch(records: records, baseOffset: base, leaderEpoch: .first))
        try log.syncBatches()
      } catch {
        failure = .disk(error)
      }
      let end = log.endOffset
      state.withLock { state in
        if let failure { state.failure = failure } else { state.durableEnd = end }
      }
      var offset = base
      for waiting in group {
        waiting.answer(failure.map { .failure($0) } ?? .success(offset))
        offset = offset + Int64(waiting.records.count)
      }
    }
  }

  private func takeGroup() -> [Waiting]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isWriting = false
        return nil
      }
      let group = Array(state.waiting.prefix(Self.groupLimit))
      state.waiting.removeFirst(group.count)
      return group
    }
  }

  /// Shows the durable records from `from` on, oldest first, while `visit` returns true.
  public func read(from: Offset, _ visit: (Record) throws -> Bool) throws {
    let end = endOffset
    var next = max(from, .zero)
    while next < end {
      let batches = try queue.sync { try log.read(from: next, upTo: end, maxBytes: 1 << 20) }
      guard !batches.isEmpty else { return }
      for batch in batches {
        for record in try batch.records() where record.offset >= next && record.offset < end {
          guard try visit(record) else { return }
        }
        next = batch.nextOffset
      }
    }
  }

  /// Writes the indexes too, so that the next start need not look at every record.
  public func close() throws(JournalError) {
    let failure: LogError? = queue.sync {
      do throws(LogError) {
        try log.close()
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw .disk(failure) }
  }
}

/// Why nothing was appended.
public enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Too many wait already. It surely did not happen: try again a little later.
  case overloaded(waiting: Int)
  /// The disk failed, and nothing is written any more. Whether it happened is for the next start to find out.
  case disk(LogError)

  public var description: String {
    switch self {
    case .overloaded(let waiting): "\(waiting) appends wait already. Nothing was written; try again a little later."
    case .disk(let error): "the journal's disk fails: \(error). Mend it and start again."
    }
  }
}

extension LeaderEpoch {
  /// A journal has one reign.
  static let first = LeaderEpoch(0)
}
