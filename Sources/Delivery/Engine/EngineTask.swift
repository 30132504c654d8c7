public import Clockwork
public import EventSourcing

/// How an engine works; the same on every instance.
public struct EngineSettings: Hashable, Sendable {
  /// Partitions of every topic.
  public var partitions: Int32
  /// The newest vocabulary this build knows: records of a newer one are held, not guessed at.
  public var schema: UInt8
  /// Plays the kitchens and the riders; nil when people do.
  public var autopilot: Autopilot?
  /// The inbox absorbs second copies. Off only to see what it is for.
  public var absorbs = true
  /// How many orders of a partition may be in progress; the others wait their turn in the log.
  public var mostInProgress = 2_500

  public init(partitions: Int32 = 2, schema: UInt8 = 1, autopilot: Autopilot? = nil) {
    self.partitions = max(1, partitions)
    self.schema = schema
    self.autopilot = autopilot
  }
}

/// A record of an input partition.
public struct InputRecord: Hashable, Sendable {
  public var offset: Int64
  public var value: [UInt8]

  public init(offset: Int64, value: [UInt8]) {
    self.offset = offset
    self.value = value
  }
}

/// A record to write.
public struct OutgoingRecord: Hashable, Sendable {
  public var topic: Topic
  public var partition: Int32
  public var key: [UInt8]
  public var value: [UInt8]
}

/// What a task wants written, all of it or none, together with how far it has read.
public struct TaskOutput: Hashable, Sendable {
  public var entries: [LogEntry] = []
  public var commands: [Envelope] = []
  public var notes: [PushNote] = []
  /// Riders that moved.
  public var places: [(rider: UInt64, at: Location)] = []

  public init() {}

  public var isEmpty: Bool { entries.isEmpty }

  /// As records, in the order in which they came to be.
  public func records(of input: Topic, _ partition: Int32, _ settings: EngineSettings) -> [OutgoingRecord] {
    var records = entries.map {
      OutgoingRecord(
        topic: input.log, partition: partition, key: $0.entity.key, value: $0.encoded(schema: settings.schema))
    }
    func add(_ topic: Topic, _ key: [UInt8], _ value: [UInt8]) {
      let place = Topic.partition(of: key, count: settings.partitions)
      records.append(OutgoingRecord(topic: topic, partition: place, key: key, value: value))
    }
    for command in commands { add(command.addressed.topic, command.key, command.encoded()) }
    for note in notes { add(.push, note.subscriber.key, note.encoded()) }
    for place in places { add(.riderLocation, EntityID.rider(place.rider).key, place.at.encodedAlone()) }
    return records
  }

  public static func == (a: TaskOutput, b: TaskOutput) -> Bool {
    a.entries == b.entries && a.commands == b.commands && a.notes == b.notes
      && a.places.elementsEqual(b.places, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(entries)
    hasher.combine(commands)
  }
}

/// One task of the engine at the live end of its log: records in, what to write out. No transport, no clock.
///
/// How to run one, on any transport:
///
/// 1. Take the transactional id of the partition (which fences the owner before), commit `opening` to its log, and
///    fold the log from its beginning up to that entry into a `Replaying<TaskMemory>`.
/// 2. `atFrontier()` gives the task. Read its input partition from `memory.nextInput`, committed records only.
/// 3. `handle` some records, and `fire` what is due; write `TaskOutput.records` in one transaction. When that does not
///    commit, throw the task away and go to 1: what is in memory is not in the log.
public typealias EngineTask = Live<TaskMemory>

extension Live where M == TaskMemory {
  /// The entry that marks the log as one's own.
  public static func opening(_ input: Topic, owner: String, term: UInt64, at now: Instant) -> LogEntry {
    LogEntry(
      entity: EntityID(kind: 0, number: 0), at: now, cause: CommandID(high: 0, low: 0), nextInput: 0,
      .opened(owner: owner, term: term))
  }

  /// Handles a record. One that was handled before gives nothing.
  public mutating func handle(
    _ record: InputRecord, at now: Instant, _ settings: EngineSettings, into output: inout TaskOutput
  ) {
    act { memory, frontier in
      var turn = TaskTurn(now: now, settings: settings, nextInput: record.offset + 1, output: output)
      if record.offset >= memory.nextInput { turn.handle(record, &memory, frontier) }
      turn.admit(&memory, frontier)
      output = turn.output
    }
  }

  /// Fires the timers that are due, at most `most`.
  public mutating func fire(
    at now: Instant, _ settings: EngineSettings, most: Int = 100, into output: inout TaskOutput
  ) {
    act { memory, frontier in
      var turn = TaskTurn(now: now, settings: settings, nextInput: memory.nextInput, output: output)
      for _ in 0..<most {
        guard let timer = memory.timers.due(by: now) else { break }
        turn.fire(timer, &memory, frontier)
      }
      turn.admit(&memory, frontier)
      output = turn.output
    }
  }

  /// When the next timer is due; nil when none is set.
  public var nextTimer: Instant? { memory.timers.nextDue }
}
