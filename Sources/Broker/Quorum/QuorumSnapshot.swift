import Clockwork

/// What the committed beginning of a metadata log amounts to, in its place (KIP-630; Raft section 7).
public struct QuorumSnapshot: Hashable, Sendable {
  /// Everything before `offset`, folded.
  public var image: MetadataImage
  /// The epoch of the last entry that is folded in.
  public var epoch: QuorumEpoch

  /// The offset of the first entry that is not in it.
  public var offset: Int64 { image.appliedThrough }

  public init(image: MetadataImage, epoch: QuorumEpoch) {
    self.image = image
    self.epoch = epoch
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(epoch.rawValue)
    image.fingerprint(into: &hasher)
  }
}
