import Broker
import Clockwork
import Histories
import RecordLog
import Simulation

/// What clients asked and were told, as operations on logs: each partition is a log, a record
/// sent is an append, a read a scan. What a cut or a crash left without an answer may have happened at any time.
struct ClientHistory {
  private struct Request {
    var client: NodeID
    var command: ClientCommand
    var asked: Moment

    /// An event tells before it asks, so its number counts twice; but what it asks it can have been told only after.
    func told(_ ending: Chronicle.Ending) -> Moment {
      Moment(max(2 * ending.event, asked.sequence + 1), ending.time)
    }
  }

  /// Of all partitions, in the order in which they were asked.
  var operations: [Operation] = []
  /// Why nothing can be said of any partition.
  var gap: String?
  /// By partition, why what was done to it cannot be judged as a log.
  private var obstacles: [String: String] = [:]

  init(_ bench: Bench) {
    var endings: [Ticket: Chronicle.Ending] = [:]
    for ending in bench.chronicle?.endings ?? [] { endings[ending.ticket] = ending }
    let topics = bench.image?.topics ?? []
    for entry in bench.timeline.journal where entry.event <= bench.timeline.position.event {
      guard case .message(.command(let command), to: let client) = entry.input else { continue }
      let request = Request(client: client, command: command, asked: Moment(2 * entry.event + 1, entry.time))
      switch command {
      case .produce(let ticket, let order):
        let count = topics.first { $0.name == order.topic }?.partitions.count ?? 1
        appends(request, order, endings[ticket], partitions: count)
      case .consume(let ticket, let order): scan(request, order, endings[ticket])
      case .transact(_, let order):
        for topic in Set(order.writes.map(\.topic)).sorted() {
          obstacles[topic] = "transactions wrote to \(topic): what they wrote is judged by claims about transactions"
        }
      case .administer(_, .deleteTopic(let name)):
        obstacles[name] = "\(name) was deleted on the way: its log is not one log"
      case .administer, .askGroup, .subscribe, .unsubscribe: break
      }
    }
    for read in bench.chronicle?.groupReads ?? [] { scan(read) }
  }

  mutating func impede(_ topic: String, _ reason: String) { obstacles[topic] = obstacles[topic] ?? reason }

  /// What was done to the partition, or to all; with a reason when it cannot be judged.
  func operations(on partition: PartitionName?) -> (operations: [Operation], obstacle: String?) {
    let wanted = operations.filter { partition == nil || $0.key == partition?.description }
    let topics = Set(wanted.compactMap { PartitionName(parsing: $0.key)?.topic } + [partition?.topic].compactMap { $0 })
    let obstacle = topics.sorted().compactMap { obstacles[$0] }.first
    return (wanted, gap ?? obstacle)
  }

  private mutating func appends(
    _ request: Request, _ order: ProduceOrder, _ ending: Chronicle.Ending?, partitions: Int
  ) {
    guard case .records(let records) = order.source else {
      obstacles[order.topic] = "a load of numbered records was sent to \(order.topic)"
      return
    }
    var answer = Histories.Answer.unknown
    var returned: Moment?
    switch ending?.outcome {
    case .produced(let produced)?:
      answer = records.count == 1 ? .number(Int(produced.first.rawValue)) : .done
      returned = ending.map { request.told($0) }
    case .failed(_, _, let definite)?, .timedOut(_, _, let definite)?:
      // Of several records the first may have been written before another failed.
      if definite && records.count == 1 { answer = .failed }
    default: break
    }
    for record in records {
      let index: Int32
      if let named = order.partition {
        index = named
      } else if partitions == 1 {
        index = 0
      } else if let key = record.key {
        index = Partitioner.partition(of: key, count: Int32(partitions))
      } else {
        obstacles[order.topic] = "records without a key were spread over \(order.topic)'s partitions"
        return
      }
      let fact = RecordFact(epoch: 0, key: record.keyText, value: record.valueText ?? "")
      operations.append(
        Operation(
          request.client.description, PartitionName(order.topic, index).description, .append(fact.text), answer,
          invoked: request.asked, returned: returned))
    }
  }

  /// What a member of a group was given. It reads on from where it stands; whether that was the end, it was not told.
  private mutating func scan(_ read: Chronicle.GroupRead) {
    guard !read.partition.topic.hasPrefix("__"), let first = read.records.first?.offset else { return }
    guard zip(read.records, read.records.dropFirst()).allSatisfy({ $1.offset == $0.offset + 1 }) else {
      return impede(
        read.partition.topic, "reads of \(read.partition.topic) have gaps: it was compacted, or has transactions")
    }
    let partition = PartitionName(read.partition)
    operations.append(
      Operation(
        read.client.description, partition.description, .scan(from: Int(first.rawValue), toEnd: false),
        .list(read.records.map { ConsumedFact(client: read.client, partition, $0).text }), invoked: read.asked,
        returned: read.told))
  }

  private mutating func scan(_ request: Request, _ order: ConsumeOrder, _ ending: Chronicle.Ending?) {
    guard let ending, case .consumed(let records, let next, let highWatermark, _, _) = ending.outcome else { return }
    let from = records.first?.offset ?? next
    let isWhole = zip(records, records.dropFirst()).allSatisfy { $1.offset == $0.offset + 1 }
    guard isWhole else {
      obstacles[order.topic] = "reads of \(order.topic) have gaps: it was compacted, or has transactions"
      return
    }
    let partition = PartitionName(order.topic, order.partition)
    let values = records.map { ConsumedFact(client: request.client, partition, $0).text }
    operations.append(
      Operation(
        request.client.description, partition.description,
        .scan(from: Int(from.rawValue), toEnd: next >= highWatermark), .list(values), invoked: request.asked,
        returned: request.told(ending)))
  }
}
