public import ArgumentParser
public import Clockwork

extension NodeID: ExpressibleByArgument {
  public init?(argument: String) { self.init(parsing: argument) }
}

extension PartitionName: ExpressibleByArgument {
  public init?(argument: String) { self.init(parsing: argument) }
}

extension Interval: ExpressibleByArgument {
  public init?(argument: String) { self.init(parsing: argument) }
}

/// `orders` or `orders/0`.
struct PlaceName: Hashable, Sendable, ExpressibleByArgument {
  var topic: String
  var index: Int32?

  init?(argument: String) {
    if let partition = PartitionName(parsing: argument) {
      (topic, index) = (partition.topic, partition.index)
    } else {
      guard !argument.contains("/"), !argument.isEmpty else { return nil }
      topic = argument
    }
  }
}

/// `key=value`.
struct SettingArgument: Hashable, Sendable, ExpressibleByArgument {
  var key: String
  var value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

/// `10%` or `0.5%`, as so many in a thousand.
struct Share: Hashable, Sendable, ExpressibleByArgument {
  var perMille: Int

  init?(argument: String) {
    guard argument.hasSuffix("%"), let percent = Double(argument.dropLast()), percent >= 0, percent <= 100 else {
      return nil
    }
    perMille = Int((percent * 10).rounded())
  }
}

enum ArgumentKinds {
  /// What the parser's complaint about a value should have named: `Expected a node, like n2.`
  static func expectation(in complaint: String) -> String? {
    guard let open = complaint.lastIndex(of: "<"), let close = complaint.lastIndex(of: ">"), open < close else {
      return nil
    }
    let name = complaint[complaint.index(after: open)..<close]
    return kinds.first { $0.name == name }.map { "Expected \($0.words)." }
  }

  /// What the names in the help stand for.
  private static let kinds: [(name: String, words: String)] = [
    ("node", "a node, like n2"), ("nodes", "nodes, like n1 n2"), ("client", "a client, like c1"),
    ("topic", "the name of a topic, like orders"), ("partition", "a partition, like orders/0"),
    ("place", "a topic or a partition, like orders or orders/0"), ("time", "a time, like 250ms or 2s"),
    ("count", "a whole number"), ("setting", "a setting, like min.insync.replicas=2"), ("share", "a share, like 10%"),
    ("acks", "0, 1 or all"), ("isolation", "read_uncommitted or read_committed"), ("fork", "the name of a fork"),
    ("group", "the name of a group"),
    ("seed", "a whole number"), ("write", "a place and a value, like orders=bibimbap"),
    ("transaction", "a transactional id, like kitchen"), ("protocol", "a protocol, like 2pc or 3pc"),
  ]
}
