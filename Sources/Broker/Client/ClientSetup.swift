public import Clockwork

/// What an operator configures on a client. Names in the comments are Kafka's.
public struct ClientSetup: Hashable, Sendable {
  /// bootstrap.servers
  public var bootstrap: [NodeID]
  /// request.timeout.ms: then the request is given up and perhaps sent again.
  public var requestTimeout = Interval.seconds(2)
  /// delivery.timeout.ms: then the command is.
  public var deliveryTimeout = Interval.seconds(10)
  /// retry.backoff.ms
  public var retryBackoff = Interval.milliseconds(100)
  /// heartbeat.interval.ms
  public var groupHeartbeat = Interval.seconds(3)
  /// session.timeout.ms
  public var sessionTimeout = Interval.seconds(10)

  /// max.poll.interval.ms: how long a rebalance waits for this client.
  public var rebalanceTimeout = Interval.seconds(30)
  /// auto.commit.interval.ms
  public var autoCommit = Interval.seconds(5)
  /// isolation.level, of reading as a member of a group
  public var isolation = Isolation.readUncommitted
  /// Whether a member reads its share by itself and commits where it is; otherwise whoever owns the client does.
  public var readsAsMember = true
  /// fetch.max.wait.ms
  public var fetchWait = Interval.milliseconds(500)

  public init(bootstrap: [NodeID]) { self.bootstrap = bootstrap }
}
