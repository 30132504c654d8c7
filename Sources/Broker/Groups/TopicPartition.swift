/// A partition as consumer groups know it: by its topic's name.
///
/// Not `PartitionID`: subscriptions, assignments and committed offsets speak of names in Kafka's formats, and a group's
/// offsets outlive the image of the broker that happens to coordinate it.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var topic: String
  public var index: Int32

  public init(_ topic: String, _ index: Int32) {
    self.topic = topic
    self.index = index
  }

  public static func < (a: TopicPartition, b: TopicPartition) -> Bool {
    a.topic == b.topic ? a.index < b.index : a.topic < b.topic
  }

  public var description: String { "\(topic)/\(index)" }
}
