import Broker
import KafkaWire

// Topic ids as clients see them (KIP-516): the topic's number, which is never used again, in a UUID of this cluster.

extension NodeServer {
  func uuid(of topic: TopicID) -> WireUUID { WireUUID(high: 0xBAED_A100_0000_4000, low: 1 << 63 | UInt64(topic.rawValue)) }

  func topicID(of uuid: WireUUID) -> TopicID? {
    let id = TopicID(UInt32(truncatingIfNeeded: uuid.low))
    guard uuid == self.uuid(of: id) else { return nil }
    return node.look { $0.image.topic(id)?.id } ?? nil
  }
}
