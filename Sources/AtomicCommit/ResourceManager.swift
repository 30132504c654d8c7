public import Clockwork

/// The data behind a participant: it decides the vote, holds locks while in doubt, and does what was decided.
///
/// The participant's log is the truth. A manager that keeps its own storage (SQLite, live) must do each of these again
/// without harm: after a crash it is told of every transaction that the log knows.
public protocol ResourceManager: Sendable {
  /// What a transaction wants done.
  associatedtype Work: Hashable & Sendable
  associatedtype Setup: Sendable

  init(_ setup: Setup)

  /// Takes what the work needs: after a yes, nobody else may touch it until `settle`. A no leaves nothing behind.
  mutating func prepare(_ transaction: TransactionID, _ work: Work) -> Vote

  /// Does the work or gives it up, and releases its locks.
  mutating func settle(_ transaction: TransactionID, _ outcome: Outcome)

  /// The log says that this transaction was prepared; `outcome` is nil when it is still in doubt. Its locks are taken
  /// again, or its work is done again.
  mutating func recover(_ transaction: TransactionID, _ work: Work, _ outcome: Outcome?)

  /// All that the log knows was recovered: what is held for any other transaction never had a yes on the platter.
  mutating func endRecovery()

  func fingerprint(into hasher: inout StateHasher)
}

/// Has no resources: votes as it was told. What an exhaustive search runs, where only the protocol counts.
public struct FixedVote: ResourceManager {
  public struct NoWork: Hashable, Sendable {
    public init() {}
  }

  private let vote: Vote

  public init(_ setup: Vote) { vote = setup }
  public mutating func prepare(_ transaction: TransactionID, _ work: NoWork) -> Vote { vote }
  public mutating func settle(_ transaction: TransactionID, _ outcome: Outcome) {}
  public mutating func recover(_ transaction: TransactionID, _ work: NoWork, _ outcome: Outcome?) {}
  public mutating func endRecovery() {}
  public func fingerprint(into hasher: inout StateHasher) {}
}
