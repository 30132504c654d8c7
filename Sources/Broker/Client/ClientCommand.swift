public import Clockwork
public import RecordLog

/// What a person at the console tells a client to do. Each carries a ticket, under which its `Outcome` is found.
public enum ClientCommand: Hashable, Sendable {
  case produce(Ticket, ProduceOrder)
  case consume(Ticket, ConsumeOrder)
  /// A request to the active controller, wherever that is.
  case administer(Ticket, ControllerRequest)
  /// A question to a group's coordinator.
  case askGroup(Ticket, GroupRequest)
  /// One whole transaction, committed or aborted at its end.
  case transact(Ticket, TransactionOrder)
  /// Joins the group and takes part in it until told to leave.
  case subscribe(Ticket, group: String, topics: [String])
  case unsubscribe(Ticket, group: String)

  public var summary: String {
    switch self {
    case .produce(_, let order): "produce \(order.topic)"
    case .consume(_, let order): "consume \(order.topic)/\(order.partition)"
    case .administer(_, let request): request.summary
    case .askGroup(_, let request): request.summary
    case .transact(_, let order): "transaction of \(order.transactionalID)"
    case .subscribe(_, let group, let topics): "join group \(group) for \(topics.joined(separator: ","))"
    case .unsubscribe(_, let group): "leave group \(group)"
    }
  }
}

/// Names one command to one client.
public struct Ticket: Hashable, Comparable, Sendable {
  public var rawValue: UInt32

  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  public static func < (a: Ticket, b: Ticket) -> Bool { a.rawValue < b.rawValue }
}

/// Records to send.
public struct ProduceOrder: Hashable, Sendable {
  public enum Source: Hashable, Sendable {
    /// These, in this order, one batch each.
    case records([Record])
    /// `batches` batches of `recordsPerBatch` records of `bytes` bytes: a load, not a message.
    case load(batches: Int, recordsPerBatch: Int, bytes: Int)
  }

  public var topic: String
  /// Nil: by the key's hash, or in turn where there is no key.
  public var partition: Int32?
  public var source: Source
  public var acks: Acks
  /// max.in.flight.requests.per.connection: above 1 a retry may overtake.
  public var inFlight: Int
  /// Nil sends each batch once; otherwise it is sent again until delivery.timeout.ms has passed.
  public var retries: Bool
  /// enable.idempotence: the leader takes each batch once and in order, however often it is sent. Needs acks=all; at most
  /// five batches are in flight.
  public var idempotent: Bool

  public init(
    topic: String, partition: Int32? = nil, source: Source, acks: Acks = .all, inFlight: Int = 1, retries: Bool = true,
    idempotent: Bool = false
  ) {
    self.topic = topic
    self.partition = partition
    self.source = source
    self.acks = acks
    self.inFlight = inFlight
    self.retries = retries
    self.idempotent = idempotent
  }
}

/// What to read.
public struct ConsumeOrder: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    case beginning
    case offset(Offset)
    /// This many records before the high watermark.
    case end(back: Int64)
  }

  public var topic: String
  public var partition: Int32
  public var start: Start
  /// Read from this replica instead of the leader (KIP-392).
  public var at: NodeID?
  public var max: Int
  /// How long to wait for more once everything there has been read.
  public var wait: Interval
  public var isolation: Isolation
  /// What there is at first is enough: `wait` is only for the case that there is nothing.
  public var returnsEarly: Bool

  public init(
    topic: String, partition: Int32, start: Start = .beginning, at: NodeID? = nil, max: Int = 100,
    wait: Interval = .zero, isolation: Isolation = .readUncommitted, returnsEarly: Bool = false
  ) {
    self.topic = topic
    self.partition = partition
    self.start = start
    self.at = at
    self.max = max
    self.wait = wait
    self.isolation = isolation
    self.returnsEarly = returnsEarly
  }
}
