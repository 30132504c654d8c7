import Clockwork
import Delivery
import EventSourcing

/// The whole engine in one value, over logs in memory and a clock that jumps: what the tasks decide, without a network.
struct Loop {
  var settings: EngineSettings
  var now = Instant.start
  /// Values by topic and partition; logs and inputs alike.
  var topics: [Topic: [[[UInt8]]]] = [:]
  var tasks: [Topic: [EngineTask]] = [:]
  /// Every record of an input topic is written twice.
  var duplicates = false
  /// After every turn the task is thrown away and folded anew from its log.
  var crashes = false
  var turns = 0
  private var issued: UInt64 = 0
  private let keepingWhole: Int?

  init(_ settings: EngineSettings = EngineSettings(), keepingWhole: Int? = TaskMemory.keptWhole) {
    self.settings = settings
    self.keepingWhole = keepingWhole
    for topic in Topic.allCases { topics[topic] = Array(repeating: [], count: Int(settings.partitions)) }
    for topic in Topic.inputs {
      tasks[topic] = (0..<settings.partitions).map {
        Replaying(TaskMemory(topic, $0, keepingWhole: keepingWhole)).atFrontier()
      }
    }
  }

  // MARK: Acting

  mutating func send(_ addressed: Addressed, schema: UInt8 = 1) {
    issued += 1
    let envelope = Envelope(addressed, id: CommandID(client: 1, number: issued), schema: schema)
    write(envelope.addressed.topic, envelope.key, envelope.encoded())
  }

  mutating func sendBytes(_ bytes: [UInt8], _ topic: Topic, key: [UInt8]) { write(topic, key, bytes) }

  private mutating func write(_ topic: Topic, _ key: [UInt8], _ value: [UInt8]) {
    let partition = Int(Topic.partition(of: key, count: settings.partitions))
    for _ in 0..<(duplicates && Topic.inputs.contains(topic) ? 2 : 1) { topics[topic]![partition].append(value) }
  }

  /// Works until nothing is left to do before that time.
  mutating func run(until end: Instant) {
    while true {
      while turnOnce() {}
      guard let next = nextTimer, next <= end else { break }
      now = max(now, next)
      for topic in Topic.inputs {
        for partition in tasks[topic]!.indices {
          turn(topic, partition) { task, loop, output in task.fire(at: loop.now, loop.settings, into: &output) }
        }
      }
    }
    now = max(now, end)
  }

  mutating func run(for time: Interval) { run(until: now + time) }

  private var nextTimer: Instant? { tasks.values.flatMap { $0 }.compactMap(\.nextTimer).min() }

  private mutating func turnOnce() -> Bool {
    var isBusy = false
    for topic in Topic.inputs {
      for partition in 0..<Int(settings.partitions) {
        let next = Int(tasks[topic]![partition].memory.nextInput)
        guard next < topics[topic]![partition].count else { continue }
        isBusy = true
        let record = InputRecord(offset: Int64(next), value: topics[topic]![partition][next])
        turn(topic, partition) { task, loop, output in
          task.handle(record, at: loop.now, loop.settings, into: &output)
        }
      }
    }
    return isBusy
  }

  private mutating func turn(
    _ topic: Topic, _ partition: Int, _ body: (inout EngineTask, Loop, inout TaskOutput) -> Void
  ) {
    var output = TaskOutput()
    var task = tasks[topic]![partition]
    body(&task, self, &output)
    tasks[topic]![partition] = task
    for record in output.records(of: topic, Int32(partition), settings) {
      if record.topic == topic.log {
        topics[record.topic]![Int(record.partition)].append(record.value)
      } else {
        write(record.topic, record.key, record.value)
      }
    }
    turns += 1
    if crashes { tasks[topic]![partition] = restored(topic, partition) }
  }

  func restored(_ topic: Topic, _ partition: Int) -> EngineTask {
    var replay = Replaying(TaskMemory(topic, Int32(partition), keepingWhole: keepingWhole))
    for value in topics[topic.log]![partition] {
      if let entry = try? LogEntry(encoded: value) { replay.fold(entry) }
    }
    return replay.atFrontier()
  }

  // MARK: Looking

  private func memory(_ key: EntityID, _ topic: Topic) -> TaskMemory {
    tasks[topic]![Int(Topic.partition(of: key.key, count: settings.partitions))].memory
  }

  func order(_ n: UInt64) -> Order.State { memory(.order(n), .orderCommands).orders[n].state }
  func party(_ n: UInt64) -> Party.State { memory(.party(n), .partyCommands).parties[n].state }
  func rider(_ n: UInt64) -> Rider.State { memory(.rider(n), .riderCommands).riders[n].state }
  func trip(of owner: EntityID) -> Trip.State {
    let id = EntityID.delivery(of: owner)
    return tasks[.dispatchJobs]!.map { $0.memory.trips[id.number] }.max { $0.version < $1.version }!.state
  }
  func payment(of owner: EntityID) -> Payment.State {
    let id = EntityID.payment(of: owner)
    return memory(id, .paymentCommands).payments[id.number].state
  }
  func ticket(of owner: EntityID, line: UInt8 = 0) -> KitchenTicket.State {
    let id = EntityID.ticket(of: owner, line: line)
    return tasks[.ticketCommands]!.map { $0.memory.tickets[id.number] }.max { $0.version < $1.version }!.state
  }

  /// Every event of every log, in the order of each partition.
  var events: [(entity: EntityID, event: EngineEvent)] {
    Topic.logs.flatMap { topic in
      topics[topic]!.flatMap { $0 }.compactMap { value in
        guard let entry = try? LogEntry(encoded: value), case .event(let event, _) = entry.body else { return nil }
        return (entity: entry.entity, event: event)
      }
    }
  }

  func count(_ isWanted: (EngineEvent) -> Bool) -> Int { events.count { isWanted($0.event) } }

  /// What the subscriber's device shows of the order: the note of the highest version.
  func shown(to subscriber: EntityID, about: EntityID) -> String? {
    topics[.push]!.flatMap { $0 }.compactMap { try? PushNote(encoded: $0) }
      .filter { $0.subscriber == subscriber && $0.about == about }.max { $0.version < $1.version }?.status
  }
}

/// Places in Seoul: Gangnam's zone, and one of its neighbours'.
let gangnam = Location(latitude: 37_498_000, longitude: 127_027_000)
let home = Zone(of: gangnam)
let door = gangnam.moved(east: 600, north: 400)

func basket(
  _ lines: [OrderLine] = [OrderLine("bibimbap")], restaurant: UInt64 = 5, at place: Location = gangnam,
  card: Card = .good
) -> Basket {
  Basket(customer: 77, restaurant: restaurant, pickup: place, dropoff: door, lines: lines, card: card)
}

extension Loop {
  mutating func place(_ order: UInt64, card: Card = .good) {
    send(.order(.order(order), .place(basket(card: card))))
  }
  mutating func online(_ rider: UInt64, at place: Location = gangnam) { send(.rider(.rider(rider), .goOnline(place))) }
  mutating func kitchen(_ order: UInt64, _ command: KitchenTicket.Command) {
    send(.ticket(of: .order(order), at: 5, command))
  }
  mutating func rider(_ rider: UInt64, _ command: Rider.Command) { send(.rider(.rider(rider), command)) }
}
