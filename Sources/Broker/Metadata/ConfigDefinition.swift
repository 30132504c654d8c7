/// What is known of one setting: enough to check a value and to describe it (KIP-226, KIP-569).
public struct ConfigDefinition: Hashable, Sendable {
  /// Numbered as in DescribeConfigs.
  public enum ValueType: Int8, Hashable, Sendable {
    case boolean = 1
    case string, int, short, long, double, list
  }

  public let name: String
  public let defaultValue: String
  public let type: ValueType
  /// Only a restart with another configuration file changes it.
  public let isReadOnly: Bool
  /// One sentence.
  public let documentation: String
  let domain: ConfigDomain
  /// Shown where all settings are listed to a person.
  let isEveryday: Bool

  init(
    _ name: String, _ defaultValue: String, _ type: ValueType, _ domain: ConfigDomain, isReadOnly: Bool = false,
    isEveryday: Bool = false, _ documentation: String
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.type = type
    self.domain = domain
    self.isReadOnly = isReadOnly
    self.isEveryday = isEveryday
    self.documentation = documentation
  }
}

/// The values that a setting can take.
enum ConfigDomain: Hashable, Sendable {
  case number(ClosedRange<Int64>)
  case fraction
  case word([String])
  case words([String])
  /// Anything, as a list with commas or as plain text.
  case text

  static let flag = ConfigDomain.word(["true", "false"])
  static let size = ConfigDomain.number(0...Int64(Int32.max))
  static let span = ConfigDomain.number(0...(.max))

  func contains(_ value: String) -> Bool {
    switch self {
    case .number(let range): Int64(value).map(range.contains) ?? false
    case .fraction: Double(value).map((0...1).contains) ?? false
    case .word(let words): words.contains(value)
    case .words(let words): value.split(separator: ",").allSatisfy { words.contains(String($0)) } && !value.isEmpty
    case .text: true
    }
  }

  var words: String {
    switch self {
    case .number(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound)" : "a whole number, \(range.lowerBound) to \(range.upperBound)"
    case .fraction: "a number, 0 to 1"
    case .word(let words): words.joined(separator: " or ")
    case .words(let words): "\(words.joined(separator: " or ")), or both with a comma"
    case .text: "text"
    }
  }
}
