import Broker
import BrokerServer
import Clockwork
import RecordLog

// Clients of the console, on the live cluster: each asks once, whoever leads by what the brokers know.

extension Produce: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard !noWait, !idempotent, !noRetry else {
      throw Refusal(
        "A live client of the console sends once and waits.",
        expected: "Expected no --no-wait, --no-retry or --idempotent.", attempt: "produce \(place.topic) bibimbap")
    }
    let topic = try live.needTopic(place.topic).1
    guard !values.isEmpty else {
      throw Refusal("Nothing to send.", expected: "Expected a value.", attempt: "produce \(topic.name) bibimbap")
    }
    guard count >= 1, values.count * count <= ClientWitness.mostTogether else {
      throw Refusal(
        "\(count) times is out of bounds.", expected: "Expected at most \(ClientWitness.mostTogether) records.",
        attempt: "produce \(topic.name) bibimbap")
    }
    let index = try self.index(of: topic)
    let records = (0..<count).flatMap { turn in
      values.map { value in
        Record(
          key: key.map { Array($0.utf8) }, value: Array((count == 1 ? value : "\(value) \(turn + 1)").utf8),
          timestamp: LiveClock().now.nanoseconds / 1_000_000)
      }
    }
    let start = LiveClock().now
    let (topicName, acks, session) = (topic.name, acks, client.description)
    let told = live.told { await $0.produce(records, to: topicName, index, acks: acks.acks, as: session) }
    return told.answer { outcome in
      let took = LiveClock().now - start
      switch outcome {
      case .appended(let base, let by):
        let last = base + Int64(records.count) - 1
        let offsets = records.count == 1 ? "offset \(base)" : "offsets \(base) to \(last)"
        let text = "acked \(topic.name)/\(index) \(offsets) by \(by) (acks=\(acks.rawValue)) after \(took), live"
        return [Line(text, .good)]
      case .done:
        let text = "sent \(counted(records.count, "record")) (acks=0): nobody will say what becomes of it"
        return [Line(text, .doubtful)]
      default: return nil
      }
    }
  }

  private func index(of topic: TopicImage) throws(Refusal) -> Int32 {
    let count = topic.partitions.count
    let keyed = key.map { Partitioner.partition(of: Array($0.utf8), count: Int32(count)) }
    guard let index = partition ?? place.index ?? (count == 1 ? 0 : keyed),
      topic.partitions.indices.contains(Int(index))
    else {
      throw Refusal(
        "\(topic.name) has \(counted(count, "partition")): which one?", expected: "Expected one of them, or a key.",
        attempt: "produce \(topic.name)/0 bibimbap")
    }
    return index
  }
}

extension Consume: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard at == nil, isolation == .uncommitted else {
      throw Refusal(
        "A live client of the console reads from the leader, and whatever is there.",
        expected: "Expected no --at or --isolation.", attempt: "consume \(place.topic)")
    }
    let (facts, topic) = try live.needTopic(place.topic)
    let indices = place.index.map { [$0] } ?? topic.partitions.indices.map { Int32($0) }
    var whole = Answer()
    for index in indices {
      let name = PartitionName(topic.name, index)
      let start: Int64
      switch from {
      case "beginning": start = 0
      case "end":
        start = facts.replicas(of: name).first { $0.leadsIn != nil }?.highWatermark ?? 0
      default:
        guard let offset = Int64(from), offset >= 0 else {
          throw Refusal(
            "--from \(from) is no place in a log.", expected: "Expected an offset, beginning or end.",
            attempt: "consume \(topic.name)/0 --from 3")
        }
        start = offset
      }
      let session = client.description
      let told = live.told { await $0.consume(name.topic, index, from: start, as: session) }
      let answer = told.answer { outcome in
        guard case .read(let records, let next, let highWatermark, let by) = outcome else { return nil }
        var lines = records.map { record in
          let offset = String(record.offset)
          return Line(String(repeating: " ", count: Swift.max(0, 5 - offset.count)) + offset + "  ", .faint)
            + Line(RecordFact(epoch: 0, key: record.key, value: record.value ?? "").text)
        }
        let what = records.isEmpty ? "nothing to read" : counted(records.count, "record")
        lines.append(Line("\(what) from \(by); next offset \(next), high watermark \(highWatermark), live", .faint))
        return lines
      }
      if indices.count > 1 { whole.lines.append(Line(name.description, .heading)) }
      whole.lines += answer.lines
      if answer.outcome != .done { whole.outcome = answer.outcome }
    }
    return whole
  }
}

extension TopicCommands.Create: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let request = ControllerRequest.createTopic(
      name: name, partitions: partitions, replication: replication ?? Int16(min(3, live.nodes.count)),
      config: config.map { TopicSetting($0.key, $0.value) })
    let created = live.told { await $0.administer(request) }.answer { outcome in
      guard case .done(let by) = outcome else { return nil }
      return [Line("Topic \(name) is created by \(by), live.")]
    }
    // So that the next command finds it: the brokers hear of it one after the other.
    if created.outcome == .done {
      _ = live.wait(.seconds(5), errand) {
        live.views.allSatisfy { view in
          view.status != .up || (view.image?.topic(named: name)?.partitions.allSatisfy { $0.leader != nil } ?? false)
        }
      }
    }
    return created
  }
}

extension LiveWorld {
  /// Asks the cluster for something, and waits for what it is told.
  fileprivate func told(_ ask: @escaping @Sendable (LiveCluster) async -> LiveOutcome) -> LiveOutcome {
    (try? Waiting.wait { [cluster] in await ask(cluster) }) ?? .refused("the cluster is gone")
  }
}

extension LiveOutcome {
  /// In words; what did not work has the same ones everywhere.
  fileprivate func answer(_ words: (LiveOutcome) -> [Line]?) -> Answer {
    if let lines = words(self) { return Answer(.done, lines) }
    switch self {
    case .refused(let reason): return Answer(.failed, [Line("refused: \(reason)", .bad)])
    case .noAnswer(let after):
      return Answer(.failed, [Line("no answer after \(after); it may have happened, or may happen yet", .doubtful)])
    case .appended, .read, .done: return Answer(.failed, [Line("another answer than was asked for", .bad)])
    }
  }
}
