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

struct Produce: BenchCommand {
  static let examples = [
    "produce orders bibimbap", "produce orders \"2 x kimbap\" --key customer-7", "produce orders a b c --acks 1",
    "produce orders/1 bibimbap", "produce orders load --count 1000 --no-wait",
  ]
  static let changesWorld = true
  static let configuration = help(
    "produce", "Send records to a topic and wait for what becomes of them.",
    "Virtual time runs until the outcome is known or the client gives up. With --no-wait the command returns at once; step or run to see what happens.")

  @ArgumentParser.Argument(help: ArgumentHelp("The topic, or one partition of it.", valueName: "place"))
  var place: PlaceName

  @ArgumentParser.Argument(help: ArgumentHelp("One record each.", valueName: "value"))
  var values: [String]

  @Option(name: [.long, .customShort("k")], help: ArgumentHelp("Decides the partition; records of one key stay in order.", valueName: "key"))
  var key: String?

  @Option(name: [.long, .customShort("a")], help: ArgumentHelp("Who must have a record before it counts as written.", valueName: "acks"))
  var acks = AcksArgument.all

  @Option(help: ArgumentHelp("The partition, as a number.", valueName: "count"))
  var partition: Int32?

  @Option(help: ArgumentHelp("The client that sends.", valueName: "client"))
  var client = NodeID.client(1)

  @Option(name: [.long, .customShort("n")], help: ArgumentHelp("Send all the values this many times.", valueName: "count"))
  var count = 1

  @Flag(help: "Send once, without trying again.")
  var noRetry = false

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
      throw Refusal("\(count) times is out of bounds.", expected: "Expected at most 100000 records.", attempt: Self.examples[4])
    }
    var records: [Record] = []
    for turn in 0..<count {
      for value in values {
        let text = count == 1 ? value : "\(value) \(turn + 1)"
        records.append(Record(key: key.map { Array($0.utf8) }, value: Array(text.utf8)))
      }
    }
    let order = ProduceOrder(
      topic: topic.name, partition: index, source: .records(records), acks: acks.acks, retries: !noRetry)
    let ticket = bench.newTicket()
    bench.command(client, .produce(ticket, order))
    if noWait { return Answer(.done, [Line("\(client) has \(counted(records.count, "record")) to send. Try: step")]) }
    return bench.await(ticket, of: client, errand) { bench, outcome in
      OutcomeLines.answer(outcome, bench, acks: acks)
    }
  }
}

/// `1 record`, `2 records`.
func counted(_ number: Int, _ noun: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : many ?? noun + "s")"
}
