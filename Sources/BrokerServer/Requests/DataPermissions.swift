import Broker
import KafkaWire

// What producing, consuming and looking at topics asks for.

extension WireProduceRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ProduceResponse> {
    let isOwner = transactionalID.map { access.may(.write, .transactionalID, $0) } ?? true
    let refused = topicData.takeOut { isOwner && access.may(.write, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.responses += refused.map { topic in
        var answer = ProduceResponse.Topic()
        answer.name = topic.name
        answer.partitionResponses = topic.partitionData.map { partition in
          var one = ProduceResponse.Topic.Partition()
          one.index = partition.index
          one.error = isOwner ? .topicAuthorizationFailed : .transactionalIDAuthorizationFailed
          one.baseOffset = -1
          return one
        }
        return answer
      }
    }
  }
}

extension WireFetchRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<FetchResponse> {
    // A session would outlive the permission it was opened with.
    session = 0
    sessionEpoch = -1
    let refused = topics.takeOut { topic in
      let name = version >= 13 ? access.topicName(topic.id) : topic.topic
      return name.map { access.may(.read, .topic, $0) } ?? true
    }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.responses += refused.map { topic in
        var answer = FetchResponse.Topic()
        answer.topic = topic.topic
        answer.id = topic.id
        answer.partitions = topic.partitions.map { partition in
          var one = FetchResponse.Topic.Partition()
          one.index = partition.partition
          one.error = .topicAuthorizationFailed
          one.highWatermark = -1
          one.records = .bytes([])
          return one
        }
        return answer
      }
    }
  }
}

extension ListOffsetsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ListOffsetsResponse> {
    let refused = topics.takeOut { access.may(.describe, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = ListOffsetsResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          var one = ListOffsetsResponse.Topic.Partition()
          one.index = partition.index
          one.error = .topicAuthorizationFailed
          return one
        }
        return answer
      }
    }
  }
}

extension OffsetForLeaderEpochRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<OffsetForLeaderEpochResponse> {
    let refused = topics.takeOut { access.may(.describe, .topic, $0.topic) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = OffsetForLeaderEpochResponse.Topic()
        answer.topic = topic.topic
        answer.partitions = topic.partitions.map { partition in
          var one = OffsetForLeaderEpochResponse.Topic.Partition()
          one.partition = partition.partition
          one.error = .topicAuthorizationFailed
          return one
        }
        return answer
      }
    }
  }
}

extension WireMetadataRequest: GuardedRequest {
  /// Who asks for all topics is told of those he may see; who asks for one by name is told that he may not.
  mutating func judge(_ access: Access, version: Int16) -> Verdict<MetadataResponse> {
    let refused = topics?.takeOut { $0.name.map { access.may(.describe, .topic, $0) } ?? true } ?? []
    let mayCreate =
      access.may(.create) || (topics ?? []).allSatisfy { access.may(.create, .topic, $0.name ?? "") }
    allowAutoTopicCreation = allowAutoTopicCreation && mayCreate
    return .served { response in
      response.topics.removeAll { $0.name.map { !access.may(.describe, .topic, $0) } ?? false }
      response.topics += refused.map { topic in
        var answer = MetadataResponse.Topic()
        answer.name = topic.name
        answer.id = topic.id
        answer.error = .topicAuthorizationFailed
        return answer
      }
    }
  }
}

extension DescribeProducersRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DescribeProducersResponse> {
    let refused = topics.takeOut { access.may(.read, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = DescribeProducersResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.indexes.map { index in
          var one = DescribeProducersResponse.Topic.Partition()
          one.index = index
          one.error = .topicAuthorizationFailed
          return one
        }
        return answer
      }
    }
  }
}
