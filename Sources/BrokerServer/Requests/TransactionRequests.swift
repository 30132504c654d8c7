import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  func serve(_ request: InitProducerIDRequest) {
    let core = InitProducerRequest(
      transactionalID: request.transactionalID, timeout: .milliseconds(Int64(request.timeoutMilliseconds)),
      producerID: request.producerID, producerEpoch: request.producerEpoch)
    askTransactions(.initProducer(core)) { reply in
      var response = InitProducerIDResponse()
      response.error = fenced(reply.error, knownFrom: 4)
      if case .producer(let id, let epoch) = reply {
        response.producerID = id
        response.producerEpoch = epoch
      }
      respond(response, as: .initProducerID)
    }
  }

  func serve(_ request: AddPartitionsToTxnRequest) {
    let claim = TransactionClaim(
      transactionalID: request.transactionalID, producerID: request.producerID, producerEpoch: request.producerEpoch)
    let asked = request.topics.flatMap { topic in topic.partitions.map { (topic.name, $0) } }
    let known = asked.map { name, index -> PartitionID? in
      server.topicID(named: name).flatMap { server.partitionExists(PartitionID($0, index)) }
    }
    // All or none: with one unknown partition the others are not even tried, as in Kafka.
    guard !known.contains(nil) else {
      return respond(to: request, known.map { $0 == nil ? .unknownTopicOrPartition : .operationNotAttempted })
    }
    askTransactions(.addPartitions(claim, known.compactMap { $0 })) { reply in
      respond(to: request, known.map { _ in fenced(reply.error, knownFrom: 2) })
    }
  }

  private func respond(to request: AddPartitionsToTxnRequest, _ errors: [KafkaError]) {
    var response = AddPartitionsToTxnResponse()
    var rest = errors[...]
    response.results = request.topics.map { topic in
      var answer = AddPartitionsToTxnResponse.Topic()
      answer.name = topic.name
      answer.resultsByPartition = topic.partitions.map { index in
        var partition = AddPartitionsToTxnResponse.Topic.Partition()
        partition.index = index
        partition.partitionErrorCode = (rest.popFirst() ?? .none).rawValue
        return partition
      }
      return answer
    }
    respond(response, as: .addPartitionsToTxn)
  }

  func serve(_ request: AddOffsetsToTxnRequest) {
    let claim = TransactionClaim(
      transactionalID: request.transactionalID, producerID: request.producerID, producerEpoch: request.producerEpoch)
    askTransactions(.addOffsets(claim, group: request.group)) { reply in
      var response = AddOffsetsToTxnResponse()
      response.error = fenced(reply.error, knownFrom: 2)
      respond(response, as: .addOffsetsToTxn)
    }
  }

  func serve(_ request: EndTxnRequest) {
    let claim = TransactionClaim(
      transactionalID: request.transactionalID, producerID: request.producerID, producerEpoch: request.producerEpoch)
    askTransactions(.end(claim, commit: request.committed, bumpsEpoch: false)) { reply in
      var response = EndTxnResponse()
      response.error = fenced(reply.error, knownFrom: 2)
      respond(response, as: .endTxn)
    }
  }

  /// Older clients know fencing only as an invalid epoch (KIP-588).
  private func fenced(_ error: KafkaError, knownFrom first: Int16) -> KafkaError {
    error == .producerFenced && version < first ? .invalidProducerEpoch : error
  }

  func serve(_ request: DescribeTransactionsRequest) {
    typealias Answer = DescribeTransactionsResponse.Transaction
    let gathering = Gathering<Answer>(request.transactionalIDs.count) { answers in
      var response = DescribeTransactionsResponse()
      response.states = answers
      respond(response, as: .describeTransactions)
    }
    for (place, id) in request.transactionalIDs.enumerated() {
      askTransactions(.describe(transactionalID: id)) { reply in
        var answer = Answer()
        answer.transactionalID = id
        answer.error = reply.error
        if case .described(let found) = reply { fill(&answer, from: found) }
        gathering.set(answer, at: place)
      }
    }
  }

  private func fill(_ answer: inout DescribeTransactionsResponse.Transaction, from found: TransactionDescription) {
    answer.state = found.state.name
    answer.timeoutMilliseconds = Int32(clamping: found.timeout.milliseconds)
    answer.startTimestamp = found.started
    answer.producerID = found.producerID
    answer.producerEpoch = found.producerEpoch
    for partition in found.partitions {
      if answer.topics.last?.topic != partition.topic {
        var topic = DescribeTransactionsResponse.Transaction.Topic()
        topic.topic = partition.topic
        answer.topics.append(topic)
      }
      answer.topics[answer.topics.count - 1].partitions.append(partition.index)
    }
  }

  func serve(_ request: ListTransactionsRequest) {
    askTransactions(.list) { reply in
      var response = ListTransactionsResponse()
      response.error = reply.error
      let names = TransactionState.allCases.map(\.name)
      response.unknownStates = request.states.filter { !names.contains($0) }
      if case .listed(let found) = reply {
        for transaction in found {
          guard request.states.isEmpty || request.states.contains(transaction.state.name),
            request.producerIDs.isEmpty || request.producerIDs.contains(transaction.producerID)
          else { continue }
          var one = ListTransactionsResponse.Transaction()
          one.transactionalID = transaction.transactionalID
          one.producerID = transaction.producerID
          one.state = transaction.state.name
          response.states.append(one)
        }
      }
      respond(response, as: .listTransactions)
    }
  }

  func serve(_ request: DescribeProducersRequest) {
    var response = DescribeProducersResponse()
    response.topics = request.topics.map { topic in
      var answer = DescribeProducersResponse.Topic()
      answer.name = topic.name
      answer.partitions = topic.indexes.map { describeProducers(topic.name, $0) }
      return answer
    }
    respond(response, as: .describeProducers)
  }

  private func describeProducers(_ topic: String, _ index: Int32) -> DescribeProducersResponse.Topic.Partition {
    var answer = DescribeProducersResponse.Topic.Partition()
    answer.index = index
    let found = server.node.look { broker -> [ProducerState]? in
      guard let id = broker.image.topicID(named: topic), let replica = broker.replica(of: PartitionID(id, index)),
        replica.isLeading
      else { return nil }
      return broker.producers(of: replica).producers
    }
    guard let producers = found ?? nil else {
      answer.error = server.topicID(named: topic) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower
      return answer
    }
    answer.activeProducers = producers.map { producer in
      var one = DescribeProducersResponse.Topic.Partition.Producer()
      one.producerID = producer.id
      one.producerEpoch = Int32(producer.epoch)
      one.lastSequence = producer.batches.last?.lastSequence ?? -1
      one.lastTimestamp = producer.touchedAt.nanoseconds / 1_000_000
      one.coordinatorEpoch = producer.coordinatorEpoch
      one.currentTxnStartOffset = producer.openedAt?.rawValue ?? -1
      return one
    }
    return answer
  }
}
