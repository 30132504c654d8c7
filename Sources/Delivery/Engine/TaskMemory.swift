import Clockwork
public import EventSourcing

/// What one task of the engine knows: a fold of its log, and nothing else.
///
/// A task owns one partition of one input topic, and is the only writer of the same partition of that topic's log.
/// Kafka has no conditional append: single ownership, fenced by a transactional id, is what makes the version it holds
/// the version there is.
public struct TaskMemory: Memory, Equatable {
  public struct HeldRecord: Hashable, Sendable {
    public var bytes: [UInt8]
  }

  /// An instance that opened the log.
  public struct Owner: Hashable, Sendable {
    public var name: String
    public var term: UInt64
  }

  public let input: Topic
  public let partition: Int32

  public internal(set) var orders = Entities<Order>()
  public internal(set) var tickets = Entities<KitchenTicket>()
  public internal(set) var payments = Entities<Payment>()
  public internal(set) var riders = Entities<Rider>()
  public internal(set) var trips = Entities<Trip>()
  public internal(set) var boards = Entities<ZoneBoard>()
  public internal(set) var parties = Entities<Party>()

  public internal(set) var inbox: Inbox
  public internal(set) var timers = Timers<Addressed>()
  public internal(set) var holds = Holds<HeldRecord>()
  public internal(set) var admission = AdmissionQueue()
  /// The offset of the input partition to go on at. In the log, not in the group: state and offset cannot disagree.
  public internal(set) var nextInput: Int64 = 0
  /// Who has opened the log last.
  public internal(set) var owner: Owner?
  /// Records that nothing could be made of.
  public internal(set) var unreadable = 0
  /// Commands that had no effect because they had come before.
  public internal(set) var absorbed = 0

  /// How many entities of a kind that have ended stay whole.
  public static let keptWhole = 256
  private let keepingWhole: Int?

  /// `keepingWhole`: how many entities of a kind stay whole once they have ended. Nil, all: for whoever reads a log to see
  /// what was. What a task decides is the same either way.
  public init(
    _ input: Topic, _ partition: Int32, inbox: Inbox = Inbox(), keepingWhole: Int? = TaskMemory.keptWhole
  ) {
    self.input = input
    self.partition = partition
    self.inbox = inbox
    self.keepingWhole = keepingWhole
  }

  /// Why a second copy has no effect.
  static let seen = "seen before"

  public mutating func fold(_ entry: LogEntry) {
    nextInput = max(nextInput, entry.nextInput)
    switch entry.body {
    case .event(let event, let version):
      inbox.admit(entry.cause)
      fold(event, of: entry.entity, version)
    case .nothing(let why):
      inbox.admit(entry.cause)
      if why == Self.seen { absorbed += 1 }
    case .timerSet(let id, let due, let command): timers.set(id, due: due, command)
    case .timerCleared(let id): timers.clear(id)
    case .held(let record, let why):
      // Never more than `Holds.most`: what decides to hold has looked.
      try? holds.hold(entry.entity, HeldRecord(bytes: record), because: why)
    case .freed:
      inbox.admit(entry.cause)
      _ = holds.take(entry.entity)
    case .unreadable: unreadable += 1
    case .opened(let name, let term): owner = Owner(name: name, term: term)
    case .queued(let record):
      inbox.admit(entry.cause)
      admission.wait(entry.entity, record)
    case .admitted: admission.admit(entry.entity)
    }
  }

  private mutating func fold(_ event: EngineEvent, of entity: EntityID, _ version: UInt64) {
    let (number, most) = (entity.number, keepingWhole)
    switch event {
    case .order(let event):
      let before = orders[number].state.phase
      orders.fold(number, event, version: version, keeping: most)
      let after = orders[number].state.phase
      if before == .unknown, after != .unknown { admission.begin() }
      if !before.isOver, after.isOver { admission.end() }
    case .ticket(let event): tickets.fold(number, event, version: version, keeping: most)
    case .payment(let event): payments.fold(number, event, version: version, keeping: most)
    case .rider(let event): riders.fold(number, event, version: version, keeping: most)
    case .trip(let event): trips.fold(number, event, version: version, keeping: most)
    case .board(let event): boards.fold(number, event, version: version, keeping: most)
    case .party(let event): parties.fold(number, event, version: version, keeping: most)
    }
  }
}

extension TaskMemory {
  /// How many entities it knows, and orders that wait for their turn: what its snapshot is as large as.
  public var size: Int {
    orders.count + tickets.count + payments.count + riders.count + trips.count + boards.count + parties.count
      + admission.count
  }

  /// Of everything that decides what the task does next: two memories of the same log have the same.
  public var digest: UInt64 {
    var hasher = StateHasher()
    hasher.combine(nextInput)
    hasher.combine(timers.count)
    for timer in timers.all {
      hasher.combine(timer.due.nanoseconds)
      hasher.combine(timer.id.entity.number)
    }
    hasher.combine(inbox.count)
    for entity in holds.entities { hasher.combine(entity.number) }
    hasher.combine(admission.count)
    hasher.combine(admission.inProgress)
    Self.mix(orders, into: &hasher)
    Self.mix(tickets, into: &hasher)
    Self.mix(payments, into: &hasher)
    Self.mix(riders, into: &hasher)
    Self.mix(trips, into: &hasher)
    Self.mix(boards, into: &hasher)
    Self.mix(parties, into: &hasher)
    return hasher.finalize()
  }

  private static func mix<D: EngineEntity>(_ entities: Entities<D>, into hasher: inout StateHasher) {
    for number in entities.numbers {
      hasher.combine(number)
      hasher.combine(entities[number].version)
    }
  }
}
