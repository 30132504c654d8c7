import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  /// Answers with the leader's new start; followers move theirs when they hear of it.
  func serve(_ request: DeleteRecordsRequest) {
    // Requests come in while the broker is at work: it is changed when that is done.
    server.node.afterDrain {
      var response = DeleteRecordsResponse()
      response.topics = request.topics.map { topic in
        var answer = DeleteRecordsResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { delete($0, of: topic.name) }
        return answer
      }
      respond(response, as: .deleteRecords)
    }
  }

  private func delete(
    _ asked: DeleteRecordsRequest.Partition, of topic: String
  ) -> DeleteRecordsResponse.Partition {
    var answer = DeleteRecordsResponse.Partition()
    answer.index = asked.index
    answer.lowWatermark = -1
    guard let id = server.topicID(named: topic) else {
      answer.error = .unknownTopicOrPartition
      return answer
    }
    let deleted = server.node.change { broker, _ in
      broker.deleteRecords(in: PartitionID(id, asked.index), before: asked.offset == -1 ? nil : Offset(asked.offset))
    }
    switch deleted ?? .failure(.brokerNotAvailable) {
    case .success(let start): answer.lowWatermark = start.rawValue
    case .failure(let error): answer.error = error.wire
    }
    return answer
  }
}
