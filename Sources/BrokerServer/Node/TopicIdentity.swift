import Broker
import KafkaWire

// Topic ids as clients see them (KIP-516).

extension MetadataImage {
  func wireUUID(of topic: TopicID) -> WireUUID {
    let uuid = uuid(of: topic)
    return WireUUID(high: uuid.high, low: uuid.low)
  }

  func topicID(_ uuid: WireUUID) -> TopicID? { topicID(TopicUUID(high: uuid.high, low: uuid.low)) }
}

extension NodeServer {
  func uuid(of topic: TopicID) -> WireUUID { node.look { $0.image.wireUUID(of: topic) } ?? WireUUID() }

  func topicID(of uuid: WireUUID) -> TopicID? { node.look { $0.image.topicID(uuid) } ?? nil }
}
