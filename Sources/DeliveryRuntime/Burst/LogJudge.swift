internal import Clockwork
internal import Delivery
internal import EventSourcing

/// Judges a run by its logs alone: what was asked for has happened, once, and nobody carried two deliveries at once.
///
/// Knows nothing of who wrote the logs or what crashed meanwhile. Each log's entries must be shown in order.
public struct LogJudge: Sendable {
  private struct OrderFacts {
    var placed = 0
    var delivered = 0
    var ended = 0
    var version: UInt64 = 0
  }

  /// What was found, worst first; the first few of each kind are named.
  public private(set) var faults: [String] = []
  public private(set) var faultCount = 0
  public private(set) var entries = 0
  public private(set) var absorbed = 0
  public private(set) var openings = 0
  private var orders: [UInt64: OrderFacts] = [:]
  private var riders: [UInt64: (trip: UInt64, version: UInt64)] = [:]
  private var carriers: [UInt64: UInt64] = [:]
  private var versions: [EntityID: UInt64] = [:]
  private var lastInput: [TaskName: Int64] = [:]

  public init() {}

  public var placed: Int { orders.count { $0.value.placed > 0 } }
  public var delivered: Int { orders.count { $0.value.delivered > 0 } }
  /// Delivered, cancelled or rejected.
  public var ended: Int { orders.count { $0.value.ended > 0 } }

  /// Takes one record of a log in; bytes that are no entry are a fault.
  public mutating func note(_ task: TaskName, _ value: [UInt8]) {
    let entry: LogEntry
    do throws(SchemaError) { entry = try LogEntry(encoded: value) } catch {
      return fault("a record of \(task.input.log.name)/\(task.partition) is no entry: \(error)")
    }
    entries += 1
    switch entry.body {
    case .event(let event, let version):
      step(entry.entity, version)
      note(event, of: entry.entity)
    case .nothing(let why): if why == "seen before" { absorbed += 1 }
    case .opened: openings += 1
    case .timerSet, .timerCleared, .held, .freed, .unreadable: break
    }
    guard entry.nextInput > 0 else { return }
    if let last = lastInput[task], entry.nextInput < last {
      fault("\(task) went back from \(last) to \(entry.nextInput): an input was handled twice")
    }
    lastInput[task] = entry.nextInput
  }

  /// Every event of an entity has the next version: two writers at once would give one version twice.
  private mutating func step(_ entity: EntityID, _ version: UInt64) {
    let before = versions[entity] ?? 0
    if version != before + 1 { fault("\(entity.name) goes from version \(before) to \(version)") }
    versions[entity] = version
  }

  private mutating func note(_ event: EngineEvent, of entity: EntityID) {
    switch event {
    case .order(let event): note(event, order: entity.number)
    case .rider(let event): note(event, rider: entity.number)
    case .ticket, .payment, .trip, .board, .party: break
    }
  }

  private mutating func note(_ event: Order.Event, order: UInt64) {
    switch event {
    case .placed:
      orders[order, default: OrderFacts()].placed += 1
      if orders[order]?.placed == 2 { fault("order \(order) was placed twice") }
    case .delivered:
      orders[order, default: OrderFacts()].delivered += 1
      orders[order]?.ended += 1
      if orders[order]?.delivered == 2 { fault("order \(order) was delivered twice") }
    case .cancelled, .rejected: orders[order, default: OrderFacts()].ended += 1
    default: break
    }
  }

  private mutating func note(_ event: Rider.Event, rider: UInt64) {
    switch event {
    case .reserved(let trip, let epoch, _, _, _):
      if let busy = riders[rider] { fault("rider \(rider) was reserved for \(trip) while \(busy.trip) was theirs") }
      if let other = carriers[trip], other != rider { fault("delivery \(trip) went to \(rider) while \(other) had it") }
      riders[rider] = (trip, epoch)
    case .confirmed(let trip, _, _, _):
      if let other = carriers[trip], other != rider { fault("riders \(other) and \(rider) both carry \(trip)") }
      carriers[trip] = rider
    case .leaseExpired, .offerRefused, .released, .delivered:
      if let trip = riders.removeValue(forKey: rider)?.trip, carriers[trip] == rider { carriers[trip] = nil }
    default: break
    }
  }

  private mutating func fault(_ text: String) {
    faultCount += 1
    if faults.count < 20 { faults.append(text) }
  }

  /// The verdict on a run that was to deliver these orders.
  public mutating func finish(expecting orders: ClosedRange<UInt64>) {
    for order in orders {
      guard let facts = self.orders[order], facts.placed > 0 else {
        fault("order \(order) was accepted and is in no log: lost")
        continue
      }
      if facts.ended == 0 { fault("order \(order) has come to no end") }
      if facts.ended > 1 { fault("order \(order) has ended \(facts.ended) times") }
    }
  }
}
