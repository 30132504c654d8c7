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
  /// How many records go into one transaction, at most.
  private let batchLimit: Int
  private var terms: UInt64 = 0
  public private(set) var tally = EngineTally()

  public init(_ transport: consuming Transport, name: String, _ settings: EngineSettings, batchLimit: Int = 4000) {
    self.transport = transport
    self.name = name
    self.settings = settings
    self.batchLimit = max(1, batchLimit)
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
        tasks = [:]
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
    for task in arrival.revoked { tasks[task] = nil }
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
      try transport.commit(output.records, read: output.read)
      tally.note(output)
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
    try transport.open(
      names.map { (task: $0, entry: EngineTask.opening($0.input, owner: name, term: term, at: now)) })
    var replaying: [TaskName: Replaying<TaskMemory>] = [:]
    for name in names { replaying[name] = Replaying(TaskMemory(name.input, name.partition)) }
    var folded = 0
    let own = self.name
    try transport.replay(names) { task, offset, value throws(TransportError) in
      let entry: LogEntry
      do throws(SchemaError) { entry = try LogEntry(encoded: value) } catch {
        throw .refused(
          "\(task.input.log.name)/\(task.partition)@\(offset) is no entry of this engine: \(error). Expected: a log that "
            + "only this engine writes. Try: a newer build, or another --prefix.")
      }
      replaying[task]?.fold(entry)
      folded += 1
      if case .opened(let owner, let opened) = entry.body { return owner == own && opened == term }
      return false
    }
    for (name, memory) in replaying {
      let task = memory.atFrontier()
      try transport.seek(name, to: task.memory.nextInput)
      tasks[name] = task
    }
    tally.restored += folded
    tally.openings += names.count
  }

  /// Ends on purpose.
  public consuming func stop() { transport.leave() }
}

/// What the tasks want written in one transaction.
private struct TaskOutputs {
  var records: [OutgoingRecord] = []
  var read: [(task: TaskName, next: Int64)] = []
  var handled = 0
  var entries = 0

  var count: Int { records.count }
  var isEmpty: Bool { records.isEmpty && read.isEmpty }

  mutating func add(_ output: TaskOutput, of task: TaskName, _ settings: EngineSettings, next: Int64?) {
    entries += output.entries.count
    records += output.records(of: task.input, task.partition, settings)
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
