/// A partition as people write it: `orders/0`.
public struct PartitionName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var topic: String
  public var index: Int32

  public init(_ topic: String, _ index: Int32) {
    self.topic = topic
    self.index = index
  }

  /// Reads `orders/0`; nil for anything else.
  public init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let index = Int32(parts[1]), index >= 0 else { return nil }
    self.init(String(parts[0]), index)
  }

  /// Of a topic that the cluster keeps for itself, such as the groups' offsets: shown only when asked for by name.
  var isInternal: Bool { topic.hasPrefix("__") }

  public static func < (a: Self, b: Self) -> Bool { (a.topic, a.index) < (b.topic, b.index) }
  public var description: String { "\(topic)/\(index)" }
}
