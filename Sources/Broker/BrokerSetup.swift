public import Clockwork

/// What an operator configures on a broker. Names in the comments are Kafka's.
public struct BrokerSetup: Hashable, Sendable {
  /// Every broker is also a voter of the controller quorum, so no node is special.
  public var voters: [NodeID]
  public var rules = ReplicationRules.kafka
  /// advertised.listeners and broker.rack; nil where messages travel by broker id, as in the simulated world.
  public var endpoint: BrokerEndpoint?

  /// replica.lag.time.max.ms: a follower that has not caught up for this long leaves the in-sync set.
  public var replicaLagMax = Interval.seconds(10)
  /// replica.fetch.wait.max.ms
  public var replicaFetchWait = Interval.milliseconds(500)
  /// How long past `replicaFetchWait` a fetch may go unanswered before it is asked again.
  public var replicaRequestTimeout = Interval.seconds(1)
  /// replica.fetch.backoff.ms
  public var replicaFetchBackoff = Interval.milliseconds(200)
  /// How long an AlterPartition may go unanswered before it is proposed again.
  public var alterPartitionTimeout = Interval.seconds(2)
  /// How soon a broker that is not yet registered or is fenced speaks to the controller again.
  public var registrationRetry = Interval.milliseconds(300)
  /// replica.fetch.max.bytes
  public var replicaFetchBytes = 1 << 20
  /// broker.heartbeat.interval.ms
  public var heartbeatInterval = Interval.seconds(2)
  /// broker.session.timeout.ms: the controller fences a broker it has not heard from for this long.
  public var sessionTimeout = Interval.seconds(9)
  /// controller.quorum.election.timeout.ms
  public var electionTimeout = Interval.seconds(1)
  /// How long a voter that boots waits to hear of a leader before it stands for election; nil is the election time-out, as
  /// in Kafka. Where there is a leader a pre-vote is refused and tells of it (KIP-996), so that nothing is disturbed by
  /// who asks at once.
  public var firstElection: Interval?
  /// controller.quorum.fetch.timeout.ms
  public var quorumFetchTimeout = Interval.seconds(2)
  /// How many records of the metadata log a snapshot of what they amount to takes the place of (KIP-630). Kafka counts
  /// bytes: metadata.log.max.record.bytes.between.snapshots.
  public var snapshotRecords: Int64 = 10_000
  /// leader.imbalance.check.interval.seconds: how often leadership goes back to preferred replicas that are in sync. Nil
  /// leaves it where it is, until somebody asks: auto.leader.rebalance.enable=false.
  public var leaderRebalance: Interval?
  /// replica.high.watermark.checkpoint.interval.ms
  public var checkpointInterval = Interval.seconds(5)

  /// num.partitions
  public var defaultPartitions: Int32 = 1
  /// default.replication.factor; nil is as many as there are brokers, three at most.
  public var defaultReplication: Int16?

  public var groups = GroupSetup()
  public var transactions = TransactionSetup()

  public init(voters: [NodeID]) { self.voters = voters }

  /// How many replicas a topic has for which no number is given.
  public var usualReplication: Int16 { defaultReplication ?? Int16(min(3, voters.count)) }
}
