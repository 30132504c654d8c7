public import Clockwork

/// Settings of brokers: one broker's, or the default of all (KIP-226). Kafka's names and defaults.
///
/// What operators and clients change or ask for; the controller stores them, brokers look them up in the image.
public enum BrokerConfig {
  /// By name, ascending. Source: Kafka's broker configuration reference, 4.0.
  public static let definitions: [ConfigDefinition] = [
    ConfigDefinition(
      "advertised.listeners", "", .string, .text, isReadOnly: true, "Where clients reach the broker."),
    ConfigDefinition(
      "auto.create.topics.enable", "true", .boolean, .flag, isReadOnly: true,
      "Whether asking for an unknown topic makes it."),
    ConfigDefinition(
      "auto.leader.rebalance.enable", "true", .boolean, .flag, isReadOnly: true,
      "Whether leadership goes back to preferred replicas by itself."),
    ConfigDefinition("broker.id", "-1", .int, .text, isReadOnly: true, "The broker's number."),
    ConfigDefinition("broker.rack", "", .string, .text, isReadOnly: true, "Where the broker stands."),
    ConfigDefinition(
      "compression.type", "producer", .string,
      .word(["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]), "How batches are stored."),
    ConfigDefinition(
      "default.replication.factor", "1", .int, .size, isReadOnly: true,
      "How many replicas a topic's partitions get unless told."),
    ConfigDefinition(
      "follower.replication.throttled.rate", "9223372036854775807", .long, .span,
      "Bytes a second that throttled followers may fetch."),
    ConfigDefinition(
      "leader.imbalance.check.interval.seconds", "300", .long, .size, isReadOnly: true,
      "How often leadership goes back to preferred replicas."),
    ConfigDefinition(
      "leader.replication.throttled.rate", "9223372036854775807", .long, .span,
      "Bytes a second that throttled leaders may send."),
    ConfigDefinition("listeners", "PLAINTEXT://:9092", .string, .text, isReadOnly: true, "Where the broker listens."),
    ConfigDefinition(
      "log.cleaner.threads", "1", .int, .size, "Threads that compact logs."),
    ConfigDefinition("log.cleanup.policy", "delete", .list, .words(["delete", "compact"]), "Default cleanup.policy."),
    ConfigDefinition("log.retention.bytes", "-1", .long, .number(-1...(.max)), "Default retention.bytes."),
    ConfigDefinition("log.retention.ms", "604800000", .long, .number(-1...(.max)), "Default retention.ms."),
    ConfigDefinition("log.segment.bytes", "1073741824", .int, .number(14...Int64(Int32.max)), "Default segment.bytes."),
    ConfigDefinition("max.connections", "2147483647", .int, .size, "Connections that the broker accepts."),
    ConfigDefinition("message.max.bytes", "1048588", .int, .size, "Default max.message.bytes."),
    ConfigDefinition(
      "min.insync.replicas", "1", .int, .number(1...Int64(Int32.max)), isReadOnly: true,
      "Default min.insync.replicas of topics."),
    ConfigDefinition("node.id", "-1", .int, .text, isReadOnly: true, "The node's number."),
    ConfigDefinition("num.io.threads", "8", .int, .size, "Threads that serve requests."),
    ConfigDefinition("num.network.threads", "3", .int, .size, "Threads that read and write sockets."),
    ConfigDefinition(
      "num.partitions", "1", .int, .size, isReadOnly: true, "How many partitions a topic gets unless told."),
    ConfigDefinition("num.replica.fetchers", "1", .int, .size, "Fetchers for each broker that is followed."),
    ConfigDefinition(
      "offsets.topic.replication.factor", "3", .short, .size, isReadOnly: true, "Replicas of __consumer_offsets."),
    ConfigDefinition(
      "sasl.kerberos.min.time.before.relogin", "60000", .long, .span,
      "How long a Kerberos login is kept. Kept for tools that set it; Kerberos is not served."),
    ConfigDefinition(
      "unclean.leader.election.enable", "false", .boolean, .flag, isReadOnly: true,
      "Default unclean.leader.election.enable of topics."),
  ]
}

extension MetadataImage {
  /// What was set for one broker, or with nil for all of them; by name.
  public func brokerOverrides(of broker: NodeID?) -> [TopicSetting] {
    brokerConfigs.filter { $0.broker == broker }.map(\.setting)
  }

  /// The value in force on a broker: its own, else the cluster's, else the default; nil for an unknown name.
  public func brokerSetting(_ name: String, on broker: NodeID) -> String? {
    for scope in [broker, nil] {
      if let found = brokerConfigs.first(where: { $0.broker == scope && $0.setting.key == name }) {
        return found.setting.value
      }
    }
    return BrokerConfig.definitions.first { $0.name == name }?.defaultValue
  }
}

/// A stored setting of a broker, or of all.
public struct BrokerOverride: Hashable, Sendable {
  public var broker: NodeID?
  public var setting: TopicSetting

  public init(broker: NodeID?, setting: TopicSetting) {
    self.broker = broker
    self.setting = setting
  }
}
