public import Clockwork

/// A fault and when it strikes.
public struct TimedFault: Hashable, Sendable {
  public var time: Instant
  public var fault: Fault

  public init(time: Instant, fault: Fault) {
    self.time = time
    self.fault = fault
  }
}

/// The kinds of fault that a nemesis may choose from.
public struct FaultKinds: OptionSet, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let crash = FaultKinds(rawValue: 1 << 0)
  public static let power = FaultKinds(rawValue: 1 << 1)
  public static let pause = FaultKinds(rawValue: 1 << 2)
  public static let cut = FaultKinds(rawValue: 1 << 3)
  public static let delay = FaultKinds(rawValue: 1 << 4)
  public static let loss = FaultKinds(rawValue: 1 << 5)
  public static let duplicate = FaultKinds(rawValue: 1 << 6)
  public static let reorder = FaultKinds(rawValue: 1 << 7)
  public static let skew = FaultKinds(rawValue: 1 << 8)
  public static let fsync = FaultKinds(rawValue: 1 << 9)
  public static let all = FaultKinds(rawValue: (1 << 10) - 1)

  /// Each kind's name, as a person types it.
  public static let named: [(name: String, kind: FaultKinds)] = [
    ("crash", .crash), ("power", .power), ("pause", .pause), ("cut", .cut), ("delay", .delay), ("loss", .loss),
    ("duplicate", .duplicate), ("reorder", .reorder), ("skew", .skew), ("fsync", .fsync),
  ]

  /// Reads `all`, `none`, or names with commas between; nil when one is unknown.
  public init?(parsing text: String) {
    var kinds: FaultKinds = []
    for word in text.split(separator: ",") where word != "none" {
      if word == "all" {
        kinds.formUnion(.all)
        continue
      }
      guard let found = FaultKinds.named.first(where: { $0.name == word }) else { return nil }
      kinds.formUnion(found.kind)
    }
    self = kinds
  }
}

/// Plans random faults from a seed: each strikes, lasts a while, and is undone. At the end everything is put right, so
/// that what must happen once faults stop can be asked for.
public struct Nemesis: Sendable {
  public var nodes: [NodeID]
  public var kinds: FaultKinds
  /// How many nodes may be down or paused at the same time. A minority, unless told otherwise.
  public var mostDisabled: Int
  /// The mean time from one strike to the next.
  public var pace: Interval

  public init(
    nodes: [NodeID], kinds: FaultKinds = .all, mostDisabled: Int? = nil, pace: Interval = .milliseconds(300)
  ) {
    self.nodes = nodes
    self.kinds = kinds
    self.mostDisabled = mostDisabled ?? (nodes.count - 1) / 2
    self.pace = pace
  }

  /// Strikes between two moments, at most 10,000; everything is right again at `end`. Ordered by time.
  public func plan(seed: UInt64, from start: Instant, to end: Instant) -> [TimedFault] {
    let kinds = FaultKinds.named.map(\.kind).filter { self.kinds.contains($0) }
    guard !nodes.isEmpty, !kinds.isEmpty, start < end else { return [] }
    var plot = Plot(nodes: nodes, mostDisabled: mostDisabled, dice: Dice(seed: seed), end: end)
    var time = start
    for _ in 0..<10_000 {
      time = time + LatencyDistribution.tail(from: .milliseconds(1), mean: pace).draw(&plot.dice)
      guard time < end else { break }
      plot.strike(kinds[Int(plot.dice.roll(UInt64(kinds.count)))], at: time, lasting: pace)
    }
    // Sorting is stable only by this: of one time, the order in which they were planned.
    let ordered = plot.faults.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    return ordered.map(\.element) + settling(at: end)
  }

  /// What puts everything right: links, disks, nodes, clocks. What is right already refuses its part.
  public func settling(at time: Instant) -> [TimedFault] {
    var faults: [Fault] = [.calm]
    for node in nodes { faults += [.resume(node), .restart(node), .skew(node, offset: .zero, driftPPM: 0)] }
    return faults.map { TimedFault(time: time, fault: $0) }
  }
}

/// A plan in the making.
private struct Plot {
  let nodes: [NodeID]
  let mostDisabled: Int
  var dice: Dice
  let end: Instant
  var faults: [TimedFault] = []
  /// Until when each node, by its place in `nodes`, is down or paused.
  var disabled: [Instant]

  init(nodes: [NodeID], mostDisabled: Int, dice: Dice, end: Instant) {
    self.nodes = nodes
    self.mostDisabled = mostDisabled
    self.dice = dice
    self.end = end
    disabled = nodes.map { _ in .start }
  }

  mutating func strike(_ kind: FaultKinds, at time: Instant, lasting pace: Interval) {
    let relief = time + LatencyDistribution.tail(from: .milliseconds(10), mean: pace * 2).draw(&dice)
    let links = someLinks()
    switch kind {
    case .crash: disable(at: time, until: relief, Fault.crash, relieved: Fault.restart)
    case .power: disable(at: time, until: relief, Fault.losePower, relieved: Fault.restart)
    case .pause: disable(at: time, until: relief, Fault.pause, relieved: Fault.resume)
    case .cut: add(.cut(links), at: time, .heal(links), at: relief)
    case .delay:
      let slow = LatencyDistribution.tail(from: .milliseconds(1), mean: pace)
      add(.latency(slow, on: .only(links)), at: time, .latency(fast, on: .only(links)), at: relief)
    case .loss:
      let rate = 10 + Int(dice.roll(300))
      add(.loss(perMille: rate, on: .only(links)), at: time, .loss(perMille: 0, on: .only(links)), at: relief)
    case .duplicate:
      let rate = 10 + Int(dice.roll(300))
      let (on, off) = (Fault.duplication(perMille: rate, on: .all), Fault.duplication(perMille: 0, on: .all))
      add(on, at: time, off, at: relief)
    case .reorder:
      add(.reordering(true, on: .only(links)), at: time, .reordering(false, on: .only(links)), at: relief)
    case .skew:
      let node = nodes[Int(dice.roll(UInt64(nodes.count)))]
      let offset = Interval.milliseconds(Int64(dice.roll(2001)) - 1000)
      let drift = Int(dice.roll(2001)) - 1000
      add(.skew(node, offset: offset, driftPPM: drift), at: time)
    default:
      let slow = LatencyDistribution.tail(from: .milliseconds(1), mean: pace / 4)
      add(.fsync(slow, on: nil), at: time, .fsync(.constant(.milliseconds(1)), on: nil), at: relief)
    }
  }

  private var fast: LatencyDistribution { LinkQuality.dataCentre.latency }

  private mutating func add(_ fault: Fault, at time: Instant) { faults.append(TimedFault(time: time, fault: fault)) }

  private mutating func add(_ fault: Fault, at time: Instant, _ relief: Fault, at later: Instant) {
    add(fault, at: time)
    if later < end { add(relief, at: later) }
  }

  private mutating func disable(
    at time: Instant, until relief: Instant, _ strike: (NodeID) -> Fault, relieved: (NodeID) -> Fault
  ) {
    let victim = Int(dice.roll(UInt64(nodes.count)))
    let others = disabled.indices.count { $0 != victim && disabled[$0] > time }
    guard others < mostDisabled, disabled[victim] <= time else { return }
    disabled[victim] = relief
    add(strike(nodes[victim]), at: time)
    if relief < end { add(relieved(nodes[victim]), at: relief) }
  }

  /// One link, one pair both ways, one node from all others (in, out or both), or two halves.
  private mutating func someLinks() -> [Link] {
    guard nodes.count > 1 else { return [] }
    var shuffled = nodes
    for index in stride(from: shuffled.count - 1, to: 0, by: -1) {
      shuffled.swapAt(index, Int(dice.roll(UInt64(index + 1))))
    }
    let (one, others) = (shuffled[0], Array(shuffled.dropFirst()))
    switch dice.roll(6) {
    case 0: return [Link(one, others[0])]
    case 1: return Link.between([one], [others[0]])
    case 2: return others.map { Link(one, $0) }
    case 3: return others.map { Link($0, one) }
    case 4: return Link.between([one], others)
    default:
      let half = 1 + Int(dice.roll(UInt64(others.count)))
      return Link.between(Array(shuffled.prefix(half)), Array(shuffled.dropFirst(half)))
    }
  }
}
