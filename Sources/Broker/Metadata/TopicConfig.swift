public import Codecs

/// A topic's settings: Kafka's names, Kafka's defaults.
///
/// Only what differs from the default is stored. What the broker asks on every request is kept parsed.
public struct TopicConfig: Hashable, Sendable {
  /// Settings that were given, by key in ascending order.
  public private(set) var overrides: [TopicSetting] = []
  /// min.insync.replicas
  public private(set) var minInSync = 1
  /// unclean.leader.election.enable
  public private(set) var uncleanElection = false
  /// max.message.bytes
  public private(set) var maxMessageBytes = 1_048_588
  /// cleanup.policy names compaction.
  public private(set) var isCompacted = false
  /// compression.type; nil, as the producer chose
  public private(set) var codec: Codec?
  /// message.timestamp.type is LogAppendTime
  public private(set) var stampsRecords = false

  public init() {}

  /// With these settings given, and every other as by default.
  public init(_ overrides: [TopicSetting]) {
    for setting in overrides { set(setting.key, setting.value) }
  }

  /// The setting in force, given or default; nil for a key that does not exist.
  public subscript(key: String) -> String? {
    overrides.first { $0.key == key }?.value ?? Self.definitions.first { $0.name == key }?.defaultValue
  }

  /// The keys that people use every day with their defaults, ascending; `definitions` has all.
  public static var defaults: [TopicSetting] {
    definitions.filter(\.isEveryday).map { TopicSetting($0.name, $0.defaultValue) }
  }

  /// Why `value` cannot be given to `key`; nil when it can.
  public static func refusal(_ key: String, _ value: String) -> String? {
    guard let setting = definitions.first(where: { $0.name == key }) else {
      return "No topic setting \(key). Settings: \(defaults.map(\.key).joined(separator: ", "))."
    }
    guard !setting.domain.contains(value) else { return nil }
    return "\(key) cannot be \(value). Expected: \(setting.domain.words)."
  }

  /// Takes a setting that `refusal` has nothing against; nil restores the default.
  mutating func set(_ key: String, _ value: String?) {
    overrides.removeAll { $0.key == key }
    if let value {
      let place = overrides.firstIndex { $0.key > key } ?? overrides.count
      overrides.insert(TopicSetting(key, value), at: place)
    }
    minInSync = self["min.insync.replicas"].flatMap { Int($0) } ?? 1
    uncleanElection = self["unclean.leader.election.enable"] == "true"
    stampsRecords = self["message.timestamp.type"] == "LogAppendTime"
    isCompacted = self["cleanup.policy"]?.split(separator: ",").contains("compact") ?? false
    codec = self["compression.type"].flatMap(Codec.init(setting:))
    maxMessageBytes = self["max.message.bytes"].flatMap { Int($0) } ?? 1_048_588
  }
}

extension Codec {
  /// Nil for `producer`.
  fileprivate init?(setting: String) {
    switch setting {
    case "uncompressed": self = .none
    case "gzip": self = .gzip
    case "snappy": self = .snappy
    case "lz4": self = .lz4
    case "zstd": self = .zstd
    default: return nil
    }
  }
}
