/// What a transaction costs that everybody votes for, or one refuses, when nothing fails.
///
/// Source: Gray and Lamport (2006), figure 3; Mohan et al. (1986). Counted for a coordinator that is no participant
/// itself, so that Paxos Commit has one message more than where the first participant begins.
public struct CommitCost: Hashable, Sendable {
  public var messages: Int
  public var forcedWrites: Int
  /// The formulas, in N participants, F faults and R refusals.
  public var messagesFormula: String
  public var forcedWritesFormula: String

  /// The commit path.
  public static func committing(_ rule: CommitProtocol, participants n: Int, faults f: Int = 0) -> CommitCost {
    switch rule {
    case .twoPhase, .presumedAbort: CommitCost(4 * n, 2 * n + 1, "4N", "2N+1")
    case .threePhase, .threePhaseTimeout: CommitCost(6 * n, 2 * n + 1, "6N", "2N+1")
    case .quorum: CommitCost(6 * n, 3 * n + 1, "6N", "3N+1")
    case .paxos: CommitCost(n * f + f + 3 * n, n + f + 1, "NF+F+3N", "N+F+1")
    }
  }

  private init(_ messages: Int, _ forcedWrites: Int, _ messagesFormula: String, _ forcedWritesFormula: String) {
    self.messages = messages
    self.forcedWrites = forcedWrites
    self.messagesFormula = messagesFormula
    self.forcedWritesFormula = forcedWritesFormula
  }
}
