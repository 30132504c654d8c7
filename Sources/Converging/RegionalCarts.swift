/// One guest's cart in several regions, kept side by side in every way: what is done in a region is seen there at once,
/// and elsewhere when the regions exchange what they know.
public struct RegionalCarts: Sendable {
  /// One region's copies.
  public struct Copies: Sendable {
    public fileprivate(set) var lastWriter: LastWriterCart
    public fileprivate(set) var observedRemove: ObservedRemoveCart
    public fileprivate(set) var naiveCount: NaiveCounter
    public fileprivate(set) var regionCount: RegionCounter
    /// What its clock shows more than the true one.
    public fileprivate(set) var skew = 0
  }

  private struct Parcel: Sendable {
    var from: Int
    var lastWriter: LastWriterCart.Message
    var observedRemove: ObservedRemoveCart.Message
    var naiveCount: Int
    var regionCount: RegionCounter.Message
  }

  public let regions: [String]
  public private(set) var copies: [Copies]
  /// What each region has yet to hear.
  private var waiting: [[Parcel]]
  /// What was delivered last, to be delivered again.
  private var delivered: [[Parcel]]
  private var clock = 100

  public init(_ regions: [String]) {
    self.regions = regions
    copies = regions.indices.map {
      Copies(
        lastWriter: LastWriterCart(region: $0), observedRemove: ObservedRemoveCart(region: $0),
        naiveCount: NaiveCounter(region: $0), regionCount: RegionCounter(region: $0))
    }
    waiting = regions.map { _ in [] }
    delivered = waiting
  }

  /// How many messages are under way.
  public var underWay: Int { waiting.reduce(0) { $0 + $1.count } }

  /// Changes the cart in a region. What the region's clock showed.
  @discardableResult
  public mutating func change(_ change: CartChange, in region: Int) -> Int {
    clock += 10
    let shown = clock + copies[region].skew
    let count = if case .add = change { 1 } else { -1 }
    let parcel = Parcel(
      from: region, lastWriter: copies[region].lastWriter.change(change, clock: shown),
      observedRemove: copies[region].observedRemove.change(change, clock: shown),
      naiveCount: copies[region].naiveCount.change(count, clock: shown),
      regionCount: copies[region].regionCount.change(count, clock: shown))
    for other in regions.indices where other != region { waiting[other].append(parcel) }
    return shown
  }

  public mutating func setClock(of region: Int, ahead ticks: Int) { copies[region].skew = ticks }

  /// Every region hears all that is under way. How many messages that were.
  @discardableResult
  public mutating func exchange() -> Int {
    let count = underWay
    for region in regions.indices {
      for parcel in waiting[region] { hear(parcel, region) }
      delivered[region] = waiting[region]
      waiting[region] = []
    }
    return count
  }

  /// The network delivers the messages of the last exchange once more.
  @discardableResult
  public mutating func repeatExchange() -> Int {
    for region in regions.indices { for parcel in delivered[region] { hear(parcel, region) } }
    return delivered.reduce(0) { $0 + $1.count }
  }

  private mutating func hear(_ parcel: Parcel, _ region: Int) {
    copies[region].lastWriter.hear(parcel.lastWriter)
    copies[region].observedRemove.hear(parcel.observedRemove)
    copies[region].naiveCount.hear(parcel.naiveCount)
    copies[region].regionCount.hear(parcel.regionCount)
  }
}
