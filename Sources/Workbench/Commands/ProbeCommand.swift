import ArgumentParser
import Broker
import Clockwork
import RecordLog
import Simulation

/// Availability and consistency as a user of each node meets them: what every operation would come to, tried on copies
/// of the world, as a world is a value.
struct Probe: BenchCommand {
  static let examples = ["probe orders", "probe orders/1"]
  static let configuration = help(
    "probe", "Try every operation beside every node, on a copy of the world.",
    "Beside each broker a client is put that knows only that broker and reaches whom it reaches: what is cut off from the broker is cut off from the client. Each operation is tried in a copy of the world as it stands, until it is answered or the client gives up after 10 seconds. The world itself is left as it is."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The topic, or one partition of it.", valueName: "place"))
  var place: PlaceName

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let topic = try bench.needTopic(place.topic)
    guard place.index != nil || topic.partitions.count == 1 else {
      throw Refusal(
        "\(topic.name) has \(topic.partitions.count) partitions.", expected: "Expected one of them.",
        attempt: "probe \(topic.name)/0")
    }
    let partition = PartitionName(topic.name, place.index ?? 0)
    _ = try bench.needPartition(partition)
    let brokers = bench.brokers
    var table = TextTable([partition.description] + brokers.map { "beside \($0)" })
    var legend: [String] = []
    for (row, operation) in Operation.allCases.enumerated() {
      var cells = [Line.Span(operation.rawValue)]
      for (column, broker) in brokers.enumerated() {
        errand.progress("\(operation.rawValue) beside \(broker)", nil)
        if errand.isCancelled() { return .interrupted(bench) }
        guard bench.status(broker) == .up else {
          cells.append(Line.Span("\(bench.status(broker))", .faint))
          continue
        }
        let number = Int32(Self.firstClient + row * brokers.count + column)
        let found = operation.outcome(bench, at: broker, partition, by: .client(number), errand)
        let cell = Cell(found)
        if let meaning = cell.meaning, !legend.contains(meaning) { legend.append(meaning) }
        cells.append(cell.span(legend))
      }
      table.add(cells)
    }
    let explained = legend.enumerated().flatMap { number, meaning in
      Wrapping.lines("(\(number + 1)) \(meaning)", columns: bench.width, indent: 4).map { Line($0, .faint) }
    }
    return Answer(.done, table.lines + explained)
  }

  /// Beyond the clients that anybody types.
  private static let firstClient = 800

  private enum Operation: String, CaseIterable {
    case writeAll = "write, acks=all"
    case writeLeader = "write, acks=1"
    case read = "read"
    case readHere = "read from it"
    case create = "create topic"

    func command(_ ticket: Ticket, _ partition: PartitionName, at broker: NodeID) -> ClientCommand {
      switch self {
      case .writeAll, .writeLeader:
        let record = Record(key: nil, value: Array("probe".utf8))
        return .produce(
          ticket,
          ProduceOrder(
            topic: partition.topic, partition: partition.index, source: .records([record]),
            acks: self == .writeAll ? .all : .leader, retries: true, idempotent: false))
      case .read, .readHere:
        return .consume(
          ticket,
          ConsumeOrder(
            topic: partition.topic, partition: partition.index, start: .end(back: 1),
            at: self == .readHere ? broker : nil, max: 1))
      case .create:
        return .administer(
          ticket, .createTopic(name: "probe-\(ticket.rawValue)", partitions: 1, replication: 1, config: []))
      }
    }

    /// What becomes of it; nil when the client never knows.
    func outcome(
      _ bench: Bench, at broker: NodeID, _ partition: PartitionName, by client: NodeID, _ errand: Errand
    ) -> Outcome? {
      var copy = bench
      copy.apply(.boot(client, .client(ClientSetup(bootstrap: [broker]))))
      copy.apply(.fault(.cut(copy.linksBeside(broker, for: client))))
      let ticket = copy.newTicket()
      copy.command(client, command(ticket, partition, at: broker))
      _ = copy.run(within: Bench.patience, errand) { $0.outcome(of: ticket, client) != nil }
      return copy.outcome(of: ticket, client)
    }
  }

  /// An outcome in a few words; what they mean is told once below the table.
  private struct Cell {
    private var text: String
    private var tone: Tone
    private(set) var meaning: String?

    init(_ outcome: Outcome?) {
      tone = .good
      switch outcome {
      case .produced(let produced)?: text = "acked by \(produced.by) at \(produced.first)"
      case .consumed(let records, _, _, _, let from)?:
        let last = records.last?.value.map { String(decoding: $0, as: UTF8.self) }
        text = last.map { "\(from): \(Self.brief($0))" } ?? "\(from): nothing"
      case .done(let by)?: text = "done by \(by)"
      case .failed(let error, let reason, let definite)?:
        (text, tone) = definite ? ("refused", .bad) : ("in doubt", .doubtful)
        meaning = Self.words(error, reason)
      case .timedOut(_, let last?, let definite)?:
        (text, tone) = definite ? ("refused", .bad) : ("in doubt", .doubtful)
        meaning = Self.words(last, last.advice)
      case .timedOut(_, nil, let definite)?:
        (text, tone) = definite ? ("no answer", .bad) : ("in doubt", .doubtful)
        if !definite { meaning = "no answer came: it may have happened" }
      case .sent?, .transacted?, .group?, .joined?, .left?, nil: (text, tone) = ("no answer", .bad)
      }
    }

    func span(_ legend: [String]) -> Line.Span {
      let number = meaning.flatMap { legend.firstIndex(of: $0) }.map { " (\($0 + 1))" }
      return Line.Span(text + (number ?? ""), tone)
    }

    private static func words(_ error: BrokerError, _ reason: String) -> String {
      reason.isEmpty || reason == error.rawValue ? error.rawValue : "\(error.rawValue): \(reason)"
    }

    /// Three columns of them fit a line.
    private static func brief(_ value: String) -> String {
      DisplayWidth.of(value) <= 13 ? value : String(value.prefix(5)) + "..."
    }
  }
}

extension Bench {
  /// The links of a client that are cut when it stands beside a broker: those to the brokers that it cannot reach.
  fileprivate func linksBeside(_ broker: NodeID, for client: NodeID) -> [Link] {
    brokers.filter { $0 != broker }.flatMap { other in
      [
        world.isCut(Link(broker, other)) == true ? Link(client, other) : nil,
        world.isCut(Link(other, broker)) == true ? Link(other, client) : nil,
      ].compactMap { $0 }
    }
  }
}
