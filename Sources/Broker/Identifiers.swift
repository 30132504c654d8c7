/// A topic's number, given by the controller once and never used again: a topic deleted and made anew under the same
/// name has another.
public struct TopicID: Hashable, Comparable, Sendable {
  public var rawValue: UInt32

  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: TopicID, b: TopicID) -> Bool { a.rawValue < b.rawValue }
}

/// One partition of one topic. Two words, no reference: it travels in every fetch.
public struct PartitionID: Hashable, Comparable, Sendable {
  public var topic: TopicID
  public var index: Int32

  @inlinable public init(_ topic: TopicID, _ index: Int32) {
    self.topic = topic
    self.index = index
  }

  @inlinable public static func < (a: PartitionID, b: PartitionID) -> Bool {
    a.topic == b.topic ? a.index < b.index : a.topic < b.topic
  }
}

/// One registration of a broker with the controller: a broker that restarts gets a higher one (KIP-631, KIP-903).
public struct BrokerEpoch: Hashable, Comparable, Sendable {
  public var rawValue: Int64

  @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public static func < (a: BrokerEpoch, b: BrokerEpoch) -> Bool { a.rawValue < b.rawValue }
}

/// Counts the changes to a partition's in-sync set and leader: AlterPartition is compare-and-set on it (KIP-497).
public struct PartitionEpoch: Hashable, Comparable, Sendable {
  public var rawValue: Int32

  @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public static func < (a: PartitionEpoch, b: PartitionEpoch) -> Bool { a.rawValue < b.rawValue }
  public var next: PartitionEpoch { PartitionEpoch(rawValue + 1) }
}

/// A term of the controller quorum: at most one controller each (KIP-595).
public struct QuorumEpoch: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: Int32

  @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public static func < (a: QuorumEpoch, b: QuorumEpoch) -> Bool { a.rawValue < b.rawValue }
  public var next: QuorumEpoch { QuorumEpoch(rawValue + 1) }
  public var description: String { String(rawValue) }
}

/// Matches an answer to its request. Unique per sender for as long as its process lives.
public struct CorrelationID: Hashable, Comparable, Sendable {
  public var rawValue: UInt32

  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: CorrelationID, b: CorrelationID) -> Bool { a.rawValue < b.rawValue }
}

extension PartitionID: CustomStringConvertible {
  /// `⟨3/0⟩`: topic number and partition. Who knows the names puts `orders/0` in its place (see `Narration`).
  public var description: String { "⟨\(topic.rawValue)/\(index)⟩" }
}
