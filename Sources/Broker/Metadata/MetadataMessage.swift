public import Clockwork

/// Asks for topics by name; an empty list asks for all.
public struct MetadataRequest: Hashable, Sendable {
  public var topics: [String]

  public init(topics: [String] = []) { self.topics = topics }

  public var summary: String { topics.isEmpty ? "Metadata" : "Metadata \(topics.joined(separator: ","))" }
}

public struct MetadataReply: Hashable, Sendable {
  public var controller: NodeID?
  /// Unfenced brokers in id order.
  public var brokers: [NodeID]
  public var topics: [TopicMetadata]

  public init(controller: NodeID?, brokers: [NodeID], topics: [TopicMetadata]) {
    self.controller = controller
    self.brokers = brokers
    self.topics = topics
  }

  public var summary: String { "Metadata: \(brokers.count) brokers, \(topics.count) topics" }
}

public struct TopicMetadata: Hashable, Sendable {
  public var name: String
  public var error: BrokerError?
  public var id: TopicID
  /// By partition index.
  public var partitions: [PartitionState]

  public init(name: String, error: BrokerError? = nil, id: TopicID = TopicID(0), partitions: [PartitionState] = []) {
    self.name = name
    self.error = error
    self.id = id
    self.partitions = partitions
  }
}
