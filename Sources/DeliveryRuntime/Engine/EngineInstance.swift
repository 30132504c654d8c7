public import Clockwork
public import Delivery
internal import EventSourcing

/// One instance of the engine: the tasks of the partitions that are its own, on any transport.
///
/// What a task has in memory is a fold of its log. Whenever a transaction does not commit, memory is thrown away and made
/// again from the log, which also says where the input goes on: state and offset cannot disagree, and nothing needs to be
/// known about how far a transaction of an earlier life had come.
public struct EngineInstance<Transport: EngineTransport & ~Copyable>: ~Copyable {
  private var transport: Transport
  public let name: String
  private let settings: EngineSettings
  private var tasks: [TaskName: EngineTask] = [:]
  private var ends: [TaskName: LogEnd] = [:]
  private let snapshots: SnapshotFolder?
  /// After so many entries a task's snapshot is taken, and not before there are as many as it is large: so it never costs
  /// more than a share of what the entries have cost.
  private let snapshotEvery: Int
  /// How many records go into one transaction, at most.
  private let batchLimit: Int
  private var terms: UInt64 = 0
  public private(set) var tally = EngineTally()

  /// `snapshots`: where snapshots of its tasks are kept; nil, nowhere.
  public init(
    _ transport: consuming Transport, name: String, _ settings: EngineSettings, batchLimit: Int = 4000,
    snapshots: SnapshotFolder? = nil, snapshotEvery: Int = 50_000
  ) {
    self.transport = transport
    self.name = name
    self.settings = settings
    self.batchLimit = max(1, batchLimit)
    self.snapshots = snapshots
    self.snapshotEvery = max(1, snapshotEvery)
  }

  /// The tasks that it has now.
  public var owned: [TaskName] { tasks.keys.sorted() }

  /// What it knows of a task; nil when the task is another's.
  public func memory(of task: TaskName) -> TaskMemory? { tasks[task]?.memory }

  /// One round: hears what changed hands, handles what has come, fires what is due, commits. True when anything was
  /// done.
  ///
  /// Throws `.fenced` and `.refused`, after which the instance is over; what passes by itself is in the tally.
  @discardableResult
  public mutating func step(_ patience: Interval) throws(TransportError) -> Bool {
    do throws(TransportError) { return try attempt(patience) } catch {
      switch error {
      case .fenced, .refused: throw error
      case .lost, .unavailable:
        tally.setbacks += 1
        tally.lastSetback = "\(error)"
        // Memory may be ahead of the log.
        let owned = self.owned
        (tasks, ends) = ([:], [:])
        try reopen(owned)
        return true
      }
    }
  }

  /// Tries until the log can be reached again, or until the tasks are another's.
  private mutating func reopen(_ names: [TaskName]) throws(TransportError) {
    var wanted = Set(names)
    for _ in 0..<1000 where !wanted.isEmpty {
      do throws(TransportError) {
        let arrival = try transport.poll(.milliseconds(10))
        wanted.subtract(arrival.revoked)
        wanted.formUnion(arrival.assigned)
        // Records that came meanwhile are read again: opening a task goes back to where its log says.
        try open(wanted.sorted())
        return
      } catch {
        switch error {
        case .fenced, .refused: throw error
        case .lost, .unavailable: tally.lastSetback = "\(error)"
        }
      }
    }
    guard wanted.isEmpty else { throw .refused("gave up on the log: \(tally.lastSetback)") }
  }

  private mutating func attempt(_ patience: Interval) throws(TransportError) -> Bool {
    let arrival = try transport.poll(wait(patience))
    for task in arrival.revoked {
      keepSnapshot(of: task)
      (tasks[task], ends[task]) = (nil, nil)
    }
    if !arrival.assigned.isEmpty { try open(arrival.assigned) }
    // What came of a task before it was opened comes again: where it begins is in its log.
    var rest = arrival.records.filter { !arrival.assigned.contains($0.task) }[...]
    var didAnything = !arrival.isEmpty
    repeat {
      var output = TaskOutputs()
      // Looks before it takes: what is taken out of the rest is handled.
      while output.count < batchLimit, let (task, records) = rest.popFirst() {
        handle(records, of: task, into: &output)
      }
      fire(into: &output)
      guard !output.isEmpty else { break }
      didAnything = true
      let newest = try transport.commit(output.records, read: output.read)
      tally.note(output)
      for (task, end) in output.ends {
        ends[task] = LogEnd(offset: newest[task], entry: end.entry, fresh: end.fresh + (ends[task]?.fresh ?? 0))
        keepSnapshot(of: task, whenDue: true)
      }
    } while !rest.isEmpty
    return didAnything
  }

  /// No longer than until the next timer is due.
  private func wait(_ patience: Interval) -> Interval {
    let now = transport.now
    let next = tasks.values.lazy.compactMap { $0.nextTimer }.min()
    guard let next else { return patience }
    return max(.zero, min(patience, next - now))
  }

  private mutating func handle(_ records: [InputRecord], of name: TaskName, into outputs: inout TaskOutputs) {
    guard var task = tasks.removeValue(forKey: name), let last = records.last else { return }
    var output = TaskOutput()
    let now = transport.now
    for record in records { task.handle(record, at: now, settings, into: &output) }
    tasks[name] = task
    outputs.handled += records.count
    outputs.add(output, of: name, settings, next: last.offset + 1)
  }

  private mutating func fire(into outputs: inout TaskOutputs) {
    let now = transport.now
    for name in owned {
      guard let due = tasks[name]?.nextTimer, due <= now, var task = tasks.removeValue(forKey: name) else { continue }
      var output = TaskOutput()
      task.fire(at: now, settings, most: batchLimit, into: &output)
      tasks[name] = task
      outputs.add(output, of: name, settings, next: nil)
    }
  }

  // MARK: Opening

  /// Takes tasks over: marks their logs, folds them up to the mark, and goes on where they say.
  private mutating func open(_ names: [TaskName]) throws(TransportError) {
    guard !names.isEmpty else { return }
    terms += 1
    let now = transport.now
    let term = UInt64(bitPattern: now.nanoseconds) &+ terms
    let marks = try transport.open(
      names.map { (task: $0, entry: EngineTask.opening($0.input, owner: name, term: term, at: now)) })
    for (name, restored) in try restore(names, before: marks, term) {
      let task = restored.replay.atFrontier()
      try transport.seek(name, to: task.memory.nextInput)
      (tasks[name], ends[name]) = (task, restored.end)
      tally.restored += restored.replay.count
      if restored.isFromSnapshot { tally.resumed += 1 }
      keepSnapshot(of: name, whenDue: true)
    }
    tally.openings += names.count
  }

  /// Folds the logs up to the marks, from snapshots on where there are any of use.
  private mutating func restore(
    _ names: [TaskName], before marks: [TaskName: Int64], _ term: UInt64
  ) throws(TransportError) -> [TaskName: TaskRestoring] {
    var restoring: [TaskName: TaskRestoring] = [:]
    for name in names { restoring[name] = TaskRestoring(name, from: snapshot(of: name, before: marks[name])) }
    var left = names
    let own = self.name
    while !left.isEmpty {
      let starts = Dictionary(uniqueKeysWithValues: left.map { ($0, restoring[$0]?.start ?? 0) })
      try transport.replay(starts) { task, offset, value throws(TransportError) in
        do throws(SchemaError) {
          return try restoring[task]?.take(offset, value) { $0.body == .opened(owner: own, term: term) } ?? true
        } catch {
          throw .refused(
            "\(task.input.log.name)/\(task.partition)@\(offset) is no entry of this engine: \(error). Expected: a log that "
              + "only this engine writes. Try: a newer build; whoever else writes there must stop, and the topic be made anew."
          )
        }
      }
      left = left.filter { restoring[$0]?.isRefused == true }
      for name in left {
        snapshots?.drop(name, because: "the log has something else at its place")
        restoring[name] = TaskRestoring(name, from: nil)
      }
    }
    return restoring
  }

  // MARK: Snapshots

  /// A snapshot that may be of this log: it ends before the entry that has just been written, if it is known where that is.
  private func snapshot(of name: TaskName, before mark: Int64?) -> TaskSnapshot? {
    guard let snapshots, let mark, let snapshot = snapshots.snapshot(of: name) else { return nil }
    if snapshot.last < mark { return snapshot }
    snapshots.drop(name, because: "it goes up to offset \(snapshot.last), and the log has only come to \(mark)")
    return nil
  }

  /// Called only when nothing in memory is still to be committed. What has not changed is not kept again.
  private mutating func keepSnapshot(of name: TaskName, whenDue: Bool = false) {
    guard let snapshots, let memory = tasks[name]?.memory, let end = ends[name], let offset = end.offset,
      end.fresh >= (whenDue ? max(snapshotEvery, memory.size) : 1)
    else { return }
    snapshots.keep(TaskSnapshot(last: offset, entry: end.entry, memory: memory), of: name)
    ends[name]?.fresh = 0
  }

  /// Ends on purpose. Snapshots come before the leave: who takes over from the same folder finds the newest.
  public consuming func stop() {
    for name in owned { keepSnapshot(of: name) }
    snapshots?.finish()
    transport.leave()
  }
}

/// What the tasks want written in one transaction.
private struct TaskOutputs {
  var records: [OutgoingRecord] = []
  var read: [(task: TaskName, next: Int64)] = []
  var handled = 0
  var entries = 0
  /// The last entry of each task's log, and how many there are.
  var ends: [TaskName: LogEnd] = [:]

  var count: Int { records.count }
  var isEmpty: Bool { records.isEmpty && read.isEmpty }

  mutating func add(_ output: TaskOutput, of task: TaskName, _ settings: EngineSettings, next: Int64?) {
    entries += output.entries.count
    let written = output.records(of: task.input, task.partition, settings)
    if !output.entries.isEmpty {
      // Entries come before what else there is.
      let last = written[output.entries.count - 1].value
      ends[task] = LogEnd(entry: last, fresh: output.entries.count + (ends[task]?.fresh ?? 0))
    }
    records += written
    guard let next else { return }
    if let at = read.firstIndex(where: { $0.task == task }) {
      read[at].next = next
    } else {
      read.append((task, next))
    }
  }
}

/// What an instance has done so far.
public struct EngineTally: Hashable, Sendable {
  /// Commands read and answered, and committed.
  public var handled = 0
  /// Entries written to logs.
  public var entries = 0
  /// Records of any topic written.
  public var written = 0
  public var transactions = 0
  /// Tasks taken over, and entries read back for them.
  public var openings = 0
  public var restored = 0
  /// Tasks taken over from a snapshot.
  public var resumed = 0
  /// Transactions that did not commit, after which memory was made again from the log.
  public var setbacks = 0
  public var lastSetback = ""

  public init() {}

  fileprivate mutating func note(_ outputs: TaskOutputs) {
    handled += outputs.handled
    entries += outputs.entries
    written += outputs.records.count
    transactions += 1
  }
}
