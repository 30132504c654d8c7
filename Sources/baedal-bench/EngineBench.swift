import ArgumentParser
import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Foundation
import Glibc

/// A burst through the engine's tasks, with nothing but them in the process: how fast they decide, and what they keep.
struct EngineBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "A burst of orders through the engine's tasks: orders a second on one core, and what stays in memory.",
    discussion: """
      No broker and no disk: what a task writes is encoded, handed to whoever it is for, and let go. The clock jumps.
        swift run -c release baedal-bench engine --orders 100000
      With --takeover the logs are kept instead, and the task that owns the orders of a partition is taken over at the end.
      """)

  @Option(help: "Orders, all at once.") var orders: UInt64 = 100_000
  @Option(help: "Riders that are awake.") var riders = 20_000
  @Option(help: "Partitions of every topic.") var partitions: Int32 = 2
  @Flag(help: "How long it takes to take a task over: from its log, and from a snapshot.") var takeover = false

  func run() throws {
    var loop = TaskLoop(partitions: partitions, keepsLogs: takeover)
    let plan = BurstPlan(orders: orders, riders: riders, seed: 1)
    for rider in plan.riders { loop.send(rider) }
    loop.run(untilEnded: 0)
    giveBack()
    let idle = Residence.bytes
    let began = coreSeconds()
    for index in 0..<orders { loop.send(plan.order(index)) }
    loop.run(untilEnded: orders)
    let seconds = coreSeconds() - began
    guard loop.ended >= orders else { throw ValidationError("\(loop.ended) of \(orders) came to an end.") }
    if takeover { return try takeOver(loop.tasks[0].memory, loop.logs[0]) }
    giveBack()
    let kept = Residence.bytes - idle
    print("\(orders) orders, \(riders) riders, \(partitions) partitions; \(loop.entries) entries, to \(loop.now)")
    print("  orders/s            \(Int(Double(orders) / seconds))")
    print("  resident at the end \(kept / 1_048_576) MB more than before, \(kept / Int(orders)) bytes an order")
    print("  at most             \((loop.peak - idle) / 1_048_576) MB more")
  }
}

extension EngineBench {
  /// Processor time alone: who takes over has the log's or the file's bytes already.
  private func takeOver(_ memory: TaskMemory, _ log: [[UInt8]]) throws {
    func time<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
      let began = coreSeconds()
      let result = try body()
      print("  \(what) \(Int((coreSeconds() - began) * 1000)) ms")
      return result
    }
    let empty = TaskMemory(memory.input, memory.partition)
    print("\(memory.input.name)/0: \(memory.size) orders, \(log.count) entries")
    let folded = try time("from the log       ") {
      var folded = empty
      for value in log { folded.fold(try LogEntry(encoded: value)) }
      return folded
    }
    let snapshot = TaskSnapshot(last: Int64(log.count) - 1, entry: log.last ?? [], memory: folded)
    let bytes = time("a snapshot is made ") { snapshot.encoded() }
    let read = try time("from the snapshot  ") { try TaskSnapshot(encoded: bytes, into: empty).memory }
    guard read == memory else { throw ValidationError("What was read is not what was in memory.") }
    print("  it has \(bytes.count >> 10) KB, and the log \(log.reduce(0) { $0 + $1.count } >> 10) KB")
  }
}

/// All tasks of an engine, and the records that are on their way between them.
private struct TaskLoop {
  private let settings: EngineSettings
  private(set) var tasks: [EngineTask] = []
  /// What each task has written, if that is kept.
  private(set) var logs: [[[UInt8]]] = []
  private let keepsLogs: Bool
  private var waiting: [[InputRecord]] = []
  private var offsets: [Int64] = []
  private(set) var now = Instant.start
  private(set) var entries = 0
  private(set) var ended: UInt64 = 0
  /// The most that was resident.
  private(set) var peak = 0

  init(partitions: Int32, keepsLogs: Bool) {
    self.keepsLogs = keepsLogs
    settings = EngineSettings(partitions: partitions, autopilot: Autopilot())
    for topic in Topic.inputs {
      for partition in 0..<partitions { tasks.append(Replaying(TaskMemory(topic, partition)).atFrontier()) }
    }
    waiting = Array(repeating: [], count: tasks.count)
    logs = Array(repeating: [], count: tasks.count)
    offsets = Array(repeating: 0, count: tasks.count)
  }

  mutating func send(_ envelope: Envelope) {
    let topic = envelope.addressed.topic
    deliver(topic, Topic.partition(of: envelope.key, count: settings.partitions), envelope.encoded())
  }

  private mutating func deliver(_ topic: Topic, _ partition: Int32, _ value: [UInt8]) {
    guard let place = Topic.inputs.firstIndex(of: topic) else { return }
    let at = place * Int(settings.partitions) + Int(partition)
    waiting[at].append(InputRecord(offset: offsets[at], value: value))
    offsets[at] += 1
  }

  /// Until so many orders have ended, and nothing is on its way.
  mutating func run(untilEnded wanted: UInt64) {
    while true {
      if turn() { continue }
      if ended >= wanted { return }
      guard let next = tasks.lazy.compactMap({ $0.nextTimer }).min() else { return }
      now = max(now, next)
      peak = max(peak, Residence.bytes)
      for at in tasks.indices {
        write(at) { task, now, settings, output in task.fire(at: now, settings, most: 4000, into: &output) }
      }
    }
  }

  /// A batch for every task that has something to read.
  private mutating func turn() -> Bool {
    var didAnything = false
    for at in tasks.indices where !waiting[at].isEmpty {
      didAnything = true
      let records = waiting[at]
      waiting[at] = []
      write(at) { task, now, settings, output in
        for record in records { task.handle(record, at: now, settings, into: &output) }
      }
    }
    return didAnything
  }

  private mutating func write(
    _ at: Int, _ body: (inout EngineTask, Instant, EngineSettings, inout TaskOutput) -> Void
  ) {
    var output = TaskOutput()
    body(&tasks[at], now, settings, &output)
    guard !output.isEmpty else { return }
    entries += output.entries.count
    for entry in output.entries {
      if case .event(.order(let event), _) = entry.body, event == .delivered { ended += 1 }
    }
    let memory = tasks[at].memory
    for record in output.records(of: memory.input, memory.partition, settings) {
      if keepsLogs, record.topic == memory.input.log { logs[at].append(record.value) }
      deliver(record.topic, record.partition, record.value)
    }
  }
}

/// Has the allocator give back what it has free: malloc_trim, which is in no header that Swift sees.
private func giveBack() {
  typealias Trim = @convention(c) (Int) -> Int32
  guard let symbol = dlsym(nil, "malloc_trim") else { return }
  _ = unsafeBitCast(symbol, to: Trim.self)(0)
}
