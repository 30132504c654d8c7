import Clockwork

extension Broker {
  /// Who leads what, as far as this broker has heard (Kafka's Metadata).
  func answer(_ request: MetadataRequest) -> MetadataReply {
    let names = request.topics.isEmpty ? image.topics.map(\.name) : request.topics
    let topics = names.map { name in
      guard let topic = image.topic(named: name) else {
        return TopicMetadata(name: name, error: .unknownTopicOrPartition)
      }
      return TopicMetadata(name: name, id: topic.id, partitions: topic.partitions)
    }
    return MetadataReply(controller: quorum.leader, brokers: image.liveBrokers, topics: topics)
  }
}
