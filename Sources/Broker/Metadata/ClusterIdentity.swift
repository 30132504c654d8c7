/// A topic's identity on the wire (KIP-516): 128 bits, never zero.
///
/// Inside, topics are numbered. The high word names the cluster, the low word is the number, so that nothing more needs
/// to be stored and a UUID from another cluster is found out.
public struct TopicUUID: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension TopicUUID: CustomStringConvertible {
  /// 22 characters of base64url without padding, as Kafka's tools print it.
  public var description: String { base64url(high, low) }
}

/// What tells one cluster from another: drawn by the first broker that ever registered.
///
/// Every broker finds it in the same record of the metadata log, so it needs no record of its own.
public struct ClusterIdentity: Hashable, Sendable {
  /// Neither is zero, and the text of neither begins with a dash, which command lines would take for an option.
  public let high: UInt64
  public let low: UInt64
  public let topics: UInt64

  /// An identity as it was written down.
  public init(high: UInt64, low: UInt64, topics: UInt64) {
    self.high = high
    self.low = low
    self.topics = topics
  }

  init(firstIncarnation incarnation: UInt64) {
    high = Self.mix(incarnation &+ 0x9E37_79B9_7F4A_7C15) & (.max >> 1) | 1
    low = Self.mix(incarnation &+ 0x3C6E_F372_FE94_F82A)
    topics = Self.mix(incarnation &+ 0xDAA6_6D2C_7DDF_743F) & (.max >> 1) | 1
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): near numbers come out far apart.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension MetadataImage {
  /// 22 characters of base64url, the same on every broker for ever; empty before the first broker has registered.
  public var clusterID: String { identity.map { base64url($0.high, $0.low) } ?? "" }

  /// The topic's identity on the wire; all zero, which is no UUID, before the first broker has registered.
  public func uuid(of topic: TopicID) -> TopicUUID {
    guard let identity else { return TopicUUID(high: 0, low: 0) }
    return TopicUUID(high: identity.topics, low: UInt64(topic.rawValue))
  }

  /// The topic that has this identity; nil where there is none (any more).
  public func topicID(_ uuid: TopicUUID) -> TopicID? {
    guard let identity, uuid.high == identity.topics, let number = UInt32(exactly: uuid.low) else { return nil }
    return topic(TopicID(number))?.id
  }
}

/// 16 bytes as 22 characters (RFC 4648 section 5, without padding).
private func base64url(_ high: UInt64, _ low: UInt64) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  let bits = UInt128(high) << 64 | UInt128(low)
  let text = (0..<22).map { place in
    let shift = 122 - 6 * place
    return letters[Int((shift >= 0 ? bits >> UInt128(shift) : bits << UInt128(-shift)) & 63)]
  }
  return String(decoding: text, as: UTF8.self)
}
