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
    case install(over: QuorumLog)
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
      switch write.undo {
      case .append(let start): min(end, start)
      case .install: 0
      case .vote, .truncate: end
      }
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

  /// Takes a snapshot in the place of the whole log, which it is ahead of.
  mutating func install(_ snapshot: QuorumSnapshot) {
    guard snapshot.offset > log.startOffset else { return }
    wrote(.install(over: log))
    log = QuorumLog(after: snapshot)
  }

  /// Puts an image in the place of what it was folded from, all of which must be committed, when that has become `records`
  /// entries and none of them can be lost any more. Nothing waits for it, and losing power takes nothing back: the same is
  /// known before and after.
  mutating func compact(to image: MetadataImage, every records: Int64) {
    guard image.appliedThrough - log.startOffset >= records, image.appliedThrough <= durableEnd else { return }
    log.compact(to: image)
  }

  private mutating func wrote(_ undo: Undo) {
    position += 1
    unsynced.append(Write(position: position, undo: undo))
  }

  // MARK: In files

  /// What is new since `position`, where everything was written down last, with a log that began at `start`. All of it
  /// may be lost still. A log that begins elsewhere now is written down as a whole.
  public func change(since position: UInt64, from start: Int64) -> QuorumChange {
    guard log.startOffset == start else { return whole }
    var start = log.endOffset
    for write in unsynced where write.position > position {
      switch write.undo {
      case .vote, .install: break
      case .append(let offset), .truncate(let offset, _): start = min(start, offset)
      }
    }
    return change(from: start)
  }

  /// Everything there is, as one change.
  public var whole: QuorumChange { change(from: log.startOffset, log.snapshot) }

  private func change(from start: Int64, _ snapshot: QuorumSnapshot? = nil) -> QuorumChange {
    QuorumChange(
      vote: vote, from: start, entries: log.entries(from: start, limit: Int(log.endOffset - start)), snapshot: snapshot)
  }

  /// Does again what was written down, on the way up: nothing of it can be lost any more. False, with nothing done, when
  /// it does not follow on from what was done before.
  public mutating func replay(_ change: QuorumChange) -> Bool {
    guard change.vote.epoch >= vote.epoch else { return false }
    if let snapshot = change.snapshot {
      guard change.from == snapshot.offset, change.from >= log.startOffset else { return false }
      log = QuorumLog(after: snapshot)
    } else {
      guard change.from >= log.startOffset, change.from <= log.endOffset else { return false }
      _ = log.truncate(to: change.from)
    }
    vote = change.vote
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
      case .install(let old): log = old
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

/// Some writes of a voter taken together: the vote as it is now, and the log's end from the lowest offset touched, or the
/// log as a whole.
public struct QuorumChange: Hashable, Sendable {
  public var vote: QuorumVote
  /// What was in the log at this offset and beyond is gone.
  public var from: Int64
  /// What is there instead.
  public var entries: [QuorumEntry]
  /// What everything before `from` amounts to, when that is put away here; nil, and it stays as it was.
  public var snapshot: QuorumSnapshot?

  public init(vote: QuorumVote, from: Int64, entries: [QuorumEntry], snapshot: QuorumSnapshot? = nil) {
    self.vote = vote
    self.from = from
    self.entries = entries
    self.snapshot = snapshot
  }
}
