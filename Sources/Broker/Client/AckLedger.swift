/// Everything that brokers have acknowledged to one client, in the order in which it heard so.
///
/// In chunks that never change once full, so that a snapshot of a long run shares them instead of copying them.
public struct AckLedger: Sendable {
  private static let chunkSize = 256

  private var full: [[Acknowledgement]] = []
  private var open: [Acknowledgement] = []

  public var count: Int { full.count * Self.chunkSize + open.count }

  mutating func append(_ ack: Acknowledgement) {
    if open.count == Self.chunkSize {
      full.append(open)
      open = []
    }
    open.append(ack)
  }

  /// The `n`th acknowledgement, counted from 0.
  public subscript(n: Int) -> Acknowledgement {
    let chunk = n / Self.chunkSize
    return chunk < full.count ? full[chunk][n % Self.chunkSize] : open[n % Self.chunkSize]
  }
}
