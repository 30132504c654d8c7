internal import Delivery
internal import EventSourcing

/// Where in its log what a task has in memory ends.
struct LogEnd {
  /// Of the newest entry; nil where the brokers have not said.
  var offset: Int64?
  var entry: [UInt8]
  /// Entries since the last snapshot.
  var fresh = 0
}

/// A task on its way from its log into memory: from a snapshot on, if there is one and the log is the one that it was
/// taken of, else from the beginning.
struct TaskRestoring {
  private(set) var replay: Replaying<TaskMemory>
  private(set) var end: LogEnd
  /// The log must have its last entry first: then it is believed.
  private var unproven: TaskSnapshot?
  /// The log is another one.
  private(set) var isRefused = false
  let isFromSnapshot: Bool

  init(_ task: TaskName, from snapshot: TaskSnapshot?) {
    replay = Replaying(snapshot?.memory ?? TaskMemory(task.input, task.partition))
    end = LogEnd(offset: snapshot?.last, entry: snapshot?.entry ?? [])
    unproven = snapshot
    isFromSnapshot = snapshot != nil
  }

  /// Where the log is read from.
  var start: Int64 { unproven?.last ?? 0 }

  /// Takes in a record of the log. True when it has seen enough: the entry by which this owner opened the log, or that the
  /// snapshot is of no use.
  mutating func take(
    _ offset: Int64, _ value: [UInt8], until isMark: (LogEntry) -> Bool
  ) throws(SchemaError) -> Bool {
    if let snapshot = unproven {
      unproven = nil
      isRefused = offset != snapshot.last || value != snapshot.entry
      return isRefused
    }
    let entry = try LogEntry(encoded: value)
    replay.fold(entry)
    end = LogEnd(offset: offset, entry: value, fresh: replay.count)
    return isMark(entry)
  }
}
