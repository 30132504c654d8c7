import Clockwork

/// Producer ids that this broker may give out, in blocks from the controller (KIP-730). No id is ever given twice: a
/// block is gone with the process that held it.
struct ProducerIDs: Sendable {
  /// Asks for the next block when as few are left.
  private static let low: Int64 = 200
  /// Requests that may wait for a block.
  private static let mostWaiting = 1000

  /// A request that cannot be decided without an id.
  struct Waiting: Sendable {
    var request: TransactionRequest
    var correlation: CorrelationID
    var from: NodeID
    var deadline: Instant
  }

  private var block: Range<Int64> = 0..<0
  private var spare: Range<Int64> = 0..<0
  private(set) var waiting: [Waiting] = []
  /// The request for a block that is out, and when to ask again.
  private var asked: CorrelationID?
  private(set) var askAgainAt = Instant.start
  /// Blocks are asked for from the first use on.
  private var isUsed = false

  var isEmpty: Bool { block.isEmpty && spare.isEmpty }

  /// Nil when none is left.
  mutating func take() -> Int64? {
    isUsed = true
    if block.isEmpty { (block, spare) = (spare, 0..<0) }
    guard let first = block.first else { return nil }
    block = (first + 1)..<block.upperBound
    return first
  }

  /// The controller is to be asked (again).
  func wantsBlock(_ now: Instant) -> Bool {
    isUsed && spare.isEmpty && block.upperBound - block.lowerBound <= Self.low && askAgainAt <= now
  }

  mutating func ask(_ correlation: CorrelationID, againAt: Instant) {
    asked = correlation
    askAgainAt = againAt
  }

  /// The controller's answer; one that was doubled on the way is no second block.
  mutating func receive(first: Int64, count: Int32, _ correlation: CorrelationID) {
    guard asked == correlation, count > 0, first >= 0 else { return }
    asked = nil
    askAgainAt = .start
    spare = first..<(first + Int64(count))
  }

  /// False when too many wait already.
  mutating func hold(_ held: Waiting) -> Bool {
    isUsed = true
    guard waiting.count < Self.mostWaiting else { return false }
    waiting.append(held)
    return true
  }

  mutating func takeWaiting() -> [Waiting] {
    defer { waiting = [] }
    return waiting
  }

  mutating func takeLate(_ now: Instant) -> [Waiting] {
    let late = waiting.filter { $0.deadline <= now }
    waiting.removeAll { $0.deadline <= now }
    return late
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(block.lowerBound)
    hasher.combine(block.upperBound)
    hasher.combine(spare.lowerBound)
    hasher.combine(spare.upperBound)
    hasher.combine(waiting.count)
  }
}
