/// Where a leader epoch ended in somebody's log: the offset after its last record.
public struct EpochEnd: Hashable, Sendable {
  public var epoch: LeaderEpoch
  public var endOffset: Offset

  public init(_ epoch: LeaderEpoch, _ endOffset: Offset) {
    self.epoch = epoch
    self.endOffset = endOffset
  }
}
