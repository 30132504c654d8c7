/// Where each leader epoch began in one log: what a follower needs to find out where it and its leader part ways.
///
/// Both epochs and start offsets strictly rise. Source: KIP-101, KIP-279; Kafka's `LeaderEpochFileCache`.
public struct LeaderEpochHistory: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var epoch: LeaderEpoch
    public var startOffset: Offset

    public init(_ epoch: LeaderEpoch, startingAt startOffset: Offset) {
      self.epoch = epoch
      self.startOffset = startOffset
    }
  }

  /// Oldest first.
  public private(set) var entries: [Entry] = []

  public init() {}

  public var latest: LeaderEpoch? { entries.last?.epoch }

  /// Whether `epoch` is above every known one.
  func isNews(_ epoch: LeaderEpoch) -> Bool { epoch.rawValue >= 0 && (latest.map { epoch > $0 } ?? true) }

  /// Notes that `epoch` began at `offset`. An epoch already known to have begun no later changes nothing; entries that
  /// the news contradicts (as high an epoch, or as late a start) are dropped. Negative epochs mean "none": ignored.
  public mutating func assign(_ epoch: LeaderEpoch, at offset: Offset) {
    guard epoch.rawValue >= 0 else { return }
    if let last = entries.last, last.epoch == epoch, last.startOffset <= offset { return }
    while let last = entries.last, last.epoch >= epoch || last.startOffset >= offset { entries.removeLast() }
    entries.append(Entry(epoch, startingAt: offset))
  }

  /// The largest known epoch that is not above `epoch`, and where it ended: at the start of the next one, or at the log
  /// end. Where every known epoch is above it, it ended for this log before the first of them began: nothing here is of
  /// it, and whoever has records of it beyond that has others than these. Nil when none is known.
  public func end(for epoch: LeaderEpoch, logEnd: Offset) -> EpochEnd? {
    guard let first = entries.first else { return nil }
    let next = index { $0.epoch > epoch }
    guard next > 0 else { return EpochEnd(epoch, first.startOffset) }
    return EpochEnd(entries[next - 1].epoch, next < entries.count ? entries[next].startOffset : logEnd)
  }

  /// Whether records of exactly this epoch are (or began) here.
  public func knows(_ epoch: LeaderEpoch) -> Bool { start(of: epoch) != nil }

  /// Where exactly this epoch began, if it is known.
  public func start(of epoch: LeaderEpoch) -> Offset? {
    let next = index { $0.epoch > epoch }
    return next > 0 && entries[next - 1].epoch == epoch ? entries[next - 1].startOffset : nil
  }

  /// The epoch whose leader appended at `offset`; nil before the first one known.
  public func epoch(at offset: Offset) -> LeaderEpoch? {
    let next = index { $0.startOffset > offset }
    return next > 0 ? entries[next - 1].epoch : nil
  }

  /// Forgets epochs that begin at or beyond `offset`, because the log now ends there.
  public mutating func truncateFromEnd(_ offset: Offset) {
    while let last = entries.last, last.startOffset >= offset { entries.removeLast() }
  }

  /// Forgets epochs that ended before `offset`, because the log now starts there; the one that was under way then
  /// begins at `offset`.
  public mutating func truncateFromStart(_ offset: Offset) {
    let next = index { $0.startOffset > offset }
    guard next > 0 else { return }
    let underWay = entries[next - 1].epoch
    entries.replaceSubrange(0..<next, with: CollectionOfOne(Entry(underWay, startingAt: offset)))
  }

  /// The index of the first entry that `isBeyond`, by bisection; the count if there is none.
  private func index(where isBeyond: (Entry) -> Bool) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(entries[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
