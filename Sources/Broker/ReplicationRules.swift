/// The rules that keep replicas consistent, each of which can be switched off to see what it guards against.
///
/// The defaults are what Kafka does today. A lesson switches one to re-enact the bug it mended; the seeded sweep
/// switches each in turn and must catch it.
public struct ReplicationRules: Hashable, Sendable {
  /// How a new follower brings its log in line with its leader's.
  public enum Truncation: String, Hashable, Sendable, CaseIterable {
    /// Cut to the follower's own high watermark, as before KIP-101 (bugs K1, K2).
    case highWatermark = "hw"
    /// Ask the leader where the follower's latest epoch ended; an epoch it does not know falls back to the high
    /// watermark (KIP-101; bug K3).
    case leaderEpoch = "kip101"
    /// The leader answers with the largest epoch it knows up to the asked one, unfenced (KIP-279; bug K4).
    case closestEpoch = "kip279"
    /// As `closestEpoch`, fenced by the leader epoch in every request (KIP-320): safe.
    case fenced = "kip320"
  }

  public var truncation = Truncation.fenced
  /// The high watermark waits for every replica that is, or is proposed to be, in sync (bug K6 when off).
  public var maximalInSyncSet = true
  /// A replica joins the in-sync set only from the leader's epoch start on (bug K7 when off).
  public var joinFromEpochStart = true
  /// AlterPartition is refused when a broker in the proposed set has since re-registered (KIP-903; bug K8 when off).
  public var brokerEpochFencing = true
  /// AlterPartition is compare-and-set on the partition epoch.
  public var partitionEpochFencing = true
  /// Replicas that leave an in-sync set already at its minimum stay electable, and a replica that may have lost its tail
  /// in an unclean stop does not (KIP-966; bug K9 when off).
  public var eligibleLeaderReplicas = true
  /// acks=all is refused, and the high watermark stands, below min.insync.replicas.
  public var minInSyncGate = true
  /// A leader takes each batch of an idempotent producer once, and in order (KIP-98).
  public var producerDeduplication = true
  /// A voter makes its vote durable before it answers (Raft).
  public var durableVotes = true
  /// A voter refuses a candidate whose log is behind its own (Raft section 5.4.1).
  public var upToDateCandidates = true
  /// A controller counts only entries of its own epoch toward a majority (Raft section 5.4.2).
  public var commitOwnEpochOnly = true

  public init() {}

  public static let kafka = ReplicationRules()
}
