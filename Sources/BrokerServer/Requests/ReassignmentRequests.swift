import Broker
import Clockwork
import KafkaWire

// Partitions move to other brokers (KIP-455).

extension Exchange {
  func serve(_ request: AlterPartitionReassignmentsRequest) {
    typealias Answer = AlterPartitionReassignmentsResponse.Partition
    let asked = request.topics.flatMap { topic in topic.partitions.map { (topic.name, $0) } }
    let gathering = Gathering<Answer>(asked.count) { answers in
      var response = AlterPartitionReassignmentsResponse()
      var rest = answers[...]
      response.topics = request.topics.map { topic in
        var answer = AlterPartitionReassignmentsResponse.Topic()
        answer.name = topic.name
        answer.partitions = Array(rest.prefix(topic.partitions.count))
        rest = rest.dropFirst(topic.partitions.count)
        return answer
      }
      respond(response, as: .alterPartitionReassignments)
    }
    for (place, (topic, partition)) in asked.enumerated() {
      var answer = Answer()
      answer.index = partition.index
      guard let id = server.topicID(named: topic) else {
        answer.error = .unknownTopicOrPartition
        answer.message = "No topic \(topic). Try: list the topics"
        gathering.set(answer, at: place)
        continue
      }
      let target = partition.replicas?.map { NodeID($0) }
      askController(.reassign(PartitionID(id, partition.index), target)) { reply in
        answer.error = reply.error
        answer.message = reply.reason
        gathering.set(answer, at: place)
      }
    }
  }

  func serve(_ request: ListPartitionReassignmentsRequest) {
    let image = server.node.look { $0.image } ?? MetadataImage()
    let moving =
      request.topics.map { topics in
        topics.flatMap { topic in
          image.topicID(named: topic.name).map { id in topic.partitions.map { PartitionID(id, $0) } } ?? []
        }
      } ?? image.reassignments
    var response = ListPartitionReassignmentsResponse()
    for id in moving {
      guard let topic = image.topic(id.topic), let state = image.partition(id), state.isMoving else { continue }
      if response.topics.last?.name != topic.name {
        response.topics.append(ListPartitionReassignmentsResponse.Topic())
        response.topics[response.topics.count - 1].name = topic.name
      }
      var partition = ListPartitionReassignmentsResponse.Partition()
      partition.index = id.index
      partition.replicas = state.replicas.map(\.rawValue)
      partition.adding = state.adding.map(\.rawValue)
      partition.removing = state.removing.map(\.rawValue)
      response.topics[response.topics.count - 1].partitions.append(partition)
    }
    respond(response, as: .listPartitionReassignments)
  }
}
