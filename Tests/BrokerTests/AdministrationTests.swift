import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Administration of topics")
struct TopicAdministrationTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3)

  func cluster() -> QuorumWorld {
    let world = QuorumWorld(3)
    world.elect(Self.n1)
    for id in world.setup.voters { _ = world.join(id) }
    return world
  }

  func refusal(_ reply: ControllerReply?) -> BrokerError? {
    if case .refused(let error, _, _) = reply { error } else { nil }
  }

  func create(
    _ name: String, _ partitions: Int32 = -1, _ replication: Int16 = -1, _ assignment: [[NodeID]] = [],
    validateOnly: Bool = false
  ) -> ControllerRequest {
    .createTopic(
      name: name, partitions: partitions, replication: replication, config: [], assignment: assignment,
      validateOnly: validateOnly)
  }

  @Test("an assignment is followed, and the answer tells what was created")
  func assigns() throws {
    let world = cluster()
    let reply = world.ask(create("orders", -1, -1, [[Self.n3, Self.n1], [Self.n2, Self.n3]]))
    guard case .topicCreated(let created) = reply else { throw TestFailure("\(String(describing: reply))") }
    #expect((created.partitions, created.replication) == (2, 2))
    let topic = try #require(world.image.topic(named: "orders"))
    #expect(topic.id == created.id)
    #expect(topic.partitions.map(\.replicas) == [[Self.n3, Self.n1], [Self.n2, Self.n3]])
    #expect(topic.partitions.map(\.leader) == [Self.n3, Self.n2])
  }

  @Test("bad assignments are refused")
  func refusesAssignments() {
    let world = cluster()
    #expect(refusal(world.ask(create("a", 1, -1, [[Self.n1]]))) == .invalidRequest)
    #expect(refusal(world.ask(create("a", -1, -1, [[Self.n1, Self.n1]]))) == .invalidReplicaAssignment)
    #expect(refusal(world.ask(create("a", -1, -1, [[NodeID(9)]]))) == .invalidReplicaAssignment)
    #expect(refusal(world.ask(create("a", -1, -1, [[Self.n1], [Self.n1, Self.n2]]))) == .invalidReplicaAssignment)
    #expect(world.image.topics.isEmpty)
  }

  @Test("validateOnly answers and does nothing")
  func validates() {
    let world = cluster()
    guard case .topicCreated = world.ask(create("orders", validateOnly: true)) else {
      Issue.record("not valid")
      return
    }
    #expect(world.image.topics.isEmpty)
  }

  @Test("names that differ in dots and underscores only collide")
  func collides() {
    let world = cluster()
    _ = world.ask(create("late.orders"))
    #expect(refusal(world.ask(create("late_orders"))) == .invalidTopic)
    #expect(refusal(world.ask(create("late-orders"))) == nil)
  }

  @Test("a topic goes by its number too, once")
  func deletesByID() throws {
    let world = cluster()
    _ = world.ask(create("orders"))
    let id = try #require(world.image.topicID(named: "orders"))
    #expect(world.ask(.deleteTopicByID(id)) == .done)
    #expect(refusal(world.ask(.deleteTopicByID(id))) == .unknownTopicID)
  }

  @Test("partitions can be added, never removed")
  func addsPartitions() throws {
    let world = cluster()
    _ = world.ask(create("orders", 2, 2))
    #expect(refusal(world.ask(.createPartitions(topic: "orders", count: 2))) == .invalidPartitions)
    #expect(world.ask(.createPartitions(topic: "orders", count: 4, validateOnly: true)) == .done)
    #expect(world.image.topic(named: "orders")?.partitions.count == 2)
    #expect(world.ask(.createPartitions(topic: "orders", count: 4)) == .done)
    let topic = try #require(world.image.topic(named: "orders"))
    #expect(topic.partitions.map(\.leader) == [Self.n1, Self.n2, Self.n3, Self.n1])
    #expect(topic.partitions.allSatisfy { $0.replicas.count == 2 })
  }

  @Test("the leaders of several partitions are elected in one go, each with its own answer")
  func elects() throws {
    let world = cluster()
    _ = world.ask(create("orders", 2, 3))
    let id = try #require(world.image.topicID(named: "orders"))
    let ids = [PartitionID(id, 0), PartitionID(id, 9)]
    guard case .leadersElected(let elected) = world.ask(.electLeaders(ids, unclean: false)) else {
      Issue.record("no answer")
      return
    }
    #expect(elected.map(\.error) == [.electionNotNeeded, .unknownTopicOrPartition])
    #expect(world.ask(.electLeaders(nil, unclean: false)) == .leadersElected([]))
  }
}

@Suite("Administration of settings")
struct ConfigAdministrationTests {
  func cluster() -> QuorumWorld {
    let world = TopicAdministrationTests().cluster()
    _ = world.ask(.createTopic(name: "orders", partitions: 1, replication: 3, config: []))
    return world
  }

  func alter(
    _ world: QuorumWorld, _ resource: ConfigResource, _ changes: ConfigChange..., replacing: Bool = false
  ) -> BrokerError? {
    let reply = world.ask(.alterConfigs(resource, changes, replacing: replacing))
    return TopicAdministrationTests().refusal(reply)
  }

  @Test("settings are set, extended, reduced and deleted; replacing resets the others")
  func alters() {
    let world = cluster()
    func overrides() -> [String] {
      world.image.topic(named: "orders")?.config.overrides.map { "\($0.key)=\($0.value)" } ?? []
    }
    let orders = ConfigResource.topic("orders")
    #expect(alter(world, orders, .set("retention.ms", "5"), .append("cleanup.policy", "compact")) == nil)
    #expect(overrides() == ["cleanup.policy=delete,compact", "retention.ms=5"])
    #expect(alter(world, orders, .subtract("cleanup.policy", "delete"), .delete("retention.ms")) == nil)
    #expect(overrides() == ["cleanup.policy=compact"])
    #expect(alter(world, orders, .set("flush.messages", "1"), replacing: true) == nil)
    #expect(overrides() == ["flush.messages=1"])
  }

  @Test("one bad change and nothing happens")
  func refuses() {
    let world = cluster()
    let orders = ConfigResource.topic("orders")
    #expect(alter(world, orders, .set("retention.ms", "5"), .set("retention", "5")) == .invalidConfig)
    #expect(alter(world, orders, .append("retention.ms", "5")) == .invalidConfig)
    #expect(alter(world, orders, .set("min.cleanable.dirty.ratio", "2")) == .invalidConfig)
    #expect(alter(world, orders, .set("segment.ms", "5"), .delete("segment.ms")) == .invalidRequest)
    #expect(alter(world, .topic("none"), .delete("segment.ms")) == .unknownTopicOrPartition)
    #expect(world.image.topic(named: "orders")?.config.overrides.isEmpty == true)
  }

  @Test("a broker's own setting goes before everybody's, and that before the default")
  func brokers() {
    let world = cluster()
    let (n1, n2) = (NodeID(1), NodeID(2))
    #expect(world.image.brokerSetting("num.io.threads", on: n1) == "8")
    #expect(alter(world, .broker(nil), .set("num.io.threads", "4")) == nil)
    #expect(alter(world, .broker(n1), .set("num.io.threads", "2")) == nil)
    #expect(world.image.brokerSetting("num.io.threads", on: n1) == "2")
    #expect(world.image.brokerSetting("num.io.threads", on: n2) == "4")
    #expect(alter(world, .broker(n1), .set("node.id", "7")) == .invalidConfig)
    #expect(alter(world, .broker(NodeID(9)), .set("num.io.threads", "2")) == .invalidRequest)
  }

  @Test("every setting's default is a value that it can take, and the tables ascend")
  func tables() {
    for table in [TopicConfig.definitions, BrokerConfig.definitions] {
      #expect(table.map(\.name) == table.map(\.name).sorted())
      #expect(table.allSatisfy { !$0.documentation.isEmpty })
    }
    for one in TopicConfig.definitions { #expect(TopicConfig.refusal(one.name, one.defaultValue) == nil) }
  }
}

struct TestFailure: Error {
  init(_ text: String) { Issue.record("\(text)") }
}
