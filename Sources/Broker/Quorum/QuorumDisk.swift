public import Clockwork

/// Whom a voter voted for in the latest epoch it knows (Kafka's quorum-state file).
public struct QuorumVote: Hashable, Sendable {
  public var epoch = QuorumEpoch(0)
  /// Nil: no vote given in this epoch yet.
  public var votedFor: NodeID?

  public init() {}

  public init(_ epoch: QuorumEpoch, _ votedFor: NodeID?) {
    self.epoch = epoch
    self.votedFor = votedFor
  }
}

/// What of the controller quorum survives a crash: the vote and the metadata log.
///
/// Both share one sequence of writes, so that a sync covers whatever came before it. Writes that are not synced remember
/// how to be undone; losing power undoes a suffix of them.
public struct QuorumDisk: Durable, Hashable {
  private enum Undo: Hashable {
    case vote(QuorumVote)
    case append(from: Int64)
    case truncate(to: Int64, [QuorumEntry])
  }

  private struct Write: Hashable {
    var position: UInt64
    var undo: Undo
  }

  public private(set) var vote = QuorumVote()
  public private(set) var log = QuorumLog()
  /// Counts writes.
  public private(set) var position: UInt64 = 0
  /// Oldest first.
  private var unsynced: [Write] = []

  public init() {}

  /// True when nothing written can be lost any more.
  public var isDurable: Bool { unsynced.isEmpty }

  /// True when the latest vote can no longer be forgotten.
  public var voteIsDurable: Bool {
    !unsynced.contains { if case .vote = $0.undo { true } else { false } }
  }

  /// Everything before this offset can no longer be lost.
  public var durableEnd: Int64 {
    unsynced.reduce(log.endOffset) { end, write in
      if case .append(let start) = write.undo { min(end, start) } else { end }
    }
  }

  mutating func write(_ new: QuorumVote) {
    guard new != vote else { return }
    wrote(.vote(vote))
    vote = new
  }

  mutating func append(_ entries: [QuorumEntry]) {
    guard !entries.isEmpty else { return }
    wrote(.append(from: log.endOffset))
    for entry in entries { log.append(entry) }
  }

  mutating func truncate(to offset: Int64) {
    guard offset >= 0, offset < log.endOffset else { return }
    wrote(.truncate(to: offset, log.truncate(to: offset)))
  }

  private mutating func wrote(_ undo: Undo) {
    position += 1
    unsynced.append(Write(position: position, undo: undo))
  }

  // MARK: In files

  /// What is new since `position`, where everything was written down last. All of it may be lost still.
  public func change(since position: UInt64) -> QuorumChange {
    var start = log.endOffset
    for write in unsynced where write.position > position {
      switch write.undo {
      case .vote: break
      case .append(let offset), .truncate(let offset, _): start = min(start, offset)
      }
    }
    return QuorumChange(
      vote: vote, from: start, entries: log.entries(from: start, limit: Int(log.endOffset - start)))
  }

  /// Does again what was written down, on the way up: nothing of it can be lost any more. False, with nothing done, when
  /// it does not follow on from what was done before.
  public mutating func replay(_ change: QuorumChange) -> Bool {
    guard change.from >= 0, change.from <= log.endOffset, change.vote.epoch >= vote.epoch else { return false }
    vote = change.vote
    _ = log.truncate(to: change.from)
    for entry in change.entries { log.append(entry) }
    return true
  }

  public mutating func synced(through position: UInt64) {
    unsynced.removeAll { $0.position <= position }
  }

  /// A torn write counts as gone: an entry fails its checksum, the vote is replaced as a whole or not at all.
  public mutating func losePower(_ choices: inout Choices) {
    let survivors = choices.choose(unsynced.count + 1)
    for write in unsynced[survivors...].reversed() {
      switch write.undo {
      case .vote(let old): vote = old
      case .append(let start): _ = log.truncate(to: start)
      case .truncate(_, let removed): for entry in removed { log.append(entry) }
      }
    }
    unsynced = []
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(vote.epoch.rawValue)
    hasher.combine(vote.votedFor?.rawValue ?? -1)
    hasher.combine(durableEnd)
    hasher.combine(voteIsDurable)
    log.fingerprint(into: &hasher)
  }
}

/// Some writes of a voter taken together: the vote as it is now, and the log's end from the lowest offset touched.
public struct QuorumChange: Hashable, Sendable {
  public var vote: QuorumVote
  /// What was in the log at this offset and beyond is gone.
  public var from: Int64
  /// What is there instead.
  public var entries: [QuorumEntry]

  public init(vote: QuorumVote, from: Int64, entries: [QuorumEntry]) {
    self.vote = vote
    self.from = from
    self.entries = entries
  }
}
