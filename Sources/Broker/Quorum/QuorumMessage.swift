public import Clockwork

/// The controller quorum's messages (KIP-595: Raft in which followers pull).
public enum QuorumMessage: Hashable, Sendable {
  /// A candidate asks for a vote. `lastEpoch`/`lastOffset` describe the end of its log.
  case vote(QuorumEpoch, lastEpoch: QuorumEpoch, lastOffset: Int64)
  case voteAnswer(QuorumEpoch, granted: Bool, leader: NodeID?)
  /// The winner announces itself; repeated until every voter fetches.
  case beginEpoch(QuorumEpoch)
  /// A leader that stops on purpose asks the others to elect at once.
  case endEpoch(QuorumEpoch)
  /// `from` is the follower's log end: it acknowledges everything before. `lastEpoch` is the epoch of its last entry.
  case fetch(QuorumEpoch, from: Int64, lastEpoch: QuorumEpoch)
  /// Either entries from the asked offset on, or `diverging`: the end of the largest common epoch to truncate to.
  case fetched(
    QuorumEpoch, leader: NodeID?, entries: [QuorumEntry], from: Int64, highWatermark: Int64, diverging: QuorumEpochEnd?)
}

/// One entry of the metadata log.
public struct QuorumEntry: Hashable, Sendable {
  public var epoch: QuorumEpoch
  public var record: MetadataRecord

  public init(_ epoch: QuorumEpoch, _ record: MetadataRecord) {
    self.epoch = epoch
    self.record = record
  }
}

/// Where an epoch ended in the leader's log.
public struct QuorumEpochEnd: Hashable, Sendable {
  public var epoch: QuorumEpoch
  public var endOffset: Int64

  public init(_ epoch: QuorumEpoch, _ endOffset: Int64) {
    self.epoch = epoch
    self.endOffset = endOffset
  }
}
