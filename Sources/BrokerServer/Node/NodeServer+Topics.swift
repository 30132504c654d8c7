import Broker
import Clockwork
import Codecs
import KafkaWire
import RecordLog

// What requests ask of the broker's image, and the fetch sessions.

extension NodeServer {
  func topicID(named name: String) -> TopicID? { node.look { $0.image.topicID(named: name) } ?? nil }

  func name(of id: TopicID) -> String? { node.look { $0.image.topic(id)?.name } ?? nil }

  func topic(_ id: WireUUID, _ name: String, byID: Bool) -> TopicID? {
    byID ? topicID(of: id) : topicID(named: name)
  }

  /// The partition, if there is such a one.
  func partitionExists(_ id: PartitionID) -> PartitionID? {
    (node.look { $0.image.partition(id) } ?? nil).map { _ in id }
  }

  /// Where records for a topic go and how large a batch may be.
  func produceTarget(_ name: String) -> ProduceTarget? {
    let found = node.look { broker in
      broker.image.topic(named: name).map { topic in
        ProduceTarget(
          id: topic.id, maxBytes: topic.config.maxMessageBytes, isCompacted: topic.config.isCompacted,
          codec: topic.config.codec)
      }
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
      return sessions.open(asks, at: now)
    default:
      let session = try sessions.resume(request.session, epoch: request.sessionEpoch, at: now)
      session.update(asks, forgetting: forgotten)
      return session
    }
  }
}

/// What a topic asks of the batches that are sent to it.
struct ProduceTarget {
  var id: TopicID
  var maxBytes: Int
  var isCompacted: Bool
  /// How its batches are stored; nil, as they come.
  var codec: Codec?
}
