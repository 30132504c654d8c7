import ArgumentParser
import Broker
import Clockwork
import RecordLog

/// How many replicas must have a record before its producer hears so, as it is typed.
enum AcksArgument: String, ExpressibleByArgument, CaseIterable {
  case none = "0"
  case leader = "1"
  case all

  var acks: Acks {
    switch self {
    case .none: .none
    case .leader: .leader
    case .all: .all
    }
  }
}

/// isolation.level, as it is typed.
enum IsolationArgument: String, ExpressibleByArgument, CaseIterable {
  case uncommitted = "read_uncommitted"
  case committed = "read_committed"

  var isolation: Isolation { self == .committed ? .readCommitted : .readUncommitted }
}

struct Produce: BenchCommand {
  static let examples = [
    "produce orders bibimbap", "produce orders \"2 x kimbap\" --key customer-7", "produce orders a b c --acks 1",
    "produce orders/1 bibimbap", "produce orders load --count 1000 --no-wait",
    "produce orders bibimbap --idempotent",
  ]
  static let changesWorld = true
  static let configuration = help(
    "produce", "Send records to a topic and wait for what becomes of them.",
    "Virtual time runs until the outcome is known or the client gives up. With --no-wait the command returns at once; step or run to see what happens."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The topic, or one partition of it.", valueName: "place"))
  var place: PlaceName

  @ArgumentParser.Argument(help: ArgumentHelp("One record each.", valueName: "value"))
  var values: [String]

  @Option(
    name: [.long, .customShort("k")],
    help: ArgumentHelp("Decides the partition; records of one key stay in order.", valueName: "key"))
  var key: String?

  @Option(
    name: [.long, .customShort("a")],
    help: ArgumentHelp("Who must have a record before it counts as written.", valueName: "acks"))
  var acks = AcksArgument.all

  @Option(help: ArgumentHelp("The partition, as a number.", valueName: "count"))
  var partition: Int32?

  @Option(help: ArgumentHelp("The client that sends.", valueName: "client"))
  var client = NodeID.client(1)

  @Option(
    name: [.long, .customShort("n")], help: ArgumentHelp("Send all the values this many times.", valueName: "count"))
  var count = 1

  @Flag(help: "Send once, without trying again.")
  var noRetry = false

  @Flag(
    help: "Number the batches, so that one sent again is written once. Each produce is a new producer with its own id.")
  var idempotent = false

  @Flag(help: "Return at once.")
  var noWait = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let topic = try bench.needTopic(place.topic)
    try bench.needClient(client)
    let index = partition ?? place.index
    if let index, !topic.partitions.indices.contains(Int(index)) {
      throw Refusal(
        "No partition \(topic.name)/\(index).", expected: "\(topic.name) has 0 to \(topic.partitions.count - 1).",
        attempt: "topic show \(topic.name)")
    }
    guard !values.isEmpty else {
      throw Refusal("Nothing to send.", expected: "Expected a value.", attempt: "produce \(topic.name) bibimbap")
    }
    guard (1...100_000).contains(count), values.count * count <= 100_000 else {
      throw Refusal(
        "\(count) times is out of bounds.", expected: "Expected at most 100000 records.", attempt: Self.examples[4])
    }
    var records: [Record] = []
    for turn in 0..<count {
      for value in values {
        let text = count == 1 ? value : "\(value) \(turn + 1)"
        records.append(Record(key: key.map { Array($0.utf8) }, value: Array(text.utf8)))
      }
    }
    let order = ProduceOrder(
      topic: topic.name, partition: index, source: .records(records), acks: acks.acks, retries: !noRetry,
      idempotent: idempotent)
    let ticket = bench.newTicket()
    bench.command(client, .produce(ticket, order))
    if noWait { return Answer(.done, [Line("\(client) has \(counted(records.count, "record")) to send. Try: step")]) }
    return bench.waitFor(ticket, of: client, errand) { bench, outcome in
      OutcomeLines.answer(outcome, bench, acks: acks)
    }
  }
}

/// `1 record`, `2 records`.
func counted(_ number: Int, _ noun: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : many ?? noun + "s")"
}

struct Consume: BenchCommand {
  static let examples = [
    "consume orders", "consume orders/0 --from 3 --max 10", "consume orders/0 --from end", "consume orders/0 --at n3",
    "consume orders --isolation read_committed",
  ]
  static let changesWorld = true
  static let configuration = help(
    "consume", "Read records up to the high watermark.",
    "Reads once, from the leader, and says where the next read would begin. A consumer never sees a record that the in-sync set does not have."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The topic, or one partition of it.", valueName: "place"))
  var place: PlaceName

  @Option(help: ArgumentHelp("An offset, beginning or end.", valueName: "offset"))
  var from = "beginning"

  @Option(help: ArgumentHelp("Read from this replica instead of the leader (KIP-392).", valueName: "node"))
  var at: NodeID?

  @Option(
    help: ArgumentHelp(
      "With read_committed it skips what was aborted and stops at the first open transaction.", valueName: "isolation"))
  var isolation = IsolationArgument.uncommitted

  @Option(help: ArgumentHelp("Read no more records than this.", valueName: "count"))
  var max = 100

  @Option(help: ArgumentHelp("The client that reads.", valueName: "client"))
  var client = NodeID.client(1)

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let topic = try bench.needTopic(place.topic)
    if let index = place.index { _ = try bench.needPartition(PartitionName(topic.name, index)) }
    if let at { try bench.needBroker(at) }
    let start = try self.start()
    guard (1...100_000).contains(max) else {
      throw Refusal("--max \(max) is out of bounds.", expected: "Expected 1 to 100000.", attempt: Self.examples[1])
    }
    try bench.needClient(client)
    let indices = place.index.map { [$0] } ?? topic.partitions.indices.map { Int32($0) }
    var whole = Answer()
    for index in indices {
      let ticket = bench.newTicket()
      let order = ConsumeOrder(
        topic: topic.name, partition: index, start: start, at: at, max: max, isolation: isolation.isolation)
      bench.command(client, .consume(ticket, order))
      let answer = bench.waitFor(ticket, of: client, errand) { OutcomeLines.answer($1, $0, acks: .all) }
      bench.consumptions.append(
        Bench.Consumption(client: client, ticket: ticket.rawValue, partition: PartitionName(topic.name, index)))
      if indices.count > 1 { whole.lines.append(Line("\(topic.name)/\(index)", .heading)) }
      whole.lines += answer.lines
      if answer.outcome != .done { whole.outcome = answer.outcome }
      if answer.outcome == .interrupted { break }
    }
    return whole
  }

  private func start() throws(Refusal) -> ConsumeOrder.Start {
    switch from {
    case "beginning": return .beginning
    case "end": return .end(back: 0)
    default:
      guard let offset = Int64(from), offset >= 0 else {
        throw Refusal(
          "--from \(from) is no place in a log.", expected: "Expected an offset, beginning or end.",
          attempt: Self.examples[1])
      }
      return .offset(Offset(offset))
    }
  }
}
