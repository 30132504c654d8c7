import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Cluster identity and endpoints")
struct ClusterIdentityTests {
  let state = PartitionState(
    replicas: [NodeID(1)], inSync: [NodeID(1)], leader: NodeID(1), leaderEpoch: LeaderEpoch(0),
    partitionEpoch: PartitionEpoch(0))

  func world() -> QuorumWorld {
    let world = QuorumWorld(3)
    world.elect(NodeID(1))
    for id in world.setup.voters { _ = world.join(id) }
    return world
  }

  @Test("a cluster has no identity before its first broker, and keeps it when brokers register anew")
  func keepsIdentity() {
    let world = QuorumWorld(3)
    world.elect(NodeID(1))
    #expect(world.image.clusterID == "")
    _ = world.join(NodeID(2))
    let identity = world.image.clusterID
    #expect(identity.utf8.count == 22)
    #expect(!identity.hasPrefix("-"))
    _ = world.join(NodeID(1))
    _ = world.join(NodeID(2))
    #expect(world.image.clusterID == identity)
  }

  @Test("a topic is found by its UUID while it exists, and by no other cluster's")
  func findsByUUID() {
    let world = world()
    let first = world.create("orders").topic
    let uuid = world.image.uuid(of: first)
    #expect(uuid != world.image.uuid(of: world.create("riders").topic))
    #expect(world.image.topicID(uuid) == first)
    #expect(world.image.topicID(TopicUUID(high: uuid.high ^ 2, low: uuid.low)) == nil)
    #expect(world.image.topicID(TopicUUID(high: uuid.high, low: .max)) == nil)
    #expect(world.image.topicID(TopicUUID(high: 0, low: 0)) == nil)
    #expect(uuid.description.utf8.count == 22)
    #expect(world.ask(.deleteTopic(name: "orders")) == .done)
    #expect(world.image.topicID(uuid) == nil)
  }

  @Test("all zero and all one bits are written as Kafka writes them")
  func writesBase64() {
    #expect(TopicUUID(high: 0, low: 0).description == "AAAAAAAAAAAAAAAAAAAAAA")
    #expect(TopicUUID(high: 0, low: 1).description == "AAAAAAAAAAAAAAAAAAAAAQ")
    #expect(TopicUUID(high: .max, low: .max).description == "_____________________w")
  }

  @Test("a registration tells where the broker is reached, until the next says otherwise")
  func keepsEndpoint() {
    let world = world()
    #expect(world.image.broker(NodeID(2))?.endpoint == nil)
    for port in [9092, 9093] as [UInt16] {
      let endpoint = BrokerEndpoint(host: "kitchen", port: port, rack: "north")
      _ = world.ask(.register(incarnation: UInt64(port), cleanShutdown: true, endpoint: endpoint), from: NodeID(2))
      #expect(world.image.broker(NodeID(2))?.endpoint == endpoint)
    }
  }
}
