import Broker
import KafkaWire

// What groups ask for.

extension FindCoordinatorRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<FindCoordinatorResponse> {
    let resource: AccessResource = keyType == 0 ? .group : .transactionalID
    let error: KafkaError = keyType == 0 ? .groupAuthorizationFailed : .transactionalIDAuthorizationFailed
    var response = FindCoordinatorResponse()
    guard version >= 4 else {
      guard !access.may(.describe, resource, key) else { return .allowed }
      response.error = error
      response.node = -1
      response.port = -1
      return .refused(response)
    }
    let refused = coordinatorKeys.takeOut { access.may(.describe, resource, $0) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.coordinators += refused.map { key in
        var answer = FindCoordinatorResponse.Coordinator()
        answer.key = key
        answer.node = -1
        answer.port = -1
        answer.error = error
        return answer
      }
    }
  }
}

extension JoinGroupRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<JoinGroupResponse> {
    guard !access.may(.read, .group, group) else { return .allowed }
    var response = JoinGroupResponse()
    response.error = .groupAuthorizationFailed
    response.member = member
    response.protocolName = version >= 7 ? nil : ""
    return .refused(response)
  }
}

extension SyncGroupRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<SyncGroupResponse> {
    guard !access.may(.read, .group, group) else { return .allowed }
    var response = SyncGroupResponse()
    response.error = .groupAuthorizationFailed
    return .refused(response)
  }
}

extension HeartbeatRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<HeartbeatResponse> {
    guard !access.may(.read, .group, group) else { return .allowed }
    var response = HeartbeatResponse()
    response.error = .groupAuthorizationFailed
    return .refused(response)
  }
}

extension LeaveGroupRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<LeaveGroupResponse> {
    guard !access.may(.read, .group, group) else { return .allowed }
    var response = LeaveGroupResponse()
    response.error = .groupAuthorizationFailed
    return .refused(response)
  }
}

extension OffsetCommitRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<OffsetCommitResponse> {
    let isMember = access.may(.read, .group, group)
    let refused = topics.takeOut { isMember && access.may(.read, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    let answers = refused.map { topic in
      var answer = OffsetCommitResponse.Topic()
      answer.name = topic.name
      answer.partitions = topic.partitions.map { partition in
        var one = OffsetCommitResponse.Topic.Partition()
        one.index = partition.index
        one.error = isMember ? .topicAuthorizationFailed : .groupAuthorizationFailed
        return one
      }
      return answer
    }
    guard topics.isEmpty else { return .served { $0.topics += answers } }
    var response = OffsetCommitResponse()
    response.topics = answers
    return .refused(response)
  }
}

extension OffsetFetchRequest: GuardedRequest {
  /// Of all topics those are told that may be seen.
  mutating func judge(_ access: Access, version: Int16) -> Verdict<OffsetFetchResponse> {
    var response = OffsetFetchResponse()
    guard version >= 8 else {
      guard access.may(.describe, .group, group) else {
        response.error = .groupAuthorizationFailed
        response.topics = (topics ?? []).map { Self.refusal(of: $0, .groupAuthorizationFailed) }
        return .refused(response)
      }
      let refused = topics?.takeOut { access.may(.describe, .topic, $0.name) } ?? []
      return .served { response in
        response.topics.removeAll { !access.may(.describe, .topic, $0.name) }
        response.topics += refused.map { Self.refusal(of: $0, .topicAuthorizationFailed) }
      }
    }
    let refused = groups.takeOut { access.may(.describe, .group, $0.group) }
    return .served { response in
      for place in response.groups.indices {
        response.groups[place].topics.removeAll { !access.may(.describe, .topic, $0.name) }
      }
      response.groups += refused.map { group in
        var answer = OffsetFetchResponse.Group()
        answer.group = group.group
        answer.error = .groupAuthorizationFailed
        return answer
      }
    }
  }

  private static func refusal(of topic: Topic, _ error: KafkaError) -> OffsetFetchResponse.Topic {
    var answer = OffsetFetchResponse.Topic()
    answer.name = topic.name
    answer.partitions = topic.indexes.map { index in
      var one = OffsetFetchResponse.Topic.Partition()
      one.index = index
      one.committedOffset = -1
      one.error = error
      return one
    }
    return answer
  }
}

extension OffsetDeleteRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<OffsetDeleteResponse> {
    guard access.may(.delete, .group, group) else {
      var response = OffsetDeleteResponse()
      response.error = .groupAuthorizationFailed
      return .refused(response)
    }
    let refused = topics.takeOut { access.may(.read, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = OffsetDeleteResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          var one = OffsetDeleteResponse.Topic.Partition()
          one.index = partition.index
          one.error = .topicAuthorizationFailed
          return one
        }
        return answer
      }
    }
  }
}

extension DescribeGroupsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DescribeGroupsResponse> {
    let refused = groups.takeOut { access.may(.describe, .group, $0) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.groups += refused.map { group in
        var answer = DescribeGroupsResponse.Group()
        answer.group = group
        answer.error = .groupAuthorizationFailed
        return answer
      }
    }
  }
}

extension ListGroupsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ListGroupsResponse> {
    guard !access.may(.describe) else { return .allowed }
    return .served { response in response.groups.removeAll { !access.may(.describe, .group, $0.group) } }
  }
}

extension DeleteGroupsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DeleteGroupsResponse> {
    let refused = groupsNames.takeOut { access.may(.delete, .group, $0) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.results += refused.map { group in
        var answer = DeleteGroupsResponse.Result()
        answer.group = group
        answer.error = .groupAuthorizationFailed
        return answer
      }
    }
  }
}

extension ConsumerGroupHeartbeatRequest: GuardedRequest {
  /// The group, and every topic that is named; what an expression matches is told to nobody who may not see it.
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ConsumerGroupHeartbeatResponse> {
    var response = ConsumerGroupHeartbeatResponse()
    guard access.may(.read, .group, group) else {
      response.error = .groupAuthorizationFailed
      return .refused(response)
    }
    guard topicNames?.allSatisfy({ access.may(.describe, .topic, $0) }) ?? true else {
      response.error = .topicAuthorizationFailed
      return .refused(response)
    }
    return .allowed
  }
}

extension ConsumerGroupDescribeRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ConsumerGroupDescribeResponse> {
    let refused = groups.takeOut { access.may(.describe, .group, $0) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.groups += refused.map { group in
        var answer = ConsumerGroupDescribeResponse.Group()
        answer.group = group
        answer.error = .groupAuthorizationFailed
        return answer
      }
    }
  }
}
