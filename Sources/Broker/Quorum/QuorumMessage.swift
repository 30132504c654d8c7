public import Clockwork

/// The controller quorum's messages (KIP-595: Raft in which followers pull).
public enum QuorumMessage: Hashable, Sendable {
  /// A candidate asks for a vote. `lastEpoch`/`lastOffset` describe the end of its log. With `pre` it only asks whether
  /// it would get one: nothing is promised and no epoch is used up (KIP-996).
  case vote(QuorumEpoch, lastEpoch: QuorumEpoch, lastOffset: Int64, pre: Bool)
  case voteAnswer(QuorumEpoch, granted: Bool, leader: NodeID?, pre: Bool)
  /// The winner announces itself; repeated until every voter fetches.
  case beginEpoch(QuorumEpoch)
  /// A leader that stops on purpose asks the others to elect at once.
  case endEpoch(QuorumEpoch)
  /// `from` is the follower's log end, all of it durable: it acknowledges everything before. `lastEpoch` is the epoch of
  /// its last entry. The leader answers at once when it has more than the follower knows: entries, or a higher high
  /// watermark (KIP-1166).
  case fetch(QuorumEpoch, from: Int64, lastEpoch: QuorumEpoch, highWatermark: Int64)
  /// Either entries from the asked offset on, or `diverging`: the end of the largest common epoch to truncate to.
  /// `from` and `lastEpoch` echo the question, so that an answer that was overtaken is recognised.
  /// Only the leader of the epoch that was asked for sends this.
  case fetched(
    QuorumEpoch, entries: [QuorumEntry], from: Int64, lastEpoch: QuorumEpoch, highWatermark: Int64,
    diverging: QuorumEpochEnd?)
  /// Instead of entries, to who asks for what is put away: everything committed before the first entry that the leader
  /// still has (KIP-630). In one message: an image takes some tens of bytes for each partition there is.
  case snapshot(QuorumEpoch, QuorumSnapshot, from: Int64, lastEpoch: QuorumEpoch)
  /// Instead of an answer: the sender is in this epoch, in which as far as it knows `leader` leads.
  case epochIs(QuorumEpoch, leader: NodeID?)

  public var summary: String {
    switch self {
    case .vote(let epoch, let lastEpoch, let lastOffset, let pre):
      "\(pre ? "PreVote" : "Vote") e\(epoch)? my log ends at \(lastOffset) in e\(lastEpoch)"
    case .voteAnswer(let epoch, let granted, let leader, let pre):
      "\(pre ? "PreVote" : "Vote") e\(epoch): \(granted ? "yes" : "no")\(leader.map { ", \($0) leads" } ?? "")"
    case .beginEpoch(let epoch): "BeginQuorumEpoch e\(epoch)"
    case .endEpoch(let epoch): "EndQuorumEpoch e\(epoch)"
    case .fetch(let epoch, let from, _, _): "Fetch metadata from \(from) e\(epoch)"
    case .fetched(let epoch, _, _, _, _, let diverging?):
      "Metadata diverges: cut to e\(diverging.epoch) end \(diverging.endOffset) (e\(epoch))"
    case .fetched(let epoch, let entries, let from, _, let highWatermark, nil):
      entries.isEmpty
        ? "Metadata: nothing from \(from), hw \(highWatermark) e\(epoch)"
        : "Metadata \(from)..\(from + Int64(entries.count) - 1), hw \(highWatermark) e\(epoch)"
    case .snapshot(let epoch, let snapshot, _, _): "Metadata snapshot of 0..\(snapshot.offset - 1) e\(epoch)"
    case .epochIs(let epoch, let leader): "Epoch is e\(epoch), \(leader?.description ?? "nobody") leads"
    }
  }

  /// The pull loop runs all the time; only answers that carry something tell a story.
  public var isRoutine: Bool {
    switch self {
    case .fetch: true
    case .fetched(_, let entries, _, _, _, let diverging): entries.isEmpty && diverging == nil
    case .vote, .voteAnswer, .beginEpoch, .endEpoch, .snapshot, .epochIs: false
    }
  }
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
