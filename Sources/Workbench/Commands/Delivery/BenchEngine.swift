import Broker
import Clockwork
import Delivery
import DeliveryEngine
import EventSourcing
import Simulation

/// How commands reach the engine, and what they read off it.
extension Bench {
  var engines: [NodeID] { world.engines.sorted() }

  var engineSetup: EngineSetup? {
    for id in engines { if case .engine(let setup)? = world.setup(of: id) { return setup } }
    return nil
  }

  var enginePartitions: Int32 { engineSetup?.settings.partitions ?? 2 }

  var engineLogs: EngineLogs { EngineLogs(world, partitions: enginePartitions) }

  func needEngine() throws(Refusal) {
    try needCluster()
    if engines.isEmpty {
      throw Refusal("There is no engine yet.", expected: "It runs on the cluster's brokers.", attempt: "engine start 2")
    }
  }

  /// Whether some instance has handled the command, and its transaction is committed.
  func isHandled(_ id: CommandID, for addressed: Addressed) -> Bool {
    let partition = Topic.partition(of: addressed.key.key, count: enginePartitions)
    return engines.contains { engine in
      world.withEngine(engine) { node in
        guard let seat = node.seat(addressed.topic, partition), seat.phase == .live, !seat.isWriting else {
          return false
        }
        return seat.task?.memory.inbox.has(id) ?? false
      } ?? false
    }
  }

  /// Whether some instance holds the entity, and this command waits with it.
  private func isHeld(_ addressed: Addressed) -> Bool {
    let partition = Topic.partition(of: addressed.key.key, count: enginePartitions)
    return engines.contains { engine in
      world.withEngine(engine) { node in
        guard let seat = node.seat(addressed.topic, partition), seat.phase == .live, !seat.isWriting else {
          return false
        }
        return seat.task?.memory.holds.isHeld(addressed.to) ?? false
      } ?? false
    }
  }

  /// Sends a command through client c1, waits until the engine has handled it, and tells what followed.
  mutating func send(
    _ addressed: Addressed, schema: UInt8 = 1, noWait: Bool = false, _ errand: Errand
  ) throws(Refusal) -> Answer {
    try needEngine()
    try needClient(.client(1))
    let ticket = newTicket()
    let id = CommandID(client: 1, number: UInt64(ticket.rawValue))
    let envelope = Envelope(addressed, id: id, schema: schema)
    command(.client(1), .produce(ticket, envelope.order(partitions: enginePartitions)))
    if noWait { return Answer(.done, [Line("Sent.", .faint)]) }
    let end = run(within: .seconds(20), errand) { $0.isHandled(id, for: addressed) || $0.isHeld(addressed) }
    switch end {
    case .cancelled: return .interrupted(self)
    case .never: return unanswered(ticket)
    case .happened:
      // The decision is made; the marks of its transaction reach the logs a moment later.
      for _ in 0..<100 {
        let answer = followed(id, addressed.to)
        if !answer.lines.isEmpty { return answer }
        _ = run(within: .milliseconds(5), errand) { _ in false }
      }
      return Answer(.failed, [Line("It was handled, and its transaction is not committed yet. Try: run 1s", .doubtful)])
    }
  }

  /// What the log says about a command.
  private func followed(_ id: CommandID, _ entity: EntityID) -> Answer {
    let entries = engineLogs.history(of: entity).filter { $0.entry.cause == id }
    var lines: [Line] = []
    for placed in entries {
      switch placed.entry.body {
      case .event(let event, _): lines.append(Line("\(entity.name): \(event.word)  \(placed.position.text)"))
      case .nothing(let why):
        let isRefusal = why.hasPrefix("refused")
        lines.append(Line("\(entity.name): \(why)", isRefusal ? .bad : .faint))
      case .held(_, let why): lines.append(Line("\(entity.name) is held: \(why)", .doubtful))
      case .queued: lines.append(Line("\(entity.name): accepted, and waits for its turn", .faint))
      case .timerSet, .timerCleared, .freed, .unreadable, .opened, .admitted: break
      }
    }
    let isRefused = entries.contains {
      if case .nothing(let why) = $0.entry.body { why.hasPrefix("refused") } else { false }
    }
    return Answer(isRefused ? .failed : .done, lines)
  }

  private func unanswered(_ ticket: Ticket) -> Answer {
    let outcome = world.withClient(.client(1)) { $0.outcome(of: ticket) } ?? nil
    if case .produced? = outcome {
      return Answer(
        .failed, [Line("It is in the log, and the engine has not handled it within 20s. Try: engine show", .doubtful)])
    }
    return Answer(.failed, [Line("No broker has confirmed it within 20s. Try: cluster show", .bad)])
  }
}

/// Places that can be named: Seoul around Gangnam, and so many kilometres from it.
enum Seoul {
  static let gangnam = Location(latitude: 37_498_000, longitude: 127_027_000)
  static let home = gangnam.moved(east: 600, north: 400)

  /// Restaurants lie in a small ring around Gangnam station; number 9 and above in the neighbouring zone.
  static func restaurant(_ number: UInt64) -> Location {
    if number >= 9 { return Zone(of: gangnam).neighbours[0].centre }
    let east = Int64(number % 3) * 150 - 150
    let north = Int64(number / 3) * 120 - 120
    return gangnam.moved(east: east, north: north)
  }

  /// A zone by its name, or `home` and `next` for Gangnam's and its nearest neighbour's.
  static func place(_ text: String) -> Location? {
    switch text {
    case "home": gangnam
    case "next": Zone(of: gangnam).neighbours[0].centre
    default: Zone(text)?.centre
    }
  }
}
