internal import Clockwork

// Decisions about brokers: who is registered, who is fenced, and what that does to partitions.

extension Controller {
  func decide(
    _ request: ControllerRequest, from sender: NodeID, _ disk: borrowing QuorumDisk, now: Instant
  ) throws(Refusal) -> Decision {
    switch request {
    case .register(let incarnation, let cleanShutdown, let endpoint):
      try register(sender, incarnation, cleanShutdown: cleanShutdown, endpoint, disk)
    case .heartbeat(let epoch, let caughtUpTo, let wantsToStop):
      try heartbeat(sender, epoch, caughtUpTo: caughtUpTo, wantsToStop: wantsToStop)
    case .alterPartition(let epoch, let id, let leaderEpoch, let partitionEpoch, let inSync):
      try alter(id, by: sender, epoch, leaderEpoch, partitionEpoch, inSync)
    case .createTopic(let name, let partitions, let replication, let config, let assignment, let validateOnly):
      try createTopic(
        name, partitions: partitions, replication: replication, config, assignment, validateOnly: validateOnly)
    case .deleteTopic(let name):
      Decision([.topicDeleted(try topic(name).id)], .done)
    case .alterConfig(let topic, let key, let value):
      try alterConfig(topic, key, value)
    case .deleteTopicByID(let id):
      try deleteTopic(id)
    case .createPartitions(let topic, let count, let assignment, let validateOnly):
      try createPartitions(topic, count: count, assignment, validateOnly: validateOnly)
    case .alterConfigs(let resource, let changes, let replacing, let validateOnly):
      try alterConfigs(resource, changes, replacing: replacing, validateOnly: validateOnly)
    case .electLeaders(let ids, let unclean):
      electLeaders(ids, unclean: unclean)
    case .reassign(let id, let target):
      try reassign(id, to: target)
    case .alterScramUser(let name, let mechanism, let user):
      try alterScramUser(name, mechanism, user)
    case .createAccess(let bindings):
      try createAccess(bindings)
    case .deleteAccess(let filters):
      deleteAccess(filters)
    case .electLeader(let id, let unclean):
      try unclean ? electUncleanly(id) : electPreferred(id)
    case .allocateProducerIDs(let epoch):
      try allocateProducerIDs(sender, epoch)
    }
  }

  /// A process registers once; its broker epoch is the offset of the record. A restarted broker does not wait for its
  /// old registration to run out: the new process is proof that the old one is gone.
  private func register(
    _ broker: NodeID, _ incarnation: UInt64, cleanShutdown: Bool, _ endpoint: BrokerEndpoint?,
    _ disk: borrowing QuorumDisk
  ) throws(Refusal) -> Decision {
    guard setup.voters.contains(broker) else {
      throw Refusal(.invalidRequest, "No broker \(broker). Brokers: \(names(setup.voters)).")
    }
    if let known = image.broker(broker), known.incarnation == incarnation {
      return Decision([], .registered(known.epoch))
    }
    // The partitions first: cut short by a crash of the controller, this does no harm without the registration.
    let lostTail = cleanShutdown || image.broker(broker) == nil ? nil : broker
    var records = settleAll(without: broker, lostTail: lostTail)
    let epoch = disk.log.endOffset + Int64(records.count)
    records.append(
      .brokerRegistered(broker, incarnation: incarnation, cleanShutdown: cleanShutdown, endpoint: endpoint))
    return Decision(records, .registered(BrokerEpoch(epoch)))
  }

  /// Unfences a broker that has applied its own registration, and fences one that wants to stop: it then leads nothing
  /// and is in no in-sync set, so it may go once that is committed.
  private func heartbeat(
    _ broker: NodeID, _ epoch: BrokerEpoch, caughtUpTo: Int64, wantsToStop: Bool
  ) throws(Refusal) -> Decision {
    let known = try registration(of: broker, epoch)
    if wantsToStop {
      return Decision(known.fenced ? [] : fence(broker), .heartbeat(fenced: true, mayStop: true))
    }
    guard known.fenced else { return Decision([], .heartbeat(fenced: false, mayStop: false)) }
    guard caughtUpTo > epoch.rawValue else { return Decision([], .heartbeat(fenced: true, mayStop: false)) }
    return Decision(
      [.brokerUnfenced(broker, epoch)] + settleAll(with: broker), .heartbeat(fenced: false, mayStop: false))
  }

  /// The records that fence `broker`: first its partitions, so that a fenced broker never leads.
  func fence(_ broker: NodeID) -> [MetadataRecord] {
    guard let known = image.broker(broker), !known.fenced else { return [] }
    return settleAll(without: broker) + [.brokerFenced(broker, known.epoch)]
  }

  /// The sender's registration, if `epoch` is its latest.
  func registration(of broker: NodeID, _ epoch: BrokerEpoch) throws(Refusal) -> BrokerRegistration {
    guard let known = image.broker(broker) else {
      throw Refusal(.staleBrokerEpoch, "\(broker) is not registered. Try: register again")
    }
    guard known.epoch == epoch else {
      throw Refusal(
        .staleBrokerEpoch, "\(broker) is registered with epoch \(known.epoch.rawValue), not \(epoch.rawValue).")
    }
    return known
  }

  /// What changes when every partition settles again with `departing` gone or `arriving` alive.
  func settleAll(
    without departing: NodeID? = nil, with arriving: NodeID? = nil, lostTail: NodeID? = nil
  ) -> [MetadataRecord] {
    var records: [MetadataRecord] = []
    for topic in image.topics {
      var election = election(topic)
      if let departing { election.live.removeAll { $0 == departing } }
      if let arriving, !election.live.contains(arriving) { election.live.append(arriving) }
      election.lostTail = lostTail
      for (index, state) in topic.partitions.enumerated() {
        var settled = election.settle(state)
        settled = election.completeMove(settled ?? state) ?? settled
        guard let settled else { continue }
        records.append(.partition(PartitionID(topic.id, Int32(index)), settled))
      }
    }
    return records
  }

  func election(_ topic: TopicImage) -> LeaderElection {
    LeaderElection(
      rules: setup.rules, minInSync: topic.config.minInSync, uncleanly: topic.config.uncleanElection,
      live: image.liveBrokers)
  }

  func names(_ brokers: [NodeID]) -> String { brokers.map(\.description).joined(separator: ", ") }
}
