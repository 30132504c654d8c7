import Broker
import Clockwork
import KafkaWire

extension Exchange {
  func serve(_ request: ElectLeadersRequest) {
    guard request.electionType == 0 || request.electionType == 1 else {
      var response = ElectLeadersResponse()
      response.error = .invalidRequest
      return respond(response, as: .electLeaders)
    }
    let asked = request.topics.map { topics in
      topics.flatMap { topic in topic.partitions.map { ElectionPlace(topic: topic.name, index: $0) } }
    }
    var unknown: [ElectionAnswer] = []
    var known: [ElectionPlace] = []
    var ids: [PartitionID] = []
    for place in asked ?? [] {
      if let id = server.topicID(named: place.topic) {
        known.append(place)
        ids.append(PartitionID(id, place.index))
      } else {
        let message = "No topic \(place.topic). Try: list the topics"
        unknown.append(ElectionAnswer(place: place, error: .unknownTopicOrPartition, message: message))
      }
    }
    guard asked == nil || !ids.isEmpty else { return respond(.none, unknown) }
    askController(.electLeaders(asked == nil ? nil : ids, unclean: request.electionType == 1)) { reply in
      if case .leadersElected(let elected) = reply {
        respond(.none, unknown + elected.map { answer($0) })
      } else {
        let refused = known.map { ElectionAnswer(place: $0, error: reply.error, message: reply.reason) }
        respond(reply.error, unknown + refused)
      }
    }
  }

  private func answer(_ elected: LeaderElected) -> ElectionAnswer {
    let topic = server.node.look { $0.image.topic(elected.partition.topic)?.name } ?? nil
    return ElectionAnswer(
      place: ElectionPlace(topic: topic ?? "", index: elected.partition.index), error: elected.error?.wire ?? .none,
      message: elected.error == nil ? nil : elected.reason)
  }

  private func respond(_ error: KafkaError, _ answers: [ElectionAnswer]) {
    var response = ElectLeadersResponse()
    response.error = error
    for answer in answers {
      if response.topics.last?.name != answer.place.topic {
        response.topics.append(ElectLeadersResponse.Topic())
        response.topics[response.topics.count - 1].name = answer.place.topic
      }
      var partition = ElectLeadersResponse.Partition()
      partition.index = answer.place.index
      partition.error = answer.error
      partition.message = answer.message
      response.topics[response.topics.count - 1].partitions.append(partition)
    }
    respond(response, as: .electLeaders)
  }
}

private struct ElectionPlace {
  var topic: String
  var index: Int32
}

private struct ElectionAnswer {
  var place: ElectionPlace
  var error: KafkaError
  var message: String?
}
