/// Claims about what transactions and repeated sending leave in the logs.
extension Judge {
  func holds(_ name: PartitionName, _ text: String, _ measure: Measure) -> Finding {
    replica(name, nil) { replica in
      let counting = facts.counting(name, on: replica.node)
      let count = counting.filter { $0.value == text || $0.text == text }.count
      let all = counted(counting.count, "record")
      let evidence = ["\(name) holds \(text) \(counted(count, "time")), among \(all) that count"]
      return measure.holds(for: Int64(count)) ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
    }
  }

  func noDuplicates(in topic: String) -> Finding {
    guard let partitions = facts.partitions?.filter({ $0.name.topic == topic }) else { return nobodyToTell }
    guard !partitions.isEmpty else { return .unknown(["there is no topic \(topic)"], next: "topic list") }
    var texts: [String] = []
    for partition in partitions {
      guard let leader = leading(partition, facts.replicas(of: partition.name)) else {
        return .unknown(["\(partition.name) has no live leader"], next: "log show \(partition.name)")
      }
      texts += facts.counting(partition.name, on: leader.node).map(\.text)
    }
    texts.sort()
    var repeated: [String] = []
    for (text, next) in zip(texts, texts.dropFirst()) where text == next && repeated.last != text {
      repeated.append(text)
    }
    let evidence = ["\(topic) has \(counted(texts.count, "record")) that count"]
    guard !repeated.isEmpty else { return .holds(evidence) }
    let more = repeated.count > 5 ? " and \(repeated.count - 5) more" : ""
    let named = repeated.prefix(5).joined(separator: ", ") + more
    return .fails(evidence + ["more than once: \(named)"], next: "log show \(topic)")
  }

  func lastStable(_ name: PartitionName, _ measure: Measure) -> Finding {
    replica(name, nil) { replica in
      guard let lastStable = replica.lastStable else {
        return .unknown(["\(replica.node) does not know its last stable offset"], next: "log show \(name)")
      }
      let highWatermark = replica.highWatermark.map { "; the high watermark is \($0)" } ?? ""
      let evidence = ["the last stable offset of \(name) at \(replica.node) is \(lastStable)\(highWatermark)"]
      return measure.holds(for: lastStable) ? .holds(evidence) : .fails(evidence, next: "topic producers \(name)")
    }
  }

  func transaction(_ id: String, _ condition: TransactionFact.Condition) -> Finding {
    guard facts.partitions != nil else { return nobodyToTell }
    guard let transactions = facts.transactions else {
      return .unknown(["not every transaction coordinator can tell"], next: "run 10s")
    }
    guard let transaction = transactions.first(where: { $0.id == id }) else {
      let known = transactions.map(\.id).joined(separator: " ")
      return .unknown(
        ["there is no transactional id \(id); there are: \(known.isEmpty ? "none" : known)"], next: "transactions")
    }
    let evidence = ["\(transaction.coordinator) says: \(id) is \(transaction.state)"]
    return transaction.condition == condition ? .holds(evidence) : .fails(evidence, next: "transactions")
  }
}
