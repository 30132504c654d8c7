/// Where a transactional id stands. The numbers are those of Kafka's transaction log.
public enum TransactionState: Int8, Hashable, Sendable, CaseIterable {
  /// A producer has the id and has written nothing. Can become ongoing; prepareAbort, when a producer that does not know
  /// whether anything was written aborts (KIP-890).
  case empty
  /// Partitions belong to it. Can become prepareCommit, prepareAbort.
  case ongoing
  /// Decided: from here on it will commit whatever happens. Can become completeCommit once every marker is written.
  case prepareCommit
  /// Decided: it will abort. Can become completeAbort.
  case prepareAbort
  /// Can become ongoing, empty when a producer takes the id anew, prepareAbort as `empty`.
  case completeCommit
  case completeAbort

  /// Kafka's name.
  public var name: String {
    switch self {
    case .empty: "Empty"
    case .ongoing: "Ongoing"
    case .prepareCommit: "PrepareCommit"
    case .prepareAbort: "PrepareAbort"
    case .completeCommit: "CompleteCommit"
    case .completeAbort: "CompleteAbort"
    }
  }

  /// The end is decided and markers are being written.
  var isPrepared: Bool { self == .prepareCommit || self == .prepareAbort }
}
