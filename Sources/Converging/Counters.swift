/// A number that each message is added to. A message that comes twice counts twice.
public struct NaiveCounter: Replicated {
  private var number = 0

  public init(region: Int) {}

  public mutating func change(_ change: Int, clock: Int) -> Int {
    number += change
    return change
  }

  public mutating func hear(_ message: Int) { number += message }
  public var view: Int { number }
}

/// A number for each region, of which only that region says how large it is: hearing it twice changes nothing, and the
/// sum is the same in any order. Two of them, so that it can go down as well (Shapiro et al. 2011, section 3.1.3).
public struct RegionCounter: Replicated {
  public struct Message: Hashable, Sendable {
    var region: Int
    var up: Int
    var down: Int
  }

  private let region: Int
  private var up: [Int: Int] = [:]
  private var down: [Int: Int] = [:]

  public init(region: Int) { self.region = region }

  public mutating func change(_ change: Int, clock: Int) -> Message {
    if change >= 0 { up[region, default: 0] += change } else { down[region, default: 0] -= change }
    return Message(region: region, up: up[region] ?? 0, down: down[region] ?? 0)
  }

  public mutating func hear(_ message: Message) {
    // A region's numbers only grow, so the greater one is the newer.
    up[message.region] = max(up[message.region] ?? 0, message.up)
    down[message.region] = max(down[message.region] ?? 0, message.down)
  }

  public var view: Int { up.values.reduce(0, +) - down.values.reduce(0, +) }
}
