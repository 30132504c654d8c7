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

  public init() {}

  /// The setting in force, given or default; nil for a key that does not exist.
  public subscript(key: String) -> String? {
    overrides.first { $0.key == key }?.value ?? Self.known.first { $0.key == key }?.value
  }

  /// Every key that exists with its default, ascending.
  public static var defaults: [TopicSetting] { known.map { TopicSetting($0.key, $0.value) } }

  /// Why `value` cannot be given to `key`; nil when it can.
  public static func refusal(_ key: String, _ value: String) -> String? {
    guard let setting = known.first(where: { $0.key == key }) else {
      return "No topic setting \(key). Settings: \(known.map(\.key).joined(separator: ", "))."
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
    maxMessageBytes = self["max.message.bytes"].flatMap { Int($0) } ?? 1_048_588
  }

  private enum Domain: Sendable {
    case number(ClosedRange<Int64>)
    case word([String])
    case words([String])

    func contains(_ value: String) -> Bool {
      switch self {
      case .number(let range): Int64(value).map(range.contains) ?? false
      case .word(let words): words.contains(value)
      case .words(let words): value.split(separator: ",").allSatisfy { words.contains(String($0)) } && !value.isEmpty
      }
    }

    var words: String {
      switch self {
      case .number(let range):
        range.upperBound == .max
          ? "a whole number from \(range.lowerBound)" : "a whole number, \(range.lowerBound) to \(range.upperBound)"
      case .word(let words): words.joined(separator: " or ")
      case .words(let words): "\(words.joined(separator: " or ")), or both with a comma"
      }
    }
  }

  private struct Known: Sendable {
    var key: String
    var value: String
    var domain: Domain
  }

  /// Source: Kafka's topic configuration reference, 4.0. By key, ascending.
  private static let known: [Known] = [
    Known(key: "cleanup.policy", value: "delete", domain: .words(["delete", "compact"])),
    Known(
      key: "compression.type", value: "producer",
      domain: .word(["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"])),
    Known(key: "delete.retention.ms", value: "86400000", domain: .number(0...(.max))),
    Known(key: "max.message.bytes", value: "1048588", domain: .number(0...Int64(Int32.max))),
    Known(
      key: "message.timestamp.type", value: "CreateTime", domain: .word(["CreateTime", "LogAppendTime"])),
    Known(key: "min.compaction.lag.ms", value: "0", domain: .number(0...(.max))),
    Known(key: "min.insync.replicas", value: "1", domain: .number(1...Int64(Int32.max))),
    Known(key: "retention.bytes", value: "-1", domain: .number(-1...(.max))),
    Known(key: "retention.ms", value: "604800000", domain: .number(-1...(.max))),
    Known(key: "segment.bytes", value: "1073741824", domain: .number(14...Int64(Int32.max))),
    Known(key: "segment.ms", value: "604800000", domain: .number(1...(.max))),
    Known(key: "unclean.leader.election.enable", value: "false", domain: .word(["true", "false"])),
  ]
}
