import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Controller")
struct ControllerTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3)

  /// Three brokers, registered and unfenced; n1 is the controller.
  func cluster(_ rules: ReplicationRules = .kafka) -> (QuorumWorld, [BrokerEpoch]) {
    let world = QuorumWorld(3, rules: rules)
    world.elect(Self.n1)
    let epochs = world.setup.voters.compactMap { world.join($0) }
    #expect(epochs.count == 3)
    return (world, epochs)
  }

  func refusal(_ reply: ControllerReply?) -> BrokerError? {
    if case .refused(let error, _, _) = reply { error } else { nil }
  }

  // MARK: Brokers

  @Test("a broker registers fenced and is unfenced when it has applied its own registration")
  func registers() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    let request = ControllerRequest.register(incarnation: 7, cleanShutdown: true)
    guard case .registered(let epoch) = world.ask(request, from: Self.n2) else {
      Issue.record("not registered")
      return
    }
    #expect(world.image.broker(Self.n2)?.fenced == true)
    #expect(world.ask(request, from: Self.n2) == .registered(epoch))

    let behind = ControllerRequest.heartbeat(epoch, caughtUpTo: epoch.rawValue, wantsToStop: false)
    #expect(world.ask(behind, from: Self.n2) == .heartbeat(fenced: true, mayStop: false))
    let caughtUp = ControllerRequest.heartbeat(epoch, caughtUpTo: epoch.rawValue + 1, wantsToStop: false)
    #expect(world.ask(caughtUp, from: Self.n2) == .heartbeat(fenced: false, mayStop: false))
    #expect(world.image.liveBrokers == [Self.n2])
  }

  @Test("a new process of a broker gets a higher epoch at once, and the old one's heartbeats are refused")
  func replacesRegistration() throws {
    let (world, epochs) = cluster()
    let again = try #require(world.register(Self.n2))
    #expect(again > epochs[1])
    let stale = world.ask(.heartbeat(epochs[1], caughtUpTo: 1000, wantsToStop: false), from: Self.n2)
    #expect(refusal(stale) == .staleBrokerEpoch)
  }

  @Test("a broker that is not heard from is fenced and loses its leaderships")
  func fencesSilentBroker() {
    let (world, epochs) = cluster()
    let orders = world.create("orders")
    #expect(world.image.partition(orders)?.leader == Self.n1)
    for _ in 0..<6 {
      world.run(.seconds(2))
      for (id, epoch) in zip(world.setup.voters, epochs) where id != Self.n1 {
        _ = world.ask(.heartbeat(epoch, caughtUpTo: 1000, wantsToStop: false), from: id)
      }
    }
    #expect(world.image.liveBrokers == [Self.n2, Self.n3])
    let state = world.image.partition(orders)
    #expect(state?.leader == Self.n2)
    #expect(state?.inSync == [Self.n2, Self.n3])
    #expect(state?.leaderEpoch == LeaderEpoch(1))
  }

  @Test("a broker whose process is known to be gone is fenced at once; only the controller decides so")
  func fencesLostBroker() {
    let (world, _) = cluster()
    let orders = world.create("orders")
    #expect(world.image.partition(orders)?.inSync == [Self.n1, Self.n2, Self.n3])
    func lose(_ lost: NodeID, by teller: NodeID) {
      world.act(teller) { voter, fx in
        voter.quorum.lose(lost, &fx)
        voter.controller.lose(lost, &voter.quorum, &voter.disk, &fx)
      }
    }
    lose(Self.n3, by: Self.n2)
    world.run(.milliseconds(500))
    #expect(world.image.liveBrokers == [Self.n1, Self.n2, Self.n3])
    lose(Self.n3, by: Self.n1)
    world.run(.milliseconds(500))
    #expect(world.image.liveBrokers == [Self.n1, Self.n2])
    #expect(world.image.partition(orders)?.inSync == [Self.n1, Self.n2])
  }

  @Test("voters whose controller is known to be gone elect another at once; one that only one voter misses goes on")
  func replacesLostController() throws {
    let (world, _) = cluster()
    world.crash(Self.n1)
    // What it said before is heard first, as on a connection that then breaks.
    world.run(.milliseconds(5))
    for voter in [Self.n2, Self.n3] { world.act(voter) { $0.quorum.lose(Self.n1, &$1) } }
    #expect(world.run(until: { $0.controller != nil }, within: world.setup.quorumFetchTimeout / 2))
    let second = try #require(world.controller)
    // Lost by one, but heard by the other: the pre-vote fails.
    world.restart(Self.n1)
    world.run(.seconds(1))
    let epoch = world.voters[second]?.quorum.epoch
    world.act(Self.n1) { $0.quorum.lose(second, &$1) }
    world.run(.seconds(1))
    #expect(world.controller == second)
    #expect(world.voters[second]?.quorum.epoch == epoch)
  }

  @Test("a broker that wants to stop leads nothing by the time it may")
  func stopsInOrder() {
    let (world, epochs) = cluster()
    let orders = world.create("orders")
    let answer = world.ask(.heartbeat(epochs[0], caughtUpTo: 1000, wantsToStop: true), from: Self.n1)
    #expect(answer == .heartbeat(fenced: true, mayStop: true))
    #expect(world.image.partition(orders)?.leader == Self.n2)
    #expect(world.image.partition(orders)?.inSync == [Self.n2, Self.n3])
  }

  @Test("a new controller gives every broker a full session")
  func newControllerIsPatient() {
    let (world, _) = cluster()
    world.run(.seconds(6))
    world.act(Self.n1) { voter, fx in voter.quorum.resign(&fx) }
    _ = world.run(until: { $0.controller != nil })
    world.run(.seconds(8))
    #expect(world.image.liveBrokers.count == 3)
    world.run(.seconds(2))
    #expect(world.image.liveBrokers.count == 0)
  }

  @Test("a request to another broker is refused with a hint to the controller")
  func hints() {
    let (world, _) = cluster()
    let reply = world.ask(.deleteTopic(name: "orders"), at: Self.n3)
    guard case .refused(.notController, _, let hint) = reply else {
      Issue.record("\(String(describing: reply))")
      return
    }
    #expect(hint == Self.n1)
  }

  @Test("an answer waits for the majority; a controller that loses its reign says that it does not know")
  func answersCommittedOnly() {
    let (world, _) = cluster()
    world.isolate(Self.n1)
    let request = ControllerRequest.createTopic(name: "orders", partitions: 1, replication: 3, config: [])
    #expect(world.ask(request, at: Self.n1, within: .milliseconds(500)) == nil)
    world.run(.seconds(6))
    #expect(refusal(world.replies[CorrelationID(world.asked)]) == .notController)
    world.heal()
    world.run(.seconds(3))
    #expect(world.image.topic(named: "orders") == nil)
  }

  // MARK: Topics

  @Test("partitions start one broker further each, and so do topics")
  func assignsRoundRobin() {
    let (world, _) = cluster()
    let orders = world.create("orders", partitions: 2)
    let riders = world.create("riders")
    #expect(world.image.partition(orders)?.replicas == [Self.n1, Self.n2, Self.n3])
    #expect(world.image.partition(PartitionID(orders.topic, 1))?.replicas == [Self.n2, Self.n3, Self.n1])
    #expect(world.image.partition(riders)?.replicas == [Self.n2, Self.n3, Self.n1])
  }

  @Test("a topic made while brokers are still coming has as many replicas as one made later")
  func countsBrokersToCome() {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    let request = ControllerRequest.createTopic(name: "orders", partitions: 2, replication: -1, config: [])
    #expect(refusal(world.ask(request)) == .brokerNotAvailable)
    #expect(world.join(Self.n2) != nil)
    guard case .topicCreated(let created) = world.ask(request) else {
      Issue.record("not created")
      return
    }
    let (first, second) = (PartitionID(created.id, 0), PartitionID(created.id, 1))
    #expect(world.image.partition(first)?.replicas == [Self.n1, Self.n2, Self.n3])
    #expect(world.image.partition(second)?.replicas == [Self.n2, Self.n3, Self.n1])
    #expect(world.image.partition(first)?.inSync == [Self.n2])
    #expect(world.image.partition(first)?.leader == Self.n2)
    // Those that are alive are taken first, whoever's turn it is.
    let one = ControllerRequest.createTopic(name: "riders", partitions: 3, replication: 1, config: [])
    _ = world.ask(one)
    #expect(world.image.topic(named: "riders")?.partitions.allSatisfy { $0.replicas == [Self.n2] } == true)
    #expect(world.ask(.createPartitions(topic: "orders", count: 3)) == .done)
    #expect(world.image.partition(PartitionID(created.id, 2))?.replicas == [Self.n3, Self.n1, Self.n2])
    #expect(world.image.partition(PartitionID(created.id, 2))?.leader == Self.n2)
    let tooMany = ControllerRequest.createTopic(name: "x", partitions: 1, replication: 4, config: [])
    #expect(refusal(world.ask(tooMany)) == .invalidReplicationFactor)
  }

  @Test("leadership goes back to preferred replicas that are in sync, again and again")
  func rebalances() {
    let (world, epochs) = cluster()
    let orders = world.create("orders", partitions: 3)
    world.setup.leaderRebalance = .seconds(20)
    for id in world.setup.voters {
      world.act(id) { [setup = world.setup] voter, _ in voter.controller.reconfigure(setup) }
    }
    // From the next reign on.
    world.act(Self.n1) { voter, fx in voter.quorum.resign(&fx) }
    _ = world.run(until: { $0.controller != nil })
    func stayAlive(_ ids: [NodeID], for interval: Interval) {
      let end = world.now + interval
      while world.now < end {
        for id in ids {
          let epoch = epochs[Int(id.rawValue) - 1]
          _ = world.ask(.heartbeat(epoch, caughtUpTo: .max, wantsToStop: false), from: id)
        }
        world.run(.seconds(1))
      }
    }
    for _ in 1...2 {
      // n3 falls silent: n1, next in the order of its partition, leads that.
      stayAlive([Self.n1, Self.n2], for: .seconds(12))
      #expect(world.image.partition(PartitionID(orders.topic, 2))?.leader == Self.n1)
      let state = world.image.partition(PartitionID(orders.topic, 2))
      stayAlive([Self.n1, Self.n2, Self.n3], for: .seconds(2))
      let back = ControllerRequest.alterPartition(
        epochs[0], PartitionID(orders.topic, 2), leaderEpoch: state?.leaderEpoch ?? LeaderEpoch(0),
        partitionEpoch: state?.partitionEpoch ?? PartitionEpoch(0),
        inSync: [Self.n1, Self.n2, Self.n3].map { InSyncMember($0, epochs[Int($0.rawValue) - 1]) })
      _ = world.ask(back, from: Self.n1)
      stayAlive([Self.n1, Self.n2, Self.n3], for: .seconds(22))
      #expect(world.image.partition(PartitionID(orders.topic, 2))?.leader == Self.n3)
    }
    #expect(world.story.contains { $0.hasSuffix("gives leadership back to the preferred replica, partitions: 1") })
  }

  @Test("a topic that cannot be made is refused with the reason")
  func refusesTopics() {
    let (world, _) = cluster()
    _ = world.create("orders")
    func reply(_ name: String, _ partitions: Int32, _ replication: Int16, _ config: [TopicSetting] = [])
      -> BrokerError?
    {
      refusal(
        world.ask(.createTopic(name: name, partitions: partitions, replication: replication, config: config)))
    }
    #expect(reply("orders", 1, 3) == .topicAlreadyExists)
    #expect(reply("or/ders", 1, 3) == .invalidTopic)
    #expect(reply("", 1, 3) == .invalidTopic)
    #expect(reply("..", 1, 3) == .invalidTopic)
    #expect(reply("riders", 0, 3) == .invalidPartitions)
    #expect(reply("riders", 1, 4) == .invalidReplicationFactor)
    #expect(reply("riders", 1, 3, [TopicSetting("retention", "1")]) == .invalidConfig)
    #expect(reply("riders", 1, 3, [TopicSetting("min.insync.replicas", "0")]) == .invalidConfig)
    #expect(reply("riders", -1, -1, [TopicSetting("min.insync.replicas", "2")]) == nil)
    #expect(world.image.topic(named: "riders")?.config.minInSync == 2)
    #expect(world.image.topic(named: "riders")?.partitions.count == 1)
  }

  @Test("a topic made again under its name has another id")
  func deletesTopics() {
    let (world, _) = cluster()
    let first = world.create("orders")
    #expect(world.ask(.deleteTopic(name: "orders")) == .done)
    #expect(world.image.topic(named: "orders") == nil)
    #expect(refusal(world.ask(.deleteTopic(name: "orders"))) == .unknownTopicOrPartition)
    #expect(world.create("orders").topic > first.topic)
    #expect(world.image.partition(first) == nil)
  }

  @Test("settings change and return to their default")
  func altersConfig() {
    let (world, _) = cluster()
    let orders = world.create("orders")
    func set(_ key: String, _ value: String?) -> ControllerReply? {
      world.ask(.alterConfig(topic: "orders", key: key, value: value))
    }
    #expect(set("min.insync.replicas", "2") == .done)
    #expect(world.image.topic(orders.topic)?.config.minInSync == 2)
    #expect(set("min.insync.replicas", nil) == .done)
    #expect(world.image.topic(orders.topic)?.config.minInSync == 1)
    #expect(world.image.topic(orders.topic)?.config.overrides == [])
    #expect(refusal(set("retention.ms", "soon")) == .invalidConfig)
    #expect(refusal(set("no.such.key", nil)) == .invalidConfig)
  }

  @Test("producer ids are handed out in blocks that never overlap, whoever the controller is")
  func allocatesProducerIDs() {
    let (world, epochs) = cluster()
    #expect(world.ask(.allocateProducerIDs(epochs[0]), from: Self.n1) == .producerIDs(first: 0, count: 1000))
    world.act(Self.n1) { voter, fx in voter.quorum.resign(&fx) }
    _ = world.run(until: { $0.controller != nil })
    #expect(world.ask(.allocateProducerIDs(epochs[1]), from: Self.n2) == .producerIDs(first: 1000, count: 1000))
  }
}

extension QuorumWorld {
  /// Makes a topic of three replicas and gives its first partition.
  func create(_ name: String, partitions: Int32 = 1, minInSync: Int = 1) -> PartitionID {
    let config = [TopicSetting("min.insync.replicas", String(minInSync))]
    _ = ask(.createTopic(name: name, partitions: partitions, replication: 3, config: config))
    return PartitionID(image.topicID(named: name) ?? TopicID(0), 0)
  }
}
