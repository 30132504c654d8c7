/// Who a node is in its world. Brokers count from 1, clients from 1001, instances of the engine from 9001; 0 is the person
/// at the console.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: Int32

  @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// The person at the console: the sender of commands that no node sent.
  public static let console = NodeID(0)

  /// The `n`th client, counted from 1.
  public static func client(_ n: Int32) -> NodeID { NodeID(1000 + n) }

  /// The `n`th instance of the engine, counted from 1.
  public static func engine(_ n: Int32) -> NodeID { NodeID(9000 + n) }

  public var isClient: Bool { rawValue > 1000 && rawValue <= 9000 }
  public var isEngine: Bool { rawValue > 9000 }
  public var isBroker: Bool { (1...1000).contains(rawValue) }

  @inlinable public static func < (a: NodeID, b: NodeID) -> Bool { a.rawValue < b.rawValue }

  /// `n1` for a broker, `c1` for a client, `e1` for an engine, `you` for the console.
  public var description: String {
    switch rawValue {
    case 0: "you"
    case 9001...: "e\(rawValue - 9000)"
    case 1001...: "c\(rawValue - 1000)"
    default: "n\(rawValue)"
    }
  }

  /// Reads what `description` writes; nil for anything else.
  public init?(parsing text: String) {
    if text == "you" {
      self = .console
      return
    }
    guard let number = Int32(text.dropFirst()), number > 0, number < 1000 else { return nil }
    switch text.first {
    case "n": self.init(number)
    case "c": self = .client(number)
    case "e": self = .engine(number)
    default: return nil
    }
  }
}
