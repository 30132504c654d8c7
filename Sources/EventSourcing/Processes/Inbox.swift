/// The names of the commands handled last, so that a second copy is absorbed.
///
/// Bounded: the oldest are forgotten. The window must be longer than a sender goes on sending; the default holds more
/// commands than a partition takes in while a client keeps trying.
public struct Inbox: Sendable {
  public let capacity: Int
  private var known: Set<CommandID> = []
  /// A ring in the order of arrival.
  private var ring: [CommandID] = []
  private var oldest = 0

  public init(capacity: Int = 1 << 16) { self.capacity = max(1, capacity) }

  public var count: Int { ring.count }

  /// What it knows, the oldest first: what to admit to another, so that it forgets in the same order.
  public var ids: [CommandID] { Array(ring[oldest...]) + ring[..<oldest] }

  public func has(_ id: CommandID) -> Bool { known.contains(id) }

  /// False when it is a second copy.
  @discardableResult
  public mutating func admit(_ id: CommandID) -> Bool {
    guard known.insert(id).inserted else { return false }
    if ring.count < capacity {
      ring.append(id)
    } else {
      known.remove(ring[oldest])
      ring[oldest] = id
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}

extension Inbox: Equatable {
  /// Where in the ring the oldest stands is nobody's business.
  public static func == (a: Inbox, b: Inbox) -> Bool { a.capacity == b.capacity && a.ids == b.ids }
}
