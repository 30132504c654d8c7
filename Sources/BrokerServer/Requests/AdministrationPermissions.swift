import Broker
import KafkaWire

// What administration asks for.

extension CreateTopicsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<CreateTopicsResponse> {
    let refused = topics.takeOut { access.may(.create) || access.may(.create, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = CreateTopicsResponse.Topic()
        answer.name = topic.name
        answer.error = .topicAuthorizationFailed
        return answer
      }
    }
  }
}

extension DeleteTopicsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DeleteTopicsResponse> {
    let refusedNames = names.takeOut { access.may(.delete, .topic, $0) }
    let refused = topics.takeOut { topic in
      (topic.name ?? access.topicName(topic.id)).map { access.may(.delete, .topic, $0) } ?? true
    }
    return .served { response in
      for (name, id) in refusedNames.map({ (Optional($0), WireUUID()) }) + refused.map({ ($0.name, $0.id) }) {
        var answer = DeleteTopicsResponse.Topic()
        answer.name = name
        answer.id = id
        answer.error = .topicAuthorizationFailed
        response.topics.append(answer)
      }
    }
  }
}

extension CreatePartitionsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<CreatePartitionsResponse> {
    let refused = topics.takeOut { access.may(.alter, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = CreatePartitionsResponse.Topic()
        answer.name = topic.name
        answer.error = .topicAuthorizationFailed
        return answer
      }
    }
  }
}

extension DeleteRecordsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DeleteRecordsResponse> {
    let refused = topics.takeOut { access.may(.delete, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.topics += refused.map { topic in
        var answer = DeleteRecordsResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          var one = DeleteRecordsResponse.Partition()
          one.index = partition.index
          one.lowWatermark = -1
          one.error = .topicAuthorizationFailed
          return one
        }
        return answer
      }
    }
  }
}

extension Access {
  /// Settings are a topic's (resource type 2) or else the cluster's.
  fileprivate func mayConfigure(_ operation: AccessOperation, _ type: Int8, _ name: String) -> Bool {
    switch type {
    case AccessResource.topic.rawValue: may(operation, .topic, name)
    case 32: may(operation, .group, name)
    default: may(operation)
    }
  }
}

private func configError(_ type: Int8) -> KafkaError {
  switch type {
  case AccessResource.topic.rawValue: .topicAuthorizationFailed
  case 32: .groupAuthorizationFailed
  default: .clusterAuthorizationFailed
  }
}

extension DescribeConfigsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DescribeConfigsResponse> {
    let refused = resources.takeOut { access.mayConfigure(.describeConfigs, $0.type, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.resources += refused.map { resource in
        var answer = DescribeConfigsResponse.Resource()
        answer.type = resource.type
        answer.name = resource.name
        answer.error = configError(resource.type)
        return answer
      }
    }
  }
}

extension AlterConfigsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<AlterConfigsResponse> {
    let refused = resources.takeOut { access.mayConfigure(.alterConfigs, $0.type, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.resources += refused.map { resource in
        var answer = AlterConfigsResponse.Resource()
        answer.type = resource.type
        answer.name = resource.name
        answer.error = configError(resource.type)
        return answer
      }
    }
  }
}

extension IncrementalAlterConfigsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<IncrementalAlterConfigsResponse> {
    let refused = resources.takeOut { access.mayConfigure(.alterConfigs, $0.type, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.resources += refused.map { resource in
        var answer = IncrementalAlterConfigsResponse.Resource()
        answer.type = resource.type
        answer.name = resource.name
        answer.error = configError(resource.type)
        return answer
      }
    }
  }
}

/// A request that is the cluster's as a whole.
protocol ClusterRequest: GuardedRequest {
  static var operation: AccessOperation { get }
  func refusal() -> Response
}

extension ClusterRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<Response> {
    access.may(Self.operation) ? .allowed : .refused(refusal())
  }
}

/// Any client may know where the brokers are, as with Metadata.
extension DescribeClusterRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DescribeClusterResponse> { .allowed }
}

extension DescribeLogDirsRequest: ClusterRequest {
  static var operation: AccessOperation { .describe }
  func refusal() -> DescribeLogDirsResponse {
    var response = DescribeLogDirsResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension ElectLeadersRequest: ClusterRequest {
  static var operation: AccessOperation { .alter }
  func refusal() -> ElectLeadersResponse {
    var response = ElectLeadersResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension AlterPartitionReassignmentsRequest: ClusterRequest {
  static var operation: AccessOperation { .alter }
  func refusal() -> AlterPartitionReassignmentsResponse {
    var response = AlterPartitionReassignmentsResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension ListPartitionReassignmentsRequest: ClusterRequest {
  static var operation: AccessOperation { .describe }
  func refusal() -> ListPartitionReassignmentsResponse {
    var response = ListPartitionReassignmentsResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension DescribeACLsRequest: ClusterRequest {
  static var operation: AccessOperation { .describe }
  func refusal() -> DescribeACLsResponse {
    var response = DescribeACLsResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension CreateACLsRequest: ClusterRequest {
  static var operation: AccessOperation { .alter }
  func refusal() -> CreateACLsResponse {
    var response = CreateACLsResponse()
    response.results = rules.map { _ in
      var result = CreateACLsResponse.Result()
      result.error = .clusterAuthorizationFailed
      return result
    }
    return response
  }
}

extension DeleteACLsRequest: ClusterRequest {
  static var operation: AccessOperation { .alter }
  func refusal() -> DeleteACLsResponse {
    var response = DeleteACLsResponse()
    response.results = filters.map { _ in
      var result = DeleteACLsResponse.Result()
      result.error = .clusterAuthorizationFailed
      return result
    }
    return response
  }
}

extension DescribeUserScramCredentialsRequest: ClusterRequest {
  static var operation: AccessOperation { .describe }
  func refusal() -> DescribeUserScramCredentialsResponse {
    var response = DescribeUserScramCredentialsResponse()
    response.error = .clusterAuthorizationFailed
    return response
  }
}

extension AlterUserScramCredentialsRequest: ClusterRequest {
  static var operation: AccessOperation { .alter }
  func refusal() -> AlterUserScramCredentialsResponse {
    var response = AlterUserScramCredentialsResponse()
    response.users = (deletions.map(\.name) + upsertions.map(\.name)).map { name in
      var user = AlterUserScramCredentialsResponse.User()
      user.name = name
      user.error = .clusterAuthorizationFailed
      return user
    }
    return response
  }
}
