import Clockwork

/// How fast and how faithful a link is.
public struct LinkQuality: Hashable, Sendable {
  public var latency: LatencyDistribution
  /// Of a thousand messages, how many are lost, and how many arrive twice.
  public var lossPerMille: Int
  public var duplicationPerMille: Int
  public var reorders: Bool

  public init(
    latency: LatencyDistribution, lossPerMille: Int = 0, duplicationPerMille: Int = 0, reorders: Bool = false
  ) {
    self.latency = latency
    self.lossPerMille = lossPerMille
    self.duplicationPerMille = duplicationPerMille
    self.reorders = reorders
  }

  /// One data centre: half a millisecond, give or take a fifth; nothing lost, doubled or overtaken.
  public static let dataCentre = LinkQuality(latency: .uniform(.microseconds(400), .microseconds(600)))
}

/// The links between a world's nodes, by slot.
struct Network: Sendable {
  /// A node talks to itself in this time: never none, so that a node cannot stop time by talking to itself.
  static let loopback = Interval.microseconds(1)

  private struct State: Sendable {
    var quality: LinkQuality
    var isCut = false
    /// When the last message that was sent over this link will arrive: the next one may not come before.
    var lastArrival = Instant.start
  }

  private let initial: LinkQuality
  /// What links of nodes that are still to come will be.
  private var standard: LinkQuality
  private var size = 0
  private var stride = 0
  private var links: [State] = []

  init(_ quality: LinkQuality) {
    initial = quality
    standard = quality
  }

  mutating func addNode() {
    size += 1
    guard size > stride else { return }
    let (old, oldStride) = (links, stride)
    stride = max(4, stride * 2)
    links = Array(repeating: State(quality: standard), count: stride * stride)
    for from in 0..<oldStride {
      for to in 0..<oldStride { links[from * stride + to] = old[from * oldStride + to] }
    }
  }

  func isCut(_ from: Int, _ to: Int) -> Bool { links[from * stride + to].isCut }
  func quality(_ from: Int, _ to: Int) -> LinkQuality { links[from * stride + to].quality }

  /// What becomes of a message that is sent now.
  enum Fate {
    case cut
    case lost
    case arrives(Instant)
    case arrivesTwice(Instant, Instant)
  }

  mutating func send(_ from: Int, _ to: Int, at now: Instant, _ dice: inout Dice) -> Fate {
    if from == to { return .arrives(now + Network.loopback) }
    let link = from * stride + to
    if links[link].isCut { return .cut }
    if dice.chance(perMille: links[link].quality.lossPerMille) { return .lost }
    let first = arrival(link, now, &dice)
    guard dice.chance(perMille: links[link].quality.duplicationPerMille) else { return .arrives(first) }
    return .arrivesTwice(first, arrival(link, now, &dice))
  }

  private mutating func arrival(_ link: Int, _ now: Instant, _ dice: inout Dice) -> Instant {
    let drawn = now + links[link].quality.latency.draw(&dice)
    if links[link].quality.reorders { return drawn }
    let arrival = max(drawn, links[link].lastArrival)
    links[link].lastArrival = arrival
    return arrival
  }

  mutating func setCut(_ isCut: Bool, _ from: Int, _ to: Int) { links[from * stride + to].isCut = isCut }

  mutating func healAll() {
    for link in links.indices { links[link].isCut = false }
  }

  mutating func calm() {
    healAll()
    changeAll { [initial] in $0 = initial }
  }

  mutating func change(_ from: Int, _ to: Int, _ change: (inout LinkQuality) -> Void) {
    change(&links[from * stride + to].quality)
  }

  mutating func changeAll(_ change: (inout LinkQuality) -> Void) {
    change(&standard)
    for link in links.indices { change(&links[link].quality) }
  }

  func fingerprint(into hasher: inout StateHasher) {
    for from in 0..<size {
      for to in 0..<size {
        let link = links[from * stride + to]
        hasher.combine(link.isCut)
        hasher.combine(link.lastArrival.nanoseconds)
        hasher.combine(link.quality.lossPerMille)
        hasher.combine(link.quality.duplicationPerMille)
        hasher.combine(link.quality.reorders)
        hasher.combine(link.quality.latency.description)
      }
    }
  }
}
