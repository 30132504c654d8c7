public import Clockwork

/// A kind of device: what it shows, and how long after the fact it showed it. The customers' phones also order.
public struct ShopDevice: Sendable {
  /// A line that came up on the screen.
  public struct Shown: Hashable, Sendable {
    public var news: ShopNews
    public var at: Instant
  }

  private let id: NodeID
  private let workload: [ShopOrder]
  private let tries: Int
  private var byNumber: [UInt64: Int] = [:]
  /// What the customer was told of each order.
  public private(set) var answers: [UInt64: Bool] = [:]
  public private(set) var shown: [Shown] = []
  private var newest: [UInt64: ShopStatus] = [:]
  private var version: UInt64 = 0

  /// Devices ask anew as often as this, in case a push was missed.
  static let pollEvery = Interval.seconds(5)

  init(_ id: NodeID, _ setup: ShopNode.Setup, _ fx: inout ShopEffects) {
    self.id = id
    workload = setup.workload
    tries = setup.care.tries
    for (index, order) in workload.enumerated() { byNumber[order.number] = index }
    if !workload.isEmpty { fx.set(.arrival(0), at: workload[0].at) }
    fx.set(.poll, at: fx.now + Self.pollEvery)
  }

  public func status(of order: UInt64) -> ShopStatus? { newest[order] }

  mutating func hear(_ message: ShopMessage, from: NodeID, _ fx: inout ShopEffects) {
    switch message {
    case .answer(let order, let accepted?): answers[order] = accepted
    case .push(let news): show(news, fx.now)
    case .changes(let news, let through):
      for one in news { show(one, fx.now) }
      version = max(version, through)
      // There may be more than fitted in.
      if !news.isEmpty { fx.send(.poll(since: version), to: .orders) }
    default: break
    }
  }

  mutating func ring(_ timer: ShopTimer, _ fx: inout ShopEffects) {
    switch timer {
    case .arrival(let index):
      guard workload.indices.contains(index) else { return }
      send(workload[index], 0, &fx)
      if let after = workload[index].cancelsAfter {
        fx.set(.changesMind(workload[index].number), at: fx.now + after)
      }
      if index + 1 < workload.count { fx.set(.arrival(index + 1), at: workload[index + 1].at) }
    case .resend(let number, let attempt):
      guard answers[number] == nil, attempt < tries, let index = byNumber[number] else { return }
      send(workload[index], attempt, &fx)
    case .changesMind(let number): fx.send(.cancel(number), to: .orders)
    case .poll:
      fx.send(.poll(since: version), to: .orders)
      fx.set(.poll, at: fx.now + Self.pollEvery)
    default: break
    }
  }

  private mutating func send(_ order: ShopOrder, _ attempt: Int, _ fx: inout ShopEffects) {
    fx.send(.place(order), to: .orders)
    fx.set(.resend(order.number, try: attempt + 1), at: fx.now + ShopCare.patience * 4)
  }

  private mutating func show(_ news: ShopNews, _ now: Instant) {
    if let old = newest[news.order], old.rawValue >= news.status.rawValue { return }
    newest[news.order] = news.status
    shown.append(Shown(news: news, at: now))
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(version)
    hasher.combine(shown.count)
    hasher.combine(answers.count)
  }
}
