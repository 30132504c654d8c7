import Broker
import Clockwork
import Delivery
import DeliveryEngine
import EventSourcing
import RecordLog
import Simulation

/// How a burst reaches the engine, and how the door sees it.
extension Bench {
  /// Seoul for the bench's seed: few restaurants and the riders who are asked for.
  func city(riders: Int) -> City { City.seoul(restaurants: 120, riders: riders, seed: seed) }

  /// A door that expects what its riders and kitchens can do.
  func door(_ autopilot: Autopilot, room: Int64) -> Intake {
    // From the kitchen's yes to the customer's door: two ways, and what lies between.
    let trip = autopilot.riding + autopilot.riding + .seconds(4)
    let riders = Int64(engines.isEmpty ? 0 : engineLogs.riders.count { $0.state.phase != .offline })
    return Intake(
      expecting: max(1, riders * 1_000 / max(1, trip.milliseconds)), usual: autopilot.cooking + trip, room: room)
  }

  /// Riders say that they are there; those who are awake hear it twice and do nothing.
  mutating func wake(_ riders: some Collection<RiderProfile>, _ errand: Errand) throws(Refusal) {
    let asleep = riders.map { (number: $0.id + Rush.firstNumber - 1, at: $0.location) }
    let envelopes = asleep.map { Envelope(.rider(.rider($0.number), .goOnline($0.at)), id: newCommand()) }
    produce(envelopes.map { ($0, 0) })
    let wanted = Set(asleep.map(\.number))
    _ = wait(.seconds(30), errand) { bench in bench.awakeRiders.isSuperset(of: wanted) }
  }

  /// Customers come to the door one after the other, and again if they are asked to.
  mutating func rush(_ plan: RushPlan, door: Intake, _ errand: Errand) -> Answer {
    let first = max(Rush.firstNumber, (knownOrders.max() ?? 0) + 1)
    // While orders of one burst are open, another is more of the same.
    var rush = Rush(door: door, at: now)
    if let before = apparatus.rush, openOrders > 0 { rush = before }
    rush.door.room = door.room
    let (before, began) = (rush, now)
    let customers = plan.customers(from: now, first: first, seed: seed ^ first)
    var (next, isCancelled) = (0, false)
    while next < customers.count || !rush.tries.isEmpty {
      let due = [next < customers.count ? customers[next].due : .never, rush.tries.first?.due ?? .never].min() ?? now
      // As often as a door would send what it has gathered.
      timeline.run(until: max(due, now + Self.linger))
      forgetWritten()
      apparatus.rush = rush
      lookFromTheDoor()
      rush.door = apparatus.rush?.door ?? rush.door
      var accepted: [RushCustomer] = []
      while let again = rush.tries.first, again.due <= now {
        rush.tries.removeFirst()
        if rush.arrives(again, at: now) { accepted.append(again) }
      }
      while next < customers.count, customers[next].due <= now {
        if rush.arrives(customers[next], at: now) { accepted.append(customers[next]) }
        next += 1
      }
      send(accepted)
      errand.progress(
        "\(rush.promises.count) accepted, \(rush.refused) asked to come again, promised \(RushCurve.rounded(rush.door.eta))",
        Double(rush.promises.count + rush.lost) / Double(max(1, customers.count)))
      isCancelled = errand.isCancelled()
      if isCancelled { break }
    }
    apparatus.rush = rush
    let written = wait(.seconds(60), errand) { $0.unwritten.isEmpty }
    return told(rush, since: before, began, customers.count, isWritten: written, isCancelled)
  }

  private static let linger = Interval.milliseconds(20)

  private mutating func send(_ customers: [RushCustomer]) {
    produce(
      customers.map { customer in
        let command = Addressed.order(.order(customer.number), .place(customer.basket))
        return (Envelope(command, id: newCommand()), (customer.tapped - .start).milliseconds)
      })
  }

  private mutating func newCommand() -> CommandID { CommandID(client: 1, number: UInt64(newTicket().rawValue)) }

  /// Writes them in as few requests as there are partitions.
  private mutating func produce(_ envelopes: [(envelope: Envelope, tapped: Int64)]) {
    var records: [PartitionName: [Record]] = [:]
    for (envelope, tapped) in envelopes {
      let partition = Topic.partition(of: envelope.key, count: enginePartitions)
      records[PartitionName(envelope.addressed.topic.name, partition), default: []].append(
        Record(key: envelope.key, value: envelope.encoded(), timestamp: tapped))
    }
    for name in records.keys.sorted(by: { ($0.topic, $0.index) < ($1.topic, $1.index) }) {
      let ticket = newTicket()
      apparatus.rushTickets.append(ticket.rawValue)
      command(
        .client(1),
        .produce(
          ticket,
          ProduceOrder(
            topic: name.topic, partition: name.index, source: .records(records[name] ?? []), inFlight: 5,
            idempotent: true)))
    }
  }

  /// Drops tickets that a broker has answered for: a client remembers only its latest outcomes.
  private mutating func forgetWritten() {
    apparatus.rushTickets = unwritten
  }

  /// Tickets that no broker has answered for.
  private var unwritten: [UInt32] { apparatus.rushTickets.filter { outcome(of: Ticket($0), .client(1)) == nil } }

  /// Lets time pass in small steps until something holds.
  private mutating func wait(_ limit: Interval, _ errand: Errand, until condition: (Bench) -> Bool) -> Bool {
    let deadline = now + limit
    while !condition(self) {
      if now >= deadline || errand.isCancelled() { return false }
      timeline.run(until: min(deadline, now + .milliseconds(100)))
    }
    return true
  }

  private func told(
    _ rush: Rush, since before: Rush, _ began: Instant, _ customers: Int, isWritten: Bool, _ isCancelled: Bool
  ) -> Answer {
    if isCancelled { return .interrupted(self) }
    let promises = rush.promises.filter { before.promises[$0.key] == nil }
    let etas = promises.values.map(\.eta).sorted()
    let (refused, lost) = (rush.refused - before.refused, rush.lost - before.lost)
    var lines = [
      Line(
        "\(counted(customers, "customer")) in \(RushCurve.rounded(now - began)): \(promises.count) accepted into the log."
      )
    ]
    if let least = etas.first, let most = etas.last {
      lines.append(Line("Promised within \(RushCurve.rounded(least)) to \(RushCurve.rounded(most)), as it filled."))
    }
    if refused > 0 {
      lines.append(
        Line(
          "\(counted(refused, "time")) the door said overloaded, and when to come again; \(counted(lost, "customer")) gave up.",
          .doubtful))
    }
    lines.append(Line("\(counted(openOrders, "order")) open at \(now)."))
    if isWritten { return Answer(.done, lines) }
    return Answer(.failed, lines + [Line("Not all of it is confirmed by the brokers yet. Try: run 10s", .bad)])
  }

  func rushLines() throws(Refusal) -> [Line] {
    guard let rush = apparatus.rush else {
      throw Refusal("There was no burst.", attempt: BurstCommands.Start.examples[0])
    }
    let logs = engineLogs
    let curve = RushCurve(rush, logs, until: now)
    var lines = curve.lines(rush, isASCII: isASCII)
    lines.append(Line("\(curve.kept) of \(curve.due) that were due came within what was promised."))
    let open = openOrders
    let eta = RushCurve.rounded(rush.door.eta)
    lines.append(
      Line(
        open == 0 ? "Nothing is open." : "\(counted(open, "order")) open at \(now). Who comes now is told \(eta)."))
    return lines
  }
}

// MARK: What the door sees

extension Bench {
  /// What live tasks of the engine that read this topic know.
  private func eachMemory(of topic: Topic, _ body: (TaskMemory) -> Void) {
    for engine in engines {
      _ = world.withEngine(engine) { node in
        for seat in node.seats where seat.topic == topic && seat.phase == .live {
          if let memory = seat.task?.memory { body(memory) }
        }
      }
    }
  }

  private func eachOrder(_ body: (UInt64, Order.State) -> Void) {
    eachMemory(of: .orderCommands) { memory in
      memory.orders.visit { number, entry in body(number, entry.state) }
    }
  }

  /// Orders that live tasks know of.
  var knownOrders: [UInt64] {
    var numbers: [UInt64] = []
    eachOrder { number, _ in numbers.append(number) }
    return numbers
  }

  private var awakeRiders: Set<UInt64> {
    var awake: Set<UInt64> = []
    eachMemory(of: .riderCommands) { memory in
      memory.riders.visit { number, entry in if entry.state.phase != .offline { awake.insert(number) } }
    }
    return awake
  }

  /// Orders that are over, by what live tasks know.
  private var through: Int {
    var count = 0
    eachOrder { number, state in if apparatus.rush?.promises[number] != nil, state.phase.isOver { count += 1 } }
    return count
  }

  /// What live tasks know is ahead of the log by the transaction that is under way: lets the log catch up.
  mutating func settle() {
    for _ in 0..<20 where openOrders == 0 {
      let over = Set(engineLogs.orders.filter { $0.state.phase.isOver }.map(\.number))
      if apparatus.rush?.promises.keys.allSatisfy({ over.contains($0) }) ?? true { return }
      timeline.run(until: now + .milliseconds(200))
    }
  }

  /// Orders of the burst that were let in and are not over. While a task changes hands, as many as before.
  var openOrders: Int { max(0, (apparatus.rush?.promises.count ?? 0) - through) }

  var throughput: String {
    let rate = apparatus.rush?.door.ratePerMille ?? 0
    return "\(rate / 1_000).\(rate % 1_000 / 100)"
  }

  /// The door looks at how far things are, at most once a second.
  mutating func lookFromTheDoor() {
    guard var rush = apparatus.rush, now >= rush.lookedAt + .seconds(1) || rush.lookedAt == rush.began else { return }
    rush.lookedAt = now
    rush.door.look(accepted: Int64(rush.promises.count), through: Int64(through), at: now)
    apparatus.rush = rush
  }
}
