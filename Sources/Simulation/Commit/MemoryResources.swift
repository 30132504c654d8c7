public import AtomicCommit
public import Clockwork

/// A manager in memory: rows by number, each held by one transaction at a time; no waiting, a row that is held is a no.
///
/// What was done is what the participant's log says was committed, so that a crash loses nothing that counts.
public struct MemoryResources: ResourceManager {
  public struct Setup: Hashable, Sendable {
    /// Votes no whatever is asked.
    public var refuses: Bool

    public init(refuses: Bool = false) { self.refuses = refuses }
  }

  /// The row that a transaction wants to change, the same number at every participant.
  public struct Row: Hashable, Sendable {
    public var number: UInt32

    public init(_ number: UInt32) { self.number = number }
  }

  public struct Lock: Hashable, Sendable {
    public var row: Row
    public var holder: TransactionID
  }

  private let setup: Setup
  /// In the order in which they were taken.
  public private(set) var locks: [Lock] = []

  public init(_ setup: Setup) { self.setup = setup }

  public mutating func prepare(_ transaction: TransactionID, _ work: Row) -> Vote {
    guard !setup.refuses, !locks.contains(where: { $0.row == work }) else { return .no }
    locks.append(Lock(row: work, holder: transaction))
    return .yes
  }

  public mutating func settle(_ transaction: TransactionID, _ outcome: Outcome) {
    locks.removeAll { $0.holder == transaction }
  }

  public mutating func recover(_ transaction: TransactionID, _ work: Row, _ outcome: Outcome?) {
    if outcome == nil { locks.append(Lock(row: work, holder: transaction)) }
  }

  public mutating func endRecovery() {}

  public func fingerprint(into hasher: inout StateHasher) {
    for lock in locks {
      hasher.combine(UInt64(lock.row.number) | UInt64(lock.holder.rawValue) << 32)
    }
  }
}
