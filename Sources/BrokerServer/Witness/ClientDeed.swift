public import Broker
public import Clockwork

/// What one client asked of one partition, and what it was told.
public struct ClientDeed: Hashable, Sendable {
  /// A place in the order of everything that was noted, and when by the brokers' clock.
  public struct Stamp: Hashable, Sendable {
    public var sequence: Int
    public var time: Instant
  }

  public struct Text: Hashable, Sendable {
    public var key: String?
    public var value: String
  }

  public enum Call: Hashable, Sendable {
    /// One batch.
    case append([Text])
    case read(from: Int64)
  }

  public enum Answer: Hashable, Sendable {
    /// Not told yet, or never: the connection or the broker was gone, or the broker did not know itself.
    case none
    /// The first record's offset.
    case appended(at: Int64)
    case records([Text], from: Int64, next: Int64, highWatermark: Int64)
  }

  /// One connection, or one client of the console: what it did, it did in order.
  public var session: String
  public var topic: String
  public var partition: PartitionID
  public var call: Call
  /// When the broker had read the request.
  public var asked: Stamp
  /// When it wrote the response.
  public var told: Stamp?
  public var answer: Answer
}
