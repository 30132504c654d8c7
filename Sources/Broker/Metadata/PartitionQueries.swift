import Clockwork

/// What a broker asks of the image about its own partitions.
extension MetadataImage {
  func minInSyncReplicas(of topic: TopicID) -> Int { self.topic(topic)?.config.minInSync ?? 1 }

  /// `orders/0`; the number where the topic is unknown.
  public func name(of partition: PartitionID) -> String {
    topic(partition.topic).map { "\($0.name)/\(partition.index)" } ?? partition.description
  }

  /// The partitions that have a replica on the broker, in order.
  func partitions(on broker: NodeID) -> [PartitionID] {
    topics.flatMap { topic in
      topic.partitions.indices
        .filter { topic.partitions[$0].replicas.contains(broker) }
        .map { PartitionID(topic.id, Int32($0)) }
    }
  }
}
