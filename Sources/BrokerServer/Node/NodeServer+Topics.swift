import Broker
import Clockwork
import KafkaWire
import RecordLog

// What requests ask of the broker's image, and the fetch sessions.

extension NodeServer {
  func topicID(named name: String) -> TopicID? { node.look { $0.image.topicID(named: name) } ?? nil }

  func topic(_ id: WireUUID, _ name: String, byID: Bool) -> TopicID? {
    byID ? topicID(of: id) : topicID(named: name)
  }

  /// The partition, if there is such a one.
  func partitionExists(_ id: PartitionID) -> PartitionID? {
    (node.look { $0.image.partition(id) } ?? nil).map { _ in id }
  }

  /// Where records for a topic go and how large a batch may be.
  func produceTarget(_ name: String) -> (TopicID, limit: Int)? {
    let found = node.look { broker in
      broker.image.topic(named: name).map { ($0.id, $0.config.maxMessageBytes) }
    }
    return found ?? nil
  }

  /// The session that the fetch belongs to, brought up to date; nil for one that stands alone.
  func session(
    for request: KafkaWire.FetchRequest, _ asks: [FetchAsk], _ forgotten: [FetchAsk]
  ) throws(KafkaError) -> FetchSession? {
    switch request.sessionEpoch {
    case -1:
      sessions.close(request.session)
      return nil
    case 0:
      sessions.close(request.session)
      return sessions.open(asks)
    default:
      let session = try sessions.resume(request.session, epoch: request.sessionEpoch)
      session.update(asks, forgetting: forgotten)
      return session
    }
  }
}
