internal import Clockwork
internal import RecordLog

// Decisions that administrators ask for, and producer ids.

extension Controller {
  /// Partitions that one topic may have.
  static let partitionLimit: Int32 = 1_000
  /// Producer ids that a broker gets at a time.
  static let producerIDBlock: Int32 = 1_000

  func createTopic(
    _ name: String, partitions: Int32, replication: Int16, _ config: [TopicSetting]
  ) throws(Refusal) -> Decision {
    try checkName(name)
    if image.topicID(named: name) != nil {
      throw Refusal(.topicAlreadyExists, "There is a topic \(name) already.")
    }
    let count = partitions == -1 ? 1 : partitions
    guard count >= 1, count <= Self.partitionLimit else {
      throw Refusal(.invalidPartitions, "\(partitions) partitions. Expected: 1 to \(Self.partitionLimit).")
    }
    let live = image.liveBrokers
    guard !live.isEmpty else { throw Refusal(.brokerNotAvailable, "No broker is alive yet. Try again.") }
    let replicas = replication == -1 || replication == 0 ? min(3, live.count) : Int(replication)
    guard replicas >= 1, replicas <= live.count else {
      throw Refusal(
        .invalidReplicationFactor, "\(replication) replicas, but \(live.count) brokers are alive: \(names(live)).")
    }
    for setting in config { try check(setting.key, setting.value) }
    let id = image.nextTopicID
    let states = (0..<Int(count)).map { index in
      let place = Int(id.rawValue) - 1 + index
      let chosen = (0..<replicas).map { live[(place + $0) % live.count] }
      return PartitionState(
        replicas: chosen, inSync: chosen, leader: chosen[0], leaderEpoch: LeaderEpoch(0),
        partitionEpoch: PartitionEpoch(0))
    }
    return Decision([.topicCreated(id, name: name, partitions: states, config: config)], .done)
  }

  func alterConfig(_ name: String, _ key: String, _ value: String?) throws(Refusal) -> Decision {
    var topic = try topic(name)
    try check(key, value ?? topic.config[key] ?? "")
    let before = topic.config
    topic.config.set(key, value)
    // A lower minimum lets the high watermark go on without the eligible replicas, a switch to unclean election may find
    // a leader: settle first, so that a crash in between cannot leave a replica eligible that is no longer complete.
    var records: [MetadataRecord] = []
    if topic.config.minInSync != before.minInSync || topic.config.uncleanElection != before.uncleanElection {
      let election = election(topic)
      for (index, state) in topic.partitions.enumerated() {
        guard let settled = election.settle(state) else { continue }
        records.append(.partition(PartitionID(topic.id, Int32(index)), settled))
      }
    }
    records.append(.topicConfig(topic.id, key: key, value: value))
    return Decision(records, .done)
  }

  func allocateProducerIDs(_ broker: NodeID, _ epoch: BrokerEpoch) throws(Refusal) -> Decision {
    _ = try registration(of: broker, epoch)
    let first = image.nextProducerID
    return Decision(
      [.producerIDs(next: first + Int64(Self.producerIDBlock))],
      .producerIDs(first: first, count: Self.producerIDBlock))
  }

  func topic(_ name: String) throws(Refusal) -> TopicImage {
    guard let topic = image.topic(named: name) else {
      let known = image.topics.map(\.name).sorted().prefix(10)
      let others = known.isEmpty ? "There are none yet." : "Topics: \(known.joined(separator: ", "))."
      throw Refusal(.unknownTopicOrPartition, "No topic \(name). \(others)")
    }
    return topic
  }

  /// Kafka's rule for topic names.
  private func checkName(_ name: String) throws(Refusal) {
    let legal = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard legal, !name.isEmpty, name.utf8.count <= 249, name != ".", name != ".." else {
      throw Refusal(
        .invalidTopic,
        "\(name.prefix(40)) is no topic name. Expected: 1 to 249 of letters, digits, dot, dash, underscore.")
    }
  }

  private func check(_ key: String, _ value: String) throws(Refusal) {
    if let reason = TopicConfig.refusal(key, value) { throw Refusal(.invalidConfig, reason) }
  }
}
