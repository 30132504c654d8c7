import Clockwork
public import Delivery
public import EventSourcing
import RecordLog

/// What the engine's logs hold, as a committed reader would find them now: the truth that everything else is held
/// against.
public struct EngineLogs: Sendable {
  public struct Placed: Sendable {
    public var position: Position
    public var entry: LogEntry
    /// Written by an older engine, in a form that none writes any more; read like any other.
    public var isOldForm: Bool
  }

  public let partitions: Int32
  private var logs: [Topic: [[Placed]]] = [:]
  /// In the order of each partition.
  public private(set) var notes: [(position: Position, note: PushNote)] = []

  public init(_ world: borrowing ClusterWorld, partitions: Int32) {
    self.partitions = partitions
    for topic in Topic.logs {
      logs[topic] = (0..<partitions).map { partition in
        world.committedRecords(of: topic.name, partition).compactMap { record in
          guard let bytes = record.value, let entry = try? LogEntry(encoded: bytes) else { return nil }
          return Placed(
            position: Position(topic, partition, record.offset.rawValue), entry: entry,
            isOldForm: entry.encoded() != bytes)
        }
      }
    }
    for partition in 0..<partitions {
      for record in world.committedRecords(of: Topic.push.name, partition) {
        guard let note = try? PushNote(encoded: record.value ?? []) else { continue }
        notes.append((Position(.push, partition, record.offset.rawValue), note))
      }
    }
  }

  /// Logs of one partition, of these entries and notes: for whoever judges the judge.
  public init(_ entries: [LogEntry], notes: [PushNote]) {
    partitions = 1
    for entry in entries {
      let topic = Topic.input(for: entry.entity.known ?? .order).log
      let place = Position(topic, 0, Int64(log(topic, 0).count))
      logs[topic, default: [[]]][0].append(Placed(position: place, entry: entry, isOldForm: false))
    }
    self.notes = notes.enumerated().map { (Position(.push, 0, Int64($0.offset)), $0.element) }
  }

  public func log(_ topic: Topic, _ partition: Int32) -> [Placed] {
    let all = logs[topic] ?? []
    return all.indices.contains(Int(partition)) ? all[Int(partition)] : []
  }

  /// Every entry about the entity, in the order of its partition.
  public func history(of entity: EntityID) -> [Placed] {
    Topic.input(for: entity.known ?? .order).log.partitions(partitions).flatMap { log($0.topic, $0.partition) }
      .filter { $0.entry.entity == entity }
  }

  /// The log of a task, folded; with all there is to see of what has ended.
  public func memory(_ input: Topic, _ partition: Int32) -> TaskMemory {
    var memory = TaskMemory(input, partition, keepingWhole: nil)
    for placed in log(input.log, partition) { memory.fold(placed.entry) }
    return memory
  }

  /// Every task's log, folded.
  public var memories: [TaskMemory] { Topic.inputs.flatMap(memories) }

  private func memories(of input: Topic) -> [TaskMemory] { (0..<partitions).map { memory(input, $0) } }

  /// What every subscriber's device shows once it has read everything: for each thing the note of its highest version.
  var screens: [EntityID: [EntityID: PushNote]] {
    var screens: [EntityID: [EntityID: PushNote]] = [:]
    for (_, note) in notes {
      if let before = screens[note.subscriber]?[note.about], before.version > note.version { continue }
      screens[note.subscriber, default: [:]][note.about] = note
    }
    return screens
  }
}

// MARK: - What the logs say of entities

/// Each folds the tasks' logs that it needs; whoever asks for more keeps `memories` and asks those.
extension EngineLogs {
  /// Every order, by number.
  public var orders: [(number: UInt64, state: Order.State)] { memories(of: .orderCommands).orders }
  public var parties: [(number: UInt64, state: Party.State)] { memories(of: .partyCommands).parties }
  public var riders: [(number: UInt64, state: Rider.State)] { memories(of: .riderCommands).riders }

  /// The payment of an order or a party; nil when there was none.
  public func payment(of owner: EntityID) -> Payment.State? { memories(of: .paymentCommands).payment(of: owner) }
  /// The delivery of an order or a party, once it was asked for.
  public func trip(of owner: EntityID) -> Trip.State? { memories(of: .dispatchJobs).trip(of: owner) }
  /// What lies on a kitchen's tablet of an order, or of a line of a party.
  public func ticket(of owner: EntityID, line: UInt8) -> KitchenTicket.State? {
    memories(of: .ticketCommands).ticket(of: owner, line: line)
  }
}

extension [TaskMemory] {
  public var orders: [(number: UInt64, state: Order.State)] { all { $0.orders } }
  public var parties: [(number: UInt64, state: Party.State)] { all { $0.parties } }
  public var riders: [(number: UInt64, state: Rider.State)] { all { $0.riders } }

  public func order(_ number: UInt64) -> Order.State? { newest(number) { $0.orders } }
  public func payment(of owner: EntityID) -> Payment.State? {
    newest(EntityID.payment(of: owner).number) { $0.payments }
  }
  public func trip(of owner: EntityID) -> Trip.State? { newest(EntityID.delivery(of: owner).number) { $0.trips } }
  public func ticket(of owner: EntityID, line: UInt8 = 0) -> KitchenTicket.State? {
    newest(EntityID.ticket(of: owner, line: line).number) { $0.tickets }
  }

  private func all<D: EngineEntity>(_ entities: (TaskMemory) -> Entities<D>) -> [(number: UInt64, state: D.State)] {
    flatMap { memory in
      let known = entities(memory)
      return known.numbers.map { (number: $0, state: known[$0].state) }
    }.sorted { $0.number < $1.number }
  }

  /// What the task that has most events of the entity knows of it; nil when none has any.
  private func newest<D: EngineEntity>(_ number: UInt64, _ entities: (TaskMemory) -> Entities<D>) -> D.State? {
    let newest = map { entities($0)[number] }.max { $0.version < $1.version }
    return newest.flatMap { $0.version > 0 ? $0.state : nil }
  }
}

extension Topic {
  fileprivate func partitions(_ count: Int32) -> [(topic: Topic, partition: Int32)] { (0..<count).map { (self, $0) } }
}
