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

  @Test("a snapshot stands for what it was folded from, and names all that may have changed")
  func catchesUpFromSnapshot() {
    let records: [MetadataRecord] = [
      .brokerRegistered(NodeID(2), incarnation: 1, cleanShutdown: true),
      .topicCreated(TopicID(1), name: "orders", partitions: [state], config: []),
      .topicCreated(TopicID(2), name: "riders", partitions: [state, state], config: []),
      .brokerUnfenced(NodeID(2), BrokerEpoch(0)),
      .topicDeleted(TopicID(1)),
      .topicConfig(TopicID(2), key: "min.insync.replicas", value: "2"),
      .producerIDs(next: 7),
    ]
    var disk = QuorumDisk()
    disk.append(records.map { QuorumEntry(QuorumEpoch(1), $0) })
    disk.synced(through: disk.position)
    var early = MetadataImage()
    _ = early.catchUp(disk, to: 2)
    let (whole, _) = fold(records)
    var committed = MetadataImage()
    _ = committed.catchUp(disk, to: 6)
    disk.compact(to: committed, every: 1)
    let changes = early.catchUp(disk, to: 7)
    #expect(early == whole)
    #expect(changes.deletedTopics == [TopicID(1)])
    #expect(changes.partitions == [PartitionID(TopicID(2), 0), PartitionID(TopicID(2), 1)])
    #expect(changes.configs == [TopicID(2)] && changes.brokers == [NodeID(2)])
  }

  @Test("an image that was written down comes back whole, and one that contradicts itself is refused")
  func isMadeOfItsParts() {
    let (image, _) = fold([
      .brokerRegistered(NodeID(2), incarnation: 1, cleanShutdown: true),
      .topicCreated(TopicID(1), name: "orders", partitions: [state], config: []),
      .topicCreated(TopicID(2), name: "riders", partitions: [state], config: []),
      .topicDeleted(TopicID(1)),
      .brokerConfig(nil, key: "log.retention.ms", value: "5"),
      .groupConfig("g", key: "consumer.session.timeout.ms", value: "50000"),
    ])
    func made(_ slots: [TopicImage?], through offset: Int64? = nil) -> MetadataImage? {
      MetadataImage(
        appliedThrough: offset ?? image.appliedThrough, brokers: image.brokers, nextProducerID: image.nextProducerID,
        identity: image.identity, brokerConfigs: image.brokerConfigs, groupConfigs: image.groupConfigs,
        scramUsers: image.scramUsers, access: image.access, slots: slots)
    }
    #expect(made(image.slots) == image)
    let riders = TopicImage(id: TopicID(2), name: "riders", partitions: [state])
    #expect(made(image.slots, through: .max) == nil && made(image.slots, through: -1) == nil)
    #expect(made([]) == nil)
    #expect(made([riders]) == nil)
    #expect(made([nil, riders]) == nil)
    #expect(made([nil, TopicImage(id: TopicID(1), name: "riders", partitions: []), riders]) == nil)
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
