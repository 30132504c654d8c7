import Broker
import KafkaWire

// What idempotent and transactional producers ask for.

extension InitProducerIDRequest: GuardedRequest {
  /// Who may write to some topic may do so idempotently (KIP-679).
  mutating func judge(_ access: Access, version: Int16) -> Verdict<InitProducerIDResponse> {
    var response = InitProducerIDResponse()
    if let id = transactionalID {
      guard !access.may(.write, .transactionalID, id) else { return .allowed }
      response.error = .transactionalIDAuthorizationFailed
    } else {
      guard !access.may(.idempotentWrite), !access.mayWriteSomewhere else { return .allowed }
      response.error = .clusterAuthorizationFailed
    }
    return .refused(response)
  }
}

extension AddPartitionsToTxnRequest: GuardedRequest {
  /// All or none, as with partitions that do not exist.
  mutating func judge(_ access: Access, version: Int16) -> Verdict<AddPartitionsToTxnResponse> {
    let isOwner = access.may(.write, .transactionalID, transactionalID)
    let refused = topics.filter { !access.may(.write, .topic, $0.name) }.map(\.name)
    guard !isOwner || !refused.isEmpty else { return .allowed }
    var response = AddPartitionsToTxnResponse()
    response.results = topics.map { topic in
      let error: KafkaError =
        !isOwner
        ? .transactionalIDAuthorizationFailed
        : refused.contains(topic.name) ? .topicAuthorizationFailed : .operationNotAttempted
      var answer = AddPartitionsToTxnResponse.Topic()
      answer.name = topic.name
      answer.resultsByPartition = topic.partitions.map { index in
        var one = AddPartitionsToTxnResponse.Topic.Partition()
        one.index = index
        one.partitionErrorCode = error.rawValue
        return one
      }
      return answer
    }
    return .refused(response)
  }
}

extension AddOffsetsToTxnRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<AddOffsetsToTxnResponse> {
    var response = AddOffsetsToTxnResponse()
    if !access.may(.write, .transactionalID, transactionalID) {
      response.error = .transactionalIDAuthorizationFailed
    } else if !access.may(.read, .group, group) {
      response.error = .groupAuthorizationFailed
    } else {
      return .allowed
    }
    return .refused(response)
  }
}

extension EndTxnRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<EndTxnResponse> {
    guard !access.may(.write, .transactionalID, transactionalID) else { return .allowed }
    var response = EndTxnResponse()
    response.error = .transactionalIDAuthorizationFailed
    return .refused(response)
  }
}

extension TxnOffsetCommitRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<TxnOffsetCommitResponse> {
    let general: KafkaError? =
      !access.may(.write, .transactionalID, transactionalID)
      ? .transactionalIDAuthorizationFailed : !access.may(.read, .group, group) ? .groupAuthorizationFailed : nil
    let refused = topics.takeOut { general == nil && access.may(.read, .topic, $0.name) }
    guard !refused.isEmpty else { return .allowed }
    let answers = refused.map { topic in
      var answer = TxnOffsetCommitResponse.Topic()
      answer.name = topic.name
      answer.partitions = topic.partitions.map { partition in
        var one = TxnOffsetCommitResponse.Topic.Partition()
        one.index = partition.index
        one.error = general ?? .topicAuthorizationFailed
        return one
      }
      return answer
    }
    guard topics.isEmpty else { return .served { $0.topics += answers } }
    var response = TxnOffsetCommitResponse()
    response.topics = answers
    return .refused(response)
  }
}

extension DescribeTransactionsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<DescribeTransactionsResponse> {
    let refused = transactionalIDs.takeOut { access.may(.describe, .transactionalID, $0) }
    guard !refused.isEmpty else { return .allowed }
    return .served { response in
      response.states += refused.map { id in
        var answer = DescribeTransactionsResponse.Transaction()
        answer.transactionalID = id
        answer.error = .transactionalIDAuthorizationFailed
        return answer
      }
    }
  }
}

extension ListTransactionsRequest: GuardedRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<ListTransactionsResponse> {
    .served { response in
      response.states.removeAll { !access.may(.describe, .transactionalID, $0.transactionalID) }
    }
  }
}
