public import EventSourcing

/// The topics of the engine. The numbers stand in positions.
public enum Topic: UInt8, CaseIterable, Sendable, Comparable {
  case orderCommands = 1
  case ticketCommands
  case paymentCommands
  case riderCommands
  case dispatchJobs
  case partyCommands
  case orderEvents = 11
  case ticketEvents
  case paymentEvents
  case riderEvents
  case dispatchEvents
  case partyEvents
  case riderLocation = 21
  case push

  public var name: String {
    switch self {
    case .orderCommands: "order.commands"
    case .ticketCommands: "ticket.commands"
    case .paymentCommands: "payment.commands"
    case .riderCommands: "rider.commands"
    case .dispatchJobs: "dispatch.jobs"
    case .partyCommands: "party.commands"
    case .orderEvents: "order.events"
    case .ticketEvents: "ticket.events"
    case .paymentEvents: "payment.events"
    case .riderEvents: "rider.events"
    case .dispatchEvents: "dispatch.events"
    case .partyEvents: "party.events"
    case .riderLocation: "rider.location"
    case .push: "push"
    }
  }

  public init?(named name: String) {
    guard let topic = Topic.allCases.first(where: { $0.name == name }) else { return nil }
    self = topic
  }

  public static func < (a: Topic, b: Topic) -> Bool { a.rawValue < b.rawValue }

  /// What the engine reads, each partition with a task of its own.
  public static let inputs: [Topic] = allCases.filter { $0.rawValue < 10 }
  /// What it keeps: the truth.
  public static let logs: [Topic] = allCases.filter { (11..<20).contains($0.rawValue) }

  /// Where commands for this kind of entity go.
  public static func input(for kind: Kind) -> Topic {
    switch kind {
    case .order, .customer: .orderCommands
    case .ticket, .restaurant: .ticketCommands
    case .payment: .paymentCommands
    case .rider: .riderCommands
    case .delivery, .zone: .dispatchJobs
    case .party: .partyCommands
    }
  }

  /// The log of what a task that reads this topic decides: the same partition of it.
  public var log: Topic { Topic(rawValue: rawValue + 10) ?? self }

  /// cleanup.policy
  public var cleanup: String {
    switch self {
    case .orderEvents, .ticketEvents, .paymentEvents, .riderEvents, .dispatchEvents, .partyEvents: "delete"
    case .riderLocation, .push: "compact,delete"
    default: "delete"
    }
  }

  /// retention.ms; -1 keeps everything.
  public var retention: Int64 {
    switch self {
    case .riderLocation: 3_600_000
    case .push, .orderCommands, .ticketCommands, .paymentCommands, .riderCommands, .dispatchJobs, .partyCommands:
      7 * 24 * 3_600_000
    default: -1
    }
  }

  /// Which partition a key goes to: murmur2 as Kafka's own clients, so that it is the same from any of them.
  public static func partition(of key: [UInt8], count: Int32) -> Int32 {
    count < 2 ? 0 : Int32(bitPattern: Murmur2.hash(key) & 0x7fff_ffff) % count
  }
}

extension Position {
  public init(_ topic: Topic, _ partition: Int32, _ offset: Int64) {
    self.init(log: topic.rawValue, partition: partition, offset: offset)
  }

  /// `order.events/0@17`
  public var text: String { "\(Topic(rawValue: log)?.name ?? String(log))/\(partition)@\(offset)" }

  /// Reads what `text` writes.
  public init?(parsing text: String) {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, let offset = Int64(halves[1]), offset >= 0, let slash = halves[0].lastIndex(of: "/"),
      let topic = Topic(named: String(halves[0][..<slash])),
      let partition = Int32(halves[0][halves[0].index(after: slash)...]), partition >= 0
    else { return nil }
    self.init(topic, partition, offset)
  }
}

/// MurmurHash2 as Kafka's Java producer computes it. Source: org.apache.kafka.common.utils.Utils.murmur2.
enum Murmur2 {
  static func hash(_ data: [UInt8]) -> UInt32 {
    let m: UInt32 = 0x5bd1_e995
    var h: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: data.count)
    var at = 0
    while at + 4 <= data.count {
      var k =
        UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16 | UInt32(data[at + 3]) << 24
      k = k &* m
      k ^= k >> 24
      k = k &* m
      h = h &* m ^ k
      at += 4
    }
    let left = data.count - at
    if left >= 3 { h ^= UInt32(data[at + 2]) << 16 }
    if left >= 2 { h ^= UInt32(data[at + 1]) << 8 }
    if left >= 1 { h = (h ^ UInt32(data[at])) &* m }
    h ^= h >> 13
    h = h &* m
    h ^= h >> 15
    return h
  }
}
