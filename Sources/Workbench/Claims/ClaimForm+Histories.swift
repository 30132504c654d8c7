import Histories

extension ClaimForm {
  /// Claims about what stands beside the cluster.
  static let databases: [ClaimForm] = [
    ClaimForm("checkout is whole", "checkout is whole", "The last checkout that died: all of it, or nothing.") { _ in
      .checkoutWhole
    },
    ClaimForm("carts agree", "carts agree", "All regions show the same cart, kept either way.") { _ in .cartsAgree },
    ClaimForm(
      "or-set cart in REGION holds TEXT", "or-set cart in seoul holds kimbap", "Kept as an observed-remove set."
    ) { .cartHolds(region: $0.text, dish: $0.texts.last ?? "", .observedRemove) },
    ClaimForm(
      "last-writer cart in REGION holds TEXT", "last-writer cart in seoul holds kimbap",
      "Kept as one value, of which the newest wins."
    ) { .cartHolds(region: $0.text, dish: $0.texts.last ?? "", .lastWriter) },
  ]
}

extension ClaimForm {
  /// Claims about what clients asked and were told.
  static let histories: [ClaimForm] =
    [
      ClaimForm(
        "history linearizable [of PARTITION]", "history linearizable",
        "Some order of all writes and reads explains every answer."
      ) { .linearizable($0.partitions.first) }
    ]
    + sessions.map { word, guarantee in
      ClaimForm(
        "session \(word) [of PARTITION]", "session \(word)", "No client's reads break it: \(guarantee.rawValue)."
      ) { .session(guarantee, $0.partitions.first) }
    }
    + IsolationLevel.allCases.map { level in
      ClaimForm(
        "history \(level.rawValue)", "history \(level.rawValue)",
        "Of the transactions on the isolation bench: no anomaly that it forbids."
      ) { _ in .isolated(level) }
    }

  private static let sessions: [(String, SessionGuarantee)] = [
    ("read-your-writes", .readYourWrites), ("monotonic-reads", .monotonicReads),
    ("monotonic-writes", .monotonicWrites), ("writes-follow-reads", .writesFollowReads),
  ]
}
