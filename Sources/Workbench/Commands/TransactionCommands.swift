import ArgumentParser
import Broker
import Clockwork
import RecordLog
import Simulation

/// How a transaction that is typed shall end.
enum TransactionEnd: String, EnumerableFlag {
  case commit, abort, open

  static func help(for value: TransactionEnd) -> ArgumentHelp? {
    switch value {
    case .commit: "Commit at the end; so it is unless said."
    case .abort: "Abort at the end."
    case .open: "Leave it open. A later transact of the client goes on with it."
    }
  }

  var commits: Bool? {
    switch self {
    case .commit: true
    case .abort: false
    case .open: nil
    }
  }
}

struct Transact: BenchCommand {
  static let examples = [
    "transact kitchen bills=9500", "transact kitchen bills=9500 meals/0=soup --abort",
    "transact kitchen bills=9500 --group cooks --offset orders/0=3", "transact kitchen bills=9500 --open",
    "transact kitchen --commit", "transact kitchen --abort --client c2",
  ]
  static let changesWorld = true
  static let configuration = help(
    "transact", "Write records and offsets, all or nothing (KIP-98).",
    "One record for each place; with --group also how far that group has read. Who uses a transactional id takes it from whoever used it before: the older instance is fenced, and what it left open is aborted. A transaction that is left open is aborted by its coordinator after a minute."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The transactional id.", valueName: "transaction"))
  var id: String

  @ArgumentParser.Argument(help: ArgumentHelp("A topic or a partition, and a value for it.", valueName: "write"))
  var writes: [SettingArgument] = []

  @Flag(exclusivity: .exclusive) var end = TransactionEnd.commit

  @Option(help: ArgumentHelp("The group whose offsets belong to the transaction.", valueName: "group"))
  var group: String?

  @Option(
    help: ArgumentHelp(
      "A partition and the offset the group shall go on with, like orders/0=3. May be given several times.",
      valueName: "setting"))
  var offset: [SettingArgument] = []

  @Option(help: ArgumentHelp("The client that does it.", valueName: "client"))
  var client = NodeID.client(1)

  @Flag(help: "Show every request and its answer.")
  var steps = false

  @Flag(help: "Return at once.")
  var noWait = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var order = TransactionOrder(transactionalID: id, writes: [], group: group, commit: end.commits)
    for write in writes { order.writes.append(try self.write(write, bench)) }
    for offset in offset { order.offsets.append(try groupOffset(offset, bench)) }
    guard (group == nil) == offset.isEmpty else {
      throw Refusal(
        "A group and its offsets go together.", expected: "Expected --group and --offset, or neither.",
        attempt: Self.examples[2])
    }
    guard end != .open || !(writes.isEmpty && offset.isEmpty) else {
      throw Refusal(
        "There is nothing to leave open.", expected: "Expected something to write.", attempt: Self.examples[3])
    }
    try bench.needClient(client)
    let ticket = bench.newTicket()
    bench.command(client, .transact(ticket, order))
    if noWait { return Answer(.done, [Line("\(client) has begun. Try: step")]) }
    let answer = bench.waitFor(ticket, of: client, errand) { bench, outcome in
      var answer = OutcomeLines.answer(outcome, bench, acks: .all)
      if steps, case .transacted(let transacted) = outcome {
        answer.lines.insert(contentsOf: OutcomeLines.steps(transacted, bench), at: 0)
      }
      return answer
    }
    // A client hears of the decision before its markers are written; who reads next would meet them on their way.
    let id = id
    _ = bench.run(within: .seconds(1), errand) { bench in
      WorldFacts(bench).transactions?.first { $0.id == id }.map { !$0.isEnding } ?? true
    }
    return answer
  }

  private func write(_ typed: SettingArgument, _ bench: Bench) throws(Refusal) -> TransactionOrder.Write {
    guard let place = PlaceName(argument: typed.key) else {
      throw Refusal(
        "\(typed.key) is no place for a record.", expected: "Expected a topic or a partition, like orders or orders/0.",
        attempt: Self.examples[0])
    }
    let topic = try bench.needTopic(place.topic)
    guard place.index != nil || topic.partitions.count == 1 else {
      throw Refusal(
        "\(topic.name) has \(topic.partitions.count) partitions.", expected: "Expected one of them.",
        attempt: "transact \(id) \(topic.name)/0=\(typed.value)")
    }
    let name = PartitionName(topic.name, place.index ?? 0)
    _ = try bench.needPartition(name)
    return TransactionOrder.Write(
      topic: name.topic, partition: name.index, records: [Record(key: nil, value: Array(typed.value.utf8))])
  }

  private func groupOffset(_ typed: SettingArgument, _ bench: Bench) throws(Refusal) -> GroupOffset {
    guard let name = PartitionName(parsing: typed.key), let offset = Int64(typed.value), offset >= 0 else {
      throw Refusal(
        "\(typed.key)=\(typed.value) is no offset of a partition.", expected: "Expected one, like orders/0=3.",
        attempt: Self.examples[2])
    }
    _ = try bench.needPartition(name)
    return GroupOffset(partition: TopicPartition(name.topic, name.index), offset: offset)
  }
}

struct Transactions: BenchCommand {
  static let examples = ["transactions"]
  static let configuration = help(
    "transactions", "List the transactional ids and how they stand.",
    "The coordinator of an id knows its state and its producer, and where its transaction has written.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    _ = try bench.needImage()
    guard let transactions = WorldFacts(bench).transactions else {
      return Answer(.failed, [Line("Not every transaction coordinator can tell. Try: run 10s", .bad)])
    }
    guard !transactions.isEmpty else { return Answer(.done, ["No transactions. Try: transact kitchen orders=soup"]) }
    var table = TextTable(["transaction", "state", "producer", "epoch", "coordinator", "partitions"])
    for transaction in transactions {
      table.add([
        transaction.id, transaction.state, String(transaction.producer), String(transaction.epoch),
        transaction.coordinator.description, transaction.partitions.map(\.description).joined(separator: " "),
      ])
    }
    return Answer(.done, table.lines)
  }
}

extension TopicCommands {
  struct Producers: BenchCommand {
    static let examples = ["topic producers orders", "topic producers orders/0"]
    static let configuration = help(
      "producers", "Show what leaders know of idempotent and transactional producers.",
      "A batch whose sequence number the leader has seen is not written again. A lower epoch than the producer's is fenced."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The topic, or one partition of it.", valueName: "place"))
    var place: PlaceName

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let topic = try bench.needTopic(place.topic)
      if let index = place.index { _ = try bench.needPartition(PartitionName(topic.name, index)) }
      var table = TextTable(["partition", "producer", "epoch", "next sequence", "transaction"])
      var isEmpty = true
      for index in topic.partitions.indices.map({ Int32($0) }) where place.index == nil || place.index == index {
        guard let leader = topic.partitions[Int(index)].leader, bench.status(leader) != .down else { continue }
        let known = bench.world.withBroker(leader) { broker in
          broker.replica(of: PartitionID(topic.id, index)).map { broker.producers(of: $0).producers }
        }
        for producer in (known ?? nil) ?? [] {
          isEmpty = false
          table.add([
            "\(topic.name)/\(index)", String(producer.id), String(producer.epoch),
            producer.nextSequence(in: producer.epoch).map { String($0) } ?? "any",
            producer.openedAt.map { "open since \($0)" } ?? "none open",
          ])
        }
      }
      guard !isEmpty else {
        return Answer(.done, [Line("No such producers. Try: produce \(topic.name) bibimbap --idempotent")])
      }
      return Answer(.done, table.lines)
    }
  }
}
