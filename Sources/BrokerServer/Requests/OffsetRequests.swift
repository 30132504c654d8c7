import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  func serve(_ request: ListOffsetsRequest) {
    var response = ListOffsetsResponse()
    response.topics = request.topics.map { topic in
      var answer = ListOffsetsResponse.Topic()
      answer.name = topic.name
      answer.partitions = topic.partitions.map { find($0, of: topic.name, request) }
      return answer
    }
    respond(response, as: .listOffsets)
  }

  private func find(
    _ asked: ListOffsetsRequest.Topic.Partition, of topic: String, _ request: ListOffsetsRequest
  ) -> ListOffsetsResponse.Topic.Partition {
    var answer = ListOffsetsResponse.Topic.Partition()
    answer.index = asked.index
    let query: OffsetQuery =
      switch asked.timestamp {
      case -1: .latest
      case -2: .earliest
      case -3: .maxTimestamp
      default: .timestamp(asked.timestamp)
      }
    let epoch = asked.currentLeaderEpoch < 0 ? nil : LeaderEpoch(asked.currentLeaderEpoch)
    let found = server.node.look { broker -> Result<TimestampedOffset?, BrokerError> in
      guard let id = broker.image.topicID(named: topic) else { return .failure(.unknownTopicOrPartition) }
      return broker.offset(
        of: query, in: PartitionID(id, asked.index),
        isolation: request.isolationLevel == 1 ? .readCommitted : .readUncommitted, currentEpoch: epoch)
    }
    switch found ?? .failure(.brokerNotAvailable) {
    case .failure(let error): answer.error = error.wire
    case .success(let offset):
      answer.offset = offset?.offset.rawValue ?? -1
      answer.timestamp = offset?.timestamp ?? -1
      answer.leaderEpoch = offset?.leaderEpoch.rawValue ?? -1
    }
    return answer
  }

  func serve(_ request: OffsetForLeaderEpochRequest) {
    typealias Answer = OffsetForLeaderEpochResponse.Topic.Partition
    let asked = request.topics.flatMap { topic in topic.partitions.map { (topic.topic, $0) } }
    let gathering = Gathering<Answer>(asked.count) { answers in
      var response = OffsetForLeaderEpochResponse()
      var rest = answers[...]
      for topic in request.topics {
        var answered = OffsetForLeaderEpochResponse.Topic()
        answered.topic = topic.topic
        answered.partitions = Array(rest.prefix(topic.partitions.count))
        rest = rest.dropFirst(topic.partitions.count)
        response.topics.append(answered)
      }
      respond(response, as: .offsetForLeaderEpoch)
    }
    for (place, (topic, partition)) in asked.enumerated() {
      var answer = Answer()
      answer.partition = partition.partition
      guard let id = server.topicID(named: topic) else {
        answer.error = .unknownTopicOrPartition
        gathering.set(answer, at: place)
        continue
      }
      let question = EpochEndRequest(
        PartitionID(id, partition.partition), epoch: LeaderEpoch(partition.leaderEpoch),
        currentEpoch: partition.currentLeaderEpoch < 0 ? nil : LeaderEpoch(partition.currentLeaderEpoch))
      connection.ask(
        server.node.id, { .epochEnd(question, $0) },
        hear: { message in
          guard case .epochEnded(let reply, _) = message else { return }
          answer.error = reply.error?.wire ?? .none
          answer.leaderEpoch = reply.end?.epoch.rawValue ?? -1
          answer.endOffset = reply.end?.endOffset.rawValue ?? -1
          gathering.set(answer, at: place)
        })
    }
  }
}
