public import Broker
public import Clockwork
public import Delivery
import EventSourcing
import RecordLog

/// An instance of the delivery engine, without I/O: a member of the engines' group, with a seat for each partition it
/// is given. Everything it decides goes to the log in a transaction with how far it has read.
///
/// It keeps nothing on disk. After a crash, or when a partition comes from another instance, the log is folded again.
public struct EngineNode: Sendable {
  public let id: NodeID
  public private(set) var setup: EngineSetup
  public private(set) var client: Client
  public private(set) var seats: [EngineSeat] = []
  private var lastTicket: UInt32 = 0
  private var lastTerm: UInt64
  private var alarm = Alarm()
  private var rejoinAt = Instant.start
  /// Transactions that committed, and that did not.
  public private(set) var committed = 0
  public private(set) var discarded = 0

  /// How long to wait after something has failed.
  private static let backoff = Interval.milliseconds(500)

  public init(_ id: NodeID, _ setup: EngineSetup, _ fx: inout BrokerEffects) {
    self.id = id
    self.setup = setup
    client = Client(id, setup.client, &fx)
    lastTerm = UInt64(fx.choose(1 << 31, "first term of an engine")) << 16
    order(.subscribe(nextTicket(), group: setup.group, topics: Topic.inputs.map(\.name)), &fx)
    tend(&fx)
  }

  public mutating func reconfigure(_ setup: EngineSetup, _ fx: inout BrokerEffects) {
    self.setup = setup
    client.reconfigure(setup.client)
    tend(&fx)
  }

  /// What this instance may work on, as far as it knows.
  public var assigned: [TopicPartition] {
    guard let member = client.subscriptions.first?.member, case .reading = member.phase else { return [] }
    return member.partitions
  }

  public func seat(_ topic: Topic, _ partition: Int32) -> EngineSeat? {
    seats.first { $0.topic == topic && $0.partition == partition }
  }

  // MARK: Events

  public mutating func hear(_ message: BrokerMessage, from: NodeID, _ fx: inout BrokerEffects) {
    client.hear(message, from: from, &fx)
    tend(&fx)
  }

  public mutating func ring(_ timer: ClientTimer, _ fx: inout BrokerEffects) {
    client.ring(timer, &fx)
    _ = alarm.rang(fx.now)
    tend(&fx)
  }

  private mutating func nextTicket() -> Ticket {
    lastTicket += 1
    return Ticket(lastTicket)
  }

  private mutating func order(_ command: ClientCommand, _ fx: inout BrokerEffects) {
    client.hear(.command(command), from: .console, &fx)
  }

  private mutating func tend(_ fx: inout BrokerEffects) {
    takeSeats(&fx)
    for at in seats.indices {
      hearWriting(at, &fx)
      hearReading(at, &fx)
      if seats[at].isAssigned { goOn(at, &fx) }
    }
  }

  /// A group that has refused this member for good is asked again, as a new one.
  private mutating func rejoin(_ fx: inout BrokerEffects) {
    guard client.subscriptions.first?.member.isOver == true else { return }
    guard rejoinAt <= fx.now else { return alarm.ring(.client(.due), by: rejoinAt, &fx) }
    rejoinAt = fx.now + .seconds(2)
    order(.unsubscribe(nextTicket(), group: setup.group), &fx)
    order(.subscribe(nextTicket(), group: setup.group, topics: Topic.inputs.map(\.name)), &fx)
  }

  private mutating func takeSeats(_ fx: inout BrokerEffects) {
    rejoin(&fx)
    let assigned = assigned
    for at in seats.indices { seats[at].isAssigned = assigned.contains(seats[at].input) }
    for partition in assigned where !seats.contains(where: { $0.input == partition }) {
      guard let topic = Topic(named: partition.topic) else { continue }
      var seat = EngineSeat(topic, partition.index)
      seat.isAssigned = true
      seats.append(seat)
      fx.note("takes \(partition)")
    }
  }

  // MARK: Going on

  private mutating func goOn(_ at: Int, _ fx: inout BrokerEffects) {
    guard seats[at].writing == nil else { return }
    if seats[at].task != nil { return work(at, &fx) }
    if seats[at].replay != nil {
      if seats[at].reading == nil { read(at, seats[at].topic.log, from: seats[at].logOffset, max: 500, &fx) }
      return
    }
    guard seats[at].retryAt <= fx.now else { return alarm.ring(.client(.due), by: seats[at].retryAt, &fx) }
    open(at, &fx)
  }

  private mutating func open(_ at: Int, _ fx: inout BrokerEffects) {
    guard setup.rules.marksTheLog else {
      seats[at].replay = Replaying(TaskMemory(seats[at].topic, seats[at].partition))
      return goOn(at, &fx)
    }
    lastTerm += 1
    seats[at].term = lastTerm
    let entry = EngineTask.opening(seats[at].topic, owner: id.description, term: lastTerm, at: fx.now)
    let record = Record(key: entry.entity.key, value: entry.encoded())
    let write = TransactionOrder.Write(
      topic: seats[at].topic.log.name, partition: seats[at].partition, records: [record])
    transact(at, [write], offset: nil, &fx)
  }

  private mutating func work(_ at: Int, _ fx: inout BrokerEffects) {
    guard var task = seats[at].task else { return }
    seats[at].task = nil
    var output = TaskOutput()
    for record in seats[at].pending.prefix(setup.batch) {
      task.handle(record, at: fx.now, setup.settings, into: &output)
    }
    seats[at].pending.removeFirst(min(setup.batch, seats[at].pending.count))
    task.fire(at: fx.now, setup.settings, into: &output)
    if let due = task.nextTimer, due > fx.now { alarm.ring(.client(.due), by: due, &fx) }
    let next = task.memory.nextInput
    seats[at].task = task
    if !output.isEmpty {
      fx.note("\(seats[at].input): \(output.summary)")
      transact(at, writes(output, seats[at]), offset: next, &fx)
    } else if seats[at].pending.isEmpty, seats[at].reading == nil {
      read(at, seats[at].topic, from: seats[at].inputOffset, max: setup.batch, &fx)
    }
  }

  private func writes(_ output: TaskOutput, _ seat: EngineSeat) -> [TransactionOrder.Write] {
    var writes: [TransactionOrder.Write] = []
    for record in output.records(of: seat.topic, seat.partition, setup.settings) {
      let made = Record(key: record.key, value: record.value)
      if let place = writes.firstIndex(where: { $0.topic == record.topic.name && $0.partition == record.partition }) {
        writes[place].records.append(made)
      } else {
        writes.append(TransactionOrder.Write(topic: record.topic.name, partition: record.partition, records: [made]))
      }
    }
    return writes
  }

  private mutating func transact(
    _ at: Int, _ writes: [TransactionOrder.Write], offset: Int64?, _ fx: inout BrokerEffects
  ) {
    let ticket = nextTicket()
    seats[at].writing = ticket
    let seat = seats[at]
    order(
      .transact(
        ticket,
        TransactionOrder(
          transactionalID: "\(setup.group).\(seat.input)", writes: writes, group: offset == nil ? nil : setup.group,
          offsets: offset.map { [GroupOffset(partition: seat.input, offset: $0)] } ?? [],
          timeout: setup.transactionTimeout)), &fx)
  }

  private mutating func read(_ at: Int, _ topic: Topic, from offset: Offset, max: Int, _ fx: inout BrokerEffects) {
    let ticket = nextTicket()
    seats[at].reading = ticket
    order(
      .consume(
        ticket,
        ConsumeOrder(
          topic: topic.name, partition: seats[at].partition, start: .offset(offset), max: max,
          wait: .milliseconds(500), isolation: .readCommitted, returnsEarly: true)), &fx)
  }

  // MARK: Answers

  private mutating func hearWriting(_ at: Int, _ fx: inout BrokerEffects) {
    guard let ticket = seats[at].writing, let outcome = client.outcome(of: ticket) else { return }
    seats[at].writing = nil
    if case .transacted(let transacted) = outcome, transacted.ending == .committed {
      committed += 1
      if seats[at].task == nil {
        seats[at].replay = Replaying(TaskMemory(seats[at].topic, seats[at].partition))
        seats[at].logOffset = .zero
      }
      return
    }
    discarded += 1
    if seats[at].task != nil, !setup.rules.refoldsAfterFailure { return }
    fx.note("\(seats[at].input): not committed; forgets what it thought and folds the log again")
    seats[at].forget(until: fx.now + Self.backoff)
  }

  private mutating func hearReading(_ at: Int, _ fx: inout BrokerEffects) {
    guard let ticket = seats[at].reading, let outcome = client.outcome(of: ticket) else { return }
    seats[at].reading = nil
    guard case .consumed(let records, let next, _, _, _) = outcome else {
      if seats[at].task == nil { seats[at].forget(until: fx.now + Self.backoff) }
      return
    }
    if seats[at].task != nil {
      seats[at].inputOffset = next
      seats[at].pending += records.map { InputRecord(offset: $0.offset.rawValue, value: $0.value ?? []) }
      return
    }
    seats[at].logOffset = next
    var isAtMark = !setup.rules.marksTheLog && records.isEmpty
    for record in records {
      // What this build cannot read of its own log was written by a newer one: better to stand still than to guess.
      guard let entry = try? LogEntry(encoded: record.value ?? []) else {
        fx.note("\(seats[at].input): cannot read its log at \(record.offset)")
        return seats[at].forget(until: fx.now + .seconds(10))
      }
      seats[at].replay?.fold(entry)
      if case .opened(_, seats[at].term) = entry.body { isAtMark = true }
    }
    if isAtMark { goLive(at, &fx) }
  }

  private mutating func goLive(_ at: Int, _ fx: inout BrokerEffects) {
    guard let replay = seats[at].replay else { return }
    seats[at].replay = nil
    seats[at].restoredFrom = replay.count
    let task = replay.atFrontier()
    seats[at].inputOffset = Offset(task.memory.nextInput)
    seats[at].task = task
    fx.note("\(seats[at].input): live after \(seats[at].restoredFrom) entries")
  }

  public func fingerprint(into hasher: inout StateHasher) {
    client.fingerprint(into: &hasher)
    for seat in seats { seat.fingerprint(into: &hasher) }
  }
}

extension TaskOutput {
  /// `2 events, 1 command` — in words for a trace.
  var summary: String {
    var events: [String] = []
    for entry in entries {
      switch entry.body {
      case .event(let event, _): events.append("\(entry.entity.name) \(event.word)")
      case .held: events.append("\(entry.entity.name) held")
      case .nothing(let why): events.append("\(entry.entity.name): \(why)")
      case .timerSet, .timerCleared, .freed, .unreadable, .opened, .queued, .admitted: break
      }
    }
    let shown = events.prefix(3).joined(separator: ", ")
    return shown + (events.count > 3 ? " and \(events.count - 3) more" : "")
  }
}
