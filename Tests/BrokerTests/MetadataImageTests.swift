import Clockwork
import RecordLog
import Testing

@testable import Broker

@Suite("MetadataImage")
struct MetadataImageTests {
  let state = PartitionState(
    replicas: [NodeID(1)], inSync: [NodeID(1)], leader: NodeID(1), leaderEpoch: LeaderEpoch(0),
    partitionEpoch: PartitionEpoch(0))

  func fold(_ records: [MetadataRecord]) -> (MetadataImage, MetadataChanges) {
    var disk = QuorumDisk()
    disk.append(records.map { QuorumEntry(QuorumEpoch(1), $0) })
    var image = MetadataImage()
    let changes = image.catchUp(disk, to: disk.log.endOffset)
    return (image, changes)
  }

  @Test("only what is committed is applied, and only once")
  func catchesUp() {
    var disk = QuorumDisk()
    disk.append((1...5).map { QuorumEntry(QuorumEpoch(1), .producerIDs(next: $0)) })
    var image = MetadataImage()
    _ = image.catchUp(disk, to: 3)
    #expect(image.nextProducerID == 3)
    #expect(image.appliedThrough == 3)
    _ = image.catchUp(disk, to: 2)
    #expect(image.appliedThrough == 3)
    _ = image.catchUp(disk, to: 99)
    #expect(image.appliedThrough == 5)
  }

  @Test("changes name what a broker has to look at")
  func tellsChanges() {
    let id = TopicID(1)
    let (image, changes) = fold([
      .brokerRegistered(NodeID(2), incarnation: 1, cleanShutdown: true),
      .topicCreated(id, name: "orders", partitions: [state, state], config: []),
      .topicConfig(id, key: "min.insync.replicas", value: "2"),
      .partition(PartitionID(id, 1), state),
      .topicDeleted(id),
    ])
    #expect(changes.brokers == [NodeID(2)])
    #expect(changes.partitions == [PartitionID(id, 0), PartitionID(id, 1), PartitionID(id, 1)])
    #expect(changes.configs == [id])
    #expect(changes.deletedTopics == [id])
    #expect(image.topics.isEmpty)
    #expect(image.nextTopicID == TopicID(2))
  }

  @Test("records that make no sense change nothing")
  func ignoresNonsense() {
    let (image, changes) = fold([
      .brokerUnfenced(NodeID(2), BrokerEpoch(0)),
      .topicDeleted(TopicID(7)),
      .partition(PartitionID(TopicID(7), 0), state),
      .partition(PartitionID(TopicID(0), -1), state),
      .topicConfig(TopicID(9), key: "x", value: nil),
    ])
    #expect(changes.isEmpty)
    #expect(image.brokers.isEmpty)
    #expect(image.appliedThrough == 5)
  }

  @Test("a fence for an older registration does not touch the newer one")
  func fencesByEpoch() {
    let (image, _) = fold([
      .brokerRegistered(NodeID(2), incarnation: 1, cleanShutdown: true),
      .brokerRegistered(NodeID(2), incarnation: 2, cleanShutdown: true),
      .brokerUnfenced(NodeID(2), BrokerEpoch(1)),
      .brokerFenced(NodeID(2), BrokerEpoch(0)),
    ])
    #expect(image.isLive(NodeID(2)))
  }

  @Test("every setting accepts its own default and says what it expects otherwise")
  func validatesSettings() {
    for setting in TopicConfig.defaults {
      #expect(TopicConfig.refusal(setting.key, setting.value) == nil)
      #expect(TopicConfig.refusal(setting.key, "no such value")?.contains("Expected: ") == true)
      #expect(TopicConfig()[setting.key] == setting.value)
    }
    #expect(TopicConfig.defaults.map(\.key) == TopicConfig.defaults.map(\.key).sorted())
    #expect(TopicConfig.refusal("cleanup.policy", "compact,delete") == nil)
  }
}
