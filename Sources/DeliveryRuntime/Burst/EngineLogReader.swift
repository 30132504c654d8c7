public import Clockwork
import Delivery

/// Reads every log of the engine on a cluster from its beginning, for whoever watches or judges.
public struct EngineLogReader: ~Copyable {
  private let reader: PartitionReader
  private let tasks: [TopicPartition: TaskName]

  public init(_ settings: ClientSettings, partitions: Int32) throws(ClientError) {
    var tasks: [TopicPartition: TaskName] = [:]
    for input in Topic.inputs {
      for partition in 0..<partitions { tasks[TopicPartition(input.log.name, partition)] = TaskName(input, partition) }
    }
    let reader = try PartitionReader(settings)
    try reader.start(tasks.keys.sorted().map { ($0, .beginning) })
    self.reader = reader
    self.tasks = tasks
  }

  /// Waits up to `patience` for what is committed next. Each log comes in its order; between logs there is none.
  public func poll(
    _ patience: Interval, _ visit: (TaskName, [UInt8]) -> Void
  ) throws(ClientError) -> Int {
    let records = try reader.poll(patience)
    for record in records {
      guard let task = tasks[record.place], let value = record.value else { continue }
      visit(task, value)
    }
    return records.count
  }

  /// Reads on to what is committed now, in every log. False when one of them did not go on for a minute.
  ///
  /// What one log says because of another's entry comes after it: a log that is asked for its end later has whatever
  /// those asked before speak of. So riders are asked before the deliveries that took them.
  public func catchUp(_ visit: (TaskName, [UInt8]) -> Void) throws(ClientError) -> Bool {
    var ends: [TopicPartition: Int64] = [:]
    let asked = tasks.keys.sorted { a, b in (a.isOfDeliveries ? 1 : 0, a) < (b.isOfDeliveries ? 1 : 0, b) }
    for place in asked { ends[place] = try reader.bounds(place).upperBound }
    ends = ends.filter { $0.value > 0 }
    var quiet = 0
    while true {
      let read = reader.positions(asked)
      ends = ends.filter { read[$0.key] ?? 0 < $0.value }
      if ends.isEmpty { return true }
      guard quiet < 300 else { return false }
      quiet = try poll(.milliseconds(200), visit) == 0 ? quiet + 1 : 0
    }
  }
}

extension TopicPartition {
  fileprivate var isOfDeliveries: Bool { topic == Topic.dispatchEvents.name }
}
