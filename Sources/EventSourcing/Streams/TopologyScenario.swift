import Clockwork

/// A topology on as many partitions as one likes, without brokers: given what has come, when this comes, then that goes
/// out.
///
/// Carries records from the topology's own topics to the partition of their new key, keeps every changelog, and can
/// lose a task and build it again, from the changelog as it is or compacted, or from a standby that followed.
public struct TopologyScenario: Sendable {
  public let topology: Topology
  public private(set) var tasks: [StreamTask]
  /// By partition, as written.
  public private(set) var changelogs: [[StreamRecord]]
  /// Everything that went out to topics that are not the topology's own, in order.
  public private(set) var written: [StreamRecord] = []

  public init(_ topology: Topology, partitions: Int = 1) {
    self.topology = topology
    tasks = Array(repeating: StreamTask(topology), count: max(1, partitions))
    changelogs = Array(repeating: [], count: max(1, partitions))
  }

  /// Records that came before: what goes out for them is not of interest.
  public func given(_ records: [StreamRecord]) -> TopologyScenario {
    var scenario = self
    scenario.feed(records)
    scenario.written = []
    return scenario
  }

  /// What goes out for these records. Every record is committed before the next.
  public mutating func when(_ records: [StreamRecord]) -> [StreamRecord] {
    let before = written.count
    feed(records)
    return Array(written[before...])
  }

  /// As `when`, with a commit only behind all of the records.
  public mutating func whenTogether(_ records: [StreamRecord]) -> [StreamRecord] {
    let before = written.count
    for record in records { tasks[partition(of: record)].process(record) }
    settle()
    return Array(written[before...])
  }

  private mutating func feed(_ records: [StreamRecord]) {
    for record in records {
      tasks[partition(of: record)].process(record)
      settle()
    }
  }

  /// Commits, and carries what goes to new keys, until nothing is under way. A topology without cycles comes to rest;
  /// one that feeds itself is stopped after 1,000 rounds.
  private mutating func settle() {
    for _ in 0..<1_000 {
      var isQuiet = true
      for index in tasks.indices {
        let commit = tasks[index].commit()
        if !commit.isEmpty { isQuiet = false }
        changelogs[index] += commit.changelog
        for record in commit.output {
          if topology.repartitions.contains(record.topic) {
            tasks[partition(of: record)].process(record)
          } else {
            written.append(record)
          }
        }
      }
      if isQuiet { return }
    }
  }

  /// Where a key belongs.
  public func partition(of record: StreamRecord) -> Int {
    Int(SlotTable.hash(record.key ?? []) % UInt64(tasks.count))
  }

  // MARK: Losing a task

  /// The task of a partition dies, and another begins with nothing but the changelog.
  public mutating func restart(_ partition: Int, compacted: Bool = false) {
    guard tasks.indices.contains(partition) else { return }
    tasks[partition] = standby(of: partition, compacted: compacted)
  }

  /// A replica of a task's state, from the changelog so far.
  public func standby(of partition: Int, compacted: Bool = false) -> StreamTask {
    var task = StreamTask(topology)
    guard changelogs.indices.contains(partition) else { return task }
    let log = compacted ? Self.compacted(changelogs[partition]) : changelogs[partition]
    for record in log { task.restore(record) }
    return task
  }

  /// What compaction may leave of a changelog: of each key the last record, and of keys that are gone nothing.
  public static func compacted(_ records: [StreamRecord]) -> [StreamRecord] {
    struct Place: Hashable {
      var topic: String
      var key: [UInt8]?
    }
    var last: [Place: Int] = [:]
    for (index, record) in records.enumerated() { last[Place(topic: record.topic, key: record.key)] = index }
    return records.enumerated().filter { index, record in
      record.value != nil && last[Place(topic: record.topic, key: record.key)] == index
    }.map(\.element)
  }
}
