internal import Clockwork
internal import RecordLog

// Decisions that administrators ask for, and producer ids.

extension Controller {
  /// Partitions that one topic may have.
  static let partitionLimit: Int32 = 1_000
  /// Producer ids that a broker gets at a time.
  static let producerIDBlock: Int32 = 1_000

  func createTopic(
    _ name: String, partitions: Int32, replication: Int16, _ config: [TopicSetting], _ assignment: [[NodeID]],
    validateOnly: Bool
  ) throws(Refusal) -> Decision {
    try checkName(name)
    if image.topicID(named: name) != nil {
      throw Refusal(.topicAlreadyExists, "There is a topic \(name) already.")
    }
    try checkCollision(name)
    guard assignment.isEmpty || partitions == -1 && replication == -1 else {
      throw Refusal(.invalidRequest, "With an assignment, partitions and replicas must be -1.")
    }
    let count = assignment.isEmpty ? partitions == -1 ? setup.defaultPartitions : partitions : Int32(assignment.count)
    guard count >= 1, count <= Self.partitionLimit else {
      throw Refusal(.invalidPartitions, "\(partitions) partitions. Expected: 1 to \(Self.partitionLimit).")
    }
    guard !image.liveBrokers.isEmpty else { throw Refusal(.brokerNotAvailable, "No broker is alive yet. Try again.") }
    let asked = replication == -1 || replication == 0 ? setup.usualReplication : replication
    let replicas = assignment.first?.count ?? Int(asked)
    guard !assignment.isEmpty || replicas >= 1, replicas <= setup.voters.count else {
      throw Refusal(
        .invalidReplicationFactor,
        "\(replicas) replicas. Expected: 1 to \(setup.voters.count), as there are brokers: \(names(setup.voters)).")
    }
    for setting in config { try check(setting.key, setting.value) }
    let id = image.nextTopicID
    let states =
      try assignment.isEmpty ? spread(id, 0..<Int(count), replicas) : assigned(assignment, replicas: replicas)
    var topic = CreatedTopic(id: id, partitions: count, replication: Int16(clamping: replicas), config: TopicConfig())
    for setting in config { topic.config.set(setting.key, setting.value) }
    let record = MetadataRecord.topicCreated(id, name: name, partitions: states, config: config)
    return Decision(validateOnly ? [] : [record], .topicCreated(topic))
  }

  func deleteTopic(_ id: TopicID) throws(Refusal) -> Decision {
    guard image.topic(id) != nil else { throw Refusal(.unknownTopicID, "No topic number \(id.rawValue).") }
    return Decision([.topicDeleted(id)], .done)
  }

  func createPartitions(
    _ name: String, count: Int32, _ assignment: [[NodeID]], validateOnly: Bool
  ) throws(Refusal) -> Decision {
    let topic = try topic(name)
    let before = topic.partitions.count
    guard Int(count) > before, count <= Self.partitionLimit else {
      throw Refusal(
        .invalidPartitions,
        "\(name) has \(before) partitions, \(count) were asked for. Expected: \(before + 1) to \(Self.partitionLimit).")
    }
    let replicas = topic.partitions.first.map { $0.replicas.count - $0.adding.count } ?? 1
    let new = before..<Int(count)
    var states: [PartitionState]
    if assignment.isEmpty {
      guard !image.liveBrokers.isEmpty else { throw Refusal(.brokerNotAvailable, "No broker is alive. Try again.") }
      guard replicas <= setup.voters.count else {
        throw Refusal(
          .invalidReplicationFactor, "\(name) has \(replicas) replicas, but the brokers are \(names(setup.voters)).")
      }
      states = spread(topic.id, new, replicas)
    } else {
      guard assignment.count == new.count else {
        throw Refusal(
          .invalidReplicaAssignment, "\(assignment.count) partitions assigned. Expected: \(new.count) new ones.")
      }
      states = try assigned(assignment, replicas: replicas)
    }
    return Decision(validateOnly ? [] : [.partitionsAdded(topic.id, from: Int32(before), states)], .done)
  }

  /// Each partition starts one broker further, and so does each topic. Who is not alive, or has not come yet, is taken
  /// when there are not enough others, in its place, and joins the in-sync set when it has caught up: a topic made while
  /// brokers are starting has the replicas of one made later. Kafka's `StripedReplicaPlacer` takes fenced brokers so;
  /// here those that never registered are known too, for every broker is a voter.
  private func spread(_ id: TopicID, _ partitions: Range<Int>, _ replicas: Int) -> [PartitionState] {
    let voters = setup.voters.sorted()
    let live = image.liveBrokers
    return partitions.map { index in
      let turns = voters.indices.map { voters[(Int(id.rawValue) - 1 + index + $0) % voters.count] }
      let chosen = (turns.filter(live.contains) + turns.filter { !live.contains($0) }).prefix(replicas)
      let placed = turns.filter(chosen.contains)
      let inSync = placed.filter(live.contains)
      return PartitionState(
        replicas: placed, inSync: inSync, leader: inSync.first, leaderEpoch: LeaderEpoch(0),
        partitionEpoch: PartitionEpoch(0))
    }
  }

  private func assigned(_ assignment: [[NodeID]], replicas: Int) throws(Refusal) -> [PartitionState] {
    var states: [PartitionState] = []
    for chosen in assignment {
      try checkReplicas(chosen)
      guard chosen.count == replicas else {
        throw Refusal(.invalidReplicaAssignment, "\(names(chosen)) for one partition. Expected: \(replicas) replicas.")
      }
      let inSync = chosen.filter(image.isLive)
      guard let leader = inSync.first else {
        throw Refusal(.invalidReplicaAssignment, "None of \(names(chosen)) is alive.")
      }
      states.append(
        PartitionState(
          replicas: chosen, inSync: inSync, leader: leader, leaderEpoch: LeaderEpoch(0),
          partitionEpoch: PartitionEpoch(0)))
    }
    return states
  }

  /// Replicas are known brokers, each named once.
  func checkReplicas(_ replicas: [NodeID]) throws(Refusal) {
    let known = image.brokers.map(\.id)
    let once = replicas.indices.allSatisfy { !replicas[..<$0].contains(replicas[$0]) }
    guard !replicas.isEmpty, once, replicas.allSatisfy(known.contains) else {
      throw Refusal(
        .invalidReplicaAssignment, "\(names(replicas)) is no set of brokers. Brokers: \(names(known)).")
    }
  }

  /// Names of metrics turn dots into underscores, so Kafka lets no two topics differ in that only.
  private func checkCollision(_ name: String) throws(Refusal) {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }) else { return }
    let flat = name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }
    let twin = image.topics.first { topic in
      topic.name.utf8.count == flat.count
        && zip(topic.name.utf8, flat).allSatisfy { ($0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0) == $1 }
    }
    if let twin { throw Refusal(.invalidTopic, "\(name) collides with \(twin.name): they differ in . and _ only.") }
  }

  func alterConfig(_ name: String, _ key: String, _ value: String?) throws(Refusal) -> Decision {
    let topic = try topic(name)
    try check(key, value ?? topic.config[key] ?? "")
    let edit = ConfigEdit(key: key, value: value)
    return Decision(settle(topic, [edit]) + [.topicConfig(topic.id, key: key, value: value)], .done)
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

  private func checkName(_ name: String) throws(Refusal) {
    guard TopicImage.isLegal(name: name) else {
      throw Refusal(
        .invalidTopic,
        "\(name.prefix(40)) is no topic name. Expected: 1 to 249 of letters, digits, dot, dash, underscore.")
    }
  }

  private func check(_ key: String, _ value: String) throws(Refusal) {
    if let reason = TopicConfig.refusal(key, value) { throw Refusal(.invalidConfig, reason) }
  }
}
