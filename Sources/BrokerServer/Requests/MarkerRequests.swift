import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  /// Markers into partitions that this broker leads: how an administrator ends a transaction that hangs (KIP-664).
  func serve(_ request: WriteTxnMarkersRequest) {
    let gathering = Gathering<WriteTxnMarkersResponse.Marker>(request.markers.count) { answers in
      var response = WriteTxnMarkersResponse()
      response.markers = answers
      respond(response, as: .writeTxnMarkers)
    }
    for (place, marker) in request.markers.enumerated() {
      let ids = marker.topics.map { topic in
        let id = server.topicID(named: topic.name)
        return topic.partitions.map { index in id.map { PartitionID($0, index) } }
      }
      let core = MarkerRequest(
        producerID: marker.producerID, producerEpoch: marker.producerEpoch, marker: marker.isCommit ? .commit : .abort,
        coordinatorEpoch: marker.coordinatorEpoch, partitions: ids.joined().compactMap { $0 })
      connection.ask(
        server.node.id, { .writeMarkers(core, $0) },
        hear: { message in
          guard case .markersWritten(let reply, _) = message else { return }
          gathering.set(answer(marker, ids, reply), at: place)
        })
    }
  }

  private func answer(
    _ marker: WriteTxnMarkersRequest.Marker, _ ids: [[PartitionID?]], _ reply: MarkerReply
  ) -> WriteTxnMarkersResponse.Marker {
    var answer = WriteTxnMarkersResponse.Marker()
    answer.producerID = marker.producerID
    answer.topics = zip(marker.topics, ids).map { topic, ids in
      var written = WriteTxnMarkersResponse.Topic()
      written.name = topic.name
      written.partitions = zip(topic.partitions, ids).map { index, id in
        var partition = WriteTxnMarkersResponse.Partition()
        partition.index = index
        let result = id.flatMap { id in reply.results.first { $0.partition == id } }
        partition.error = result.map { $0.error?.wire ?? .none } ?? .unknownTopicOrPartition
        return partition
      }
      return written
    }
    return answer
  }
}
