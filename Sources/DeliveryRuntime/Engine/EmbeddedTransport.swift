public import Clockwork
public import Delivery

/// One instance's place at an embedded log.
public struct EmbeddedTransport: EngineTransport, ~Copyable {
  private let log: EmbeddedLog
  private let member: UInt64
  private let batchLimit: Int
  private var next: [TaskName: Int64] = [:]
  private let clock: @Sendable () -> Instant

  public init(
    _ log: EmbeddedLog, batchLimit: Int = 1000, clock: @escaping @Sendable () -> Instant = { Instant.wallClock }
  ) {
    self.log = log
    self.batchLimit = max(1, batchLimit)
    self.clock = clock
    member = log.join()
  }

  public var now: Instant { clock() }

  public mutating func poll(_ patience: Interval) throws(TransportError) -> Arrival {
    var arrival = Arrival()
    (arrival.revoked, arrival.assigned) = try log.changes(member)
    for task in arrival.revoked { next[task] = nil }
    take(&arrival)
    if arrival.isEmpty, patience > .zero {
      log.wait(patience)
      take(&arrival)
    }
    return arrival
  }

  /// Only of tasks that were opened: where to begin is in their logs.
  private mutating func take(_ arrival: inout Arrival) {
    for task in log.owned(member) {
      guard let from = next[task],
        let records = try? log.read(task.input, task.partition, from: from, most: batchLimit), !records.isEmpty
      else { continue }
      next[task] = from + Int64(records.count)
      arrival.records.append((task, records))
    }
  }

  @discardableResult
  public mutating func open(
    _ openings: [(task: TaskName, entry: LogEntry)]
  ) throws(TransportError) -> [TaskName: Int64] {
    try log.append(
      openings.map {
        EmbeddedLog.stored($0.task.input.log, $0.task.partition, $0.entry.entity.key, $0.entry.encoded())
      }, for: member, openings.map(\.task))
  }

  public mutating func replay(
    _ starts: [TaskName: Int64], _ visit: (TaskName, Int64, [UInt8]) throws(TransportError) -> Bool
  ) throws(TransportError) {
    for (task, start) in starts.sorted(by: { $0.key < $1.key }) {
      var from = start
      var isSeen = false
      while !isSeen {
        let records: [InputRecord]
        do { records = try log.read(task.input.log, task.partition, from: from, most: 10_000) } catch {
          throw .refused("the journal cannot be read: \(error)")
        }
        guard !records.isEmpty else { throw .lost("the log of \(task) ends before its opening") }
        for record in records where !isSeen { isSeen = try visit(task, record.offset, record.value) }
        from += Int64(records.count)
      }
    }
  }

  public mutating func seek(_ task: TaskName, to offset: Int64) throws(TransportError) { next[task] = offset }

  @discardableResult
  public mutating func commit(
    _ records: [OutgoingRecord], read: [(task: TaskName, next: Int64)]
  ) throws(TransportError) -> [TaskName: Int64] {
    // Whoever writes a task's log owns the task: by what was read, and by whose log it is.
    var tasks = Set(read.map(\.task))
    for record in records {
      if let task = TaskName(log: record.topic, record.partition) { tasks.insert(task) }
    }
    return try log.append(
      records.map { EmbeddedLog.stored($0.topic, $0.partition, $0.key, $0.value) }, for: member, tasks.sorted())
  }

  public mutating func leave() { log.leave(member) }
}
