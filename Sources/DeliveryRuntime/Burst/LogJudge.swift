internal import Clockwork
internal import Delivery
internal import EventSourcing

/// Judges a run by its logs alone: what was asked for has happened, once, and nobody carried two deliveries at once.
///
/// Knows nothing of who wrote the logs or what crashed meanwhile. Each log's entries must be shown in order; between
/// logs there is none. So what one log says of another's entities is weighed at the end: two boards may well reserve a
/// rider each for one delivery, whose own log says which of the two it took.
public struct LogJudge: Sendable {
  private struct OrderFacts {
    var placed = 0
    var delivered = 0
    var ended = 0
    var isRejected = false
    var version: UInt64 = 0
  }

  /// A delivery that a rider has under one of the rider's epochs.
  private struct Claim: Hashable, Comparable {
    var trip: UInt64
    var rider: UInt64
    var epoch: UInt64

    static func < (a: Claim, b: Claim) -> Bool { (a.trip, a.rider, a.epoch) < (b.trip, b.rider, b.epoch) }
  }

  /// What was found, worst first; the first few of each kind are named.
  public private(set) var faults: [String] = []
  public private(set) var faultCount = 0
  public private(set) var entries = 0
  public private(set) var absorbed = 0
  public private(set) var openings = 0
  private var orders: [UInt64: OrderFacts] = [:]
  /// What each rider has been reserved for.
  private var riders: [UInt64: UInt64] = [:]
  /// Whom each delivery has taken, by its own log.
  private var takers: [UInt64: UInt64] = [:]
  /// Who has brought each delivery, by the riders' logs.
  private var bringers: [UInt64: UInt64] = [:]
  /// What deliveries gave riders, less what riders took up.
  private var claims: [Claim: Int] = [:]
  private var versions: [EntityID: UInt64] = [:]
  private var lastInput: [TaskName: Int64] = [:]

  public init() {}

  public var placed: Int { orders.count { $0.value.placed > 0 } }
  public var delivered: Int { orders.count { $0.value.delivered > 0 } }
  public var rejected: Int { orders.count { $0.value.isRejected } }
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
    case .timerSet, .timerCleared, .held, .freed, .unreadable, .queued, .admitted: break
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
    case .trip(let event): note(event, trip: entity.number)
    case .ticket, .payment, .board, .party: break
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
    case .cancelled: orders[order, default: OrderFacts()].ended += 1
    case .rejected:
      orders[order, default: OrderFacts()].ended += 1
      orders[order]?.isRejected = true
    default: break
    }
  }

  private mutating func note(_ event: Rider.Event, rider: UInt64) {
    switch event {
    case .reserved(let trip, _, _, _, _):
      if let other = riders.updateValue(trip, forKey: rider) {
        fault("rider \(rider) was reserved for \(name(trip)) with \(name(other)) in hand")
      }
    case .confirmed(let trip, let epoch, _, _): settle(Claim(trip: trip, rider: rider, epoch: epoch), -1)
    case .delivered(let trip, _):
      if let other = bringers.updateValue(rider, forKey: trip) {
        fault("\(name(trip)) was brought by rider \(other), and by rider \(rider)")
      }
      riders[rider] = nil
    case .leaseExpired, .offerRefused, .released: riders[rider] = nil
    default: break
    }
  }

  private mutating func note(_ event: Trip.Event, trip: UInt64) {
    switch event {
    case .assigned(let rider, let epoch, _, _, _):
      if let other = takers.updateValue(rider, forKey: trip) {
        fault("\(name(trip)) took rider \(rider) while rider \(other) had it")
      }
      settle(Claim(trip: trip, rider: rider, epoch: epoch), 1)
    case .riderLost: takers[trip] = nil
    default: break
    }
  }

  private mutating func settle(_ claim: Claim, _ change: Int) {
    let left = (claims[claim] ?? 0) + change
    claims[claim] = left == 0 ? nil : left
  }

  private func name(_ trip: UInt64) -> String { EntityID(.delivery, trip).name }

  private mutating func fault(_ text: String) {
    faultCount += 1
    if faults.count < 20 { faults.append(text) }
  }

  /// The verdict on a run that was to deliver these orders. All logs must have been shown to the same moment, which is
  /// after the last order's end.
  public mutating func finish(expecting orders: ClosedRange<UInt64>) {
    for claim in claims.filter({ $0.value < 0 }).keys.sorted() {
      fault("rider \(claim.rider) took \(name(claim.trip)) up, and it had not taken rider \(claim.rider)")
    }
    for (trip, rider) in bringers.sorted(by: { $0.key < $1.key }) where takers[trip] != rider {
      let taker = takers[trip].map { "rider \($0)" } ?? "nobody"
      fault("\(name(trip)) was brought by rider \(rider), and had taken \(taker)")
    }
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
