import Clockwork

/// Settings of single consumer groups of the new protocol (KIP-848). Kafka's names, defaults and limits.
public enum GroupConfig {
  /// By name, ascending. Source: Kafka's group configuration reference, 4.0.
  public static let definitions: [ConfigDefinition] = [
    ConfigDefinition(
      "consumer.heartbeat.interval.ms", "5000", .int, .number(5000...15_000),
      "How often members are told to speak."),
    ConfigDefinition(
      "consumer.session.timeout.ms", "45000", .int, .number(45_000...60_000),
      "How long a member may be silent before it is removed."),
  ]
}

/// A stored setting of a group.
public struct GroupOverride: Hashable, Sendable {
  public var group: String
  public var setting: TopicSetting

  public init(group: String, setting: TopicSetting) {
    self.group = group
    self.setting = setting
  }
}

extension MetadataImage {
  /// What was set for one group; by name.
  public func groupOverrides(of group: String) -> [TopicSetting] {
    groupConfigs.filter { $0.group == group }.map(\.setting)
  }
}

extension GroupSetup {
  /// As it is for one group.
  func with(_ overrides: [GroupOverride], of group: String) -> GroupSetup {
    var setup = self
    for one in overrides where one.group == group {
      guard let value = Int64(one.setting.value) else { continue }
      switch one.setting.key {
      case "consumer.heartbeat.interval.ms": setup.consumerHeartbeatInterval = .milliseconds(value)
      case "consumer.session.timeout.ms": setup.consumerSessionTimeout = .milliseconds(value)
      default: break
      }
    }
    return setup
  }
}
