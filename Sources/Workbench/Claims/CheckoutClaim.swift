import AtomicCommit

/// What may be true of checkouts over several services.
enum CheckoutClaim: Hashable, Sendable {
  /// No two have decided differently, in any checkout so far.
  case isAtomic
  case isBlocked
  /// Every service has decided so.
  case everywhere(Outcome)
  case isInDoubt(String)
  case holdsLocks(String)
  case decided(String, Outcome)
  case isUp(String)
  case noLocks

  static let forms: [ClaimForm] = [
    ClaimForm(
      "checkout is atomic", "checkout is atomic", "No two services decided differently, in any checkout so far."
    ) { _ in .checkout(.isAtomic) },
    ClaimForm(
      "checkout is blocked", "checkout is blocked",
      "A service that is up would stay in doubt, though nothing else failed."
    ) { _ in .checkout(.isBlocked) },
    ClaimForm("checkout is committed", "checkout is committed", "Every service decided to commit the latest.") { _ in
      .checkout(.everywhere(.commit))
    },
    ClaimForm("checkout is aborted", "checkout is aborted", "Every service decided to abort the latest.") { _ in
      .checkout(.everywhere(.abort))
    },
    ClaimForm("service PARTY is in doubt", "service order is in doubt", "It voted yes and knows no decision.") {
      .checkout(.isInDoubt($0.text))
    },
    ClaimForm("service PARTY holds locks", "service payment holds locks", "It keeps rows from everybody else.") {
      .checkout(.holdsLocks($0.text))
    },
    ClaimForm("service PARTY decided commit", "service order decided commit", "On its own disk, for good.") {
      .checkout(.decided($0.text, .commit))
    },
    ClaimForm("service PARTY decided abort", "service order decided abort", "On its own disk, for good.") {
      .checkout(.decided($0.text, .abort))
    },
    ClaimForm("service PARTY is up", "service kitchen is up", "Its process runs; the coordinator's too.") {
      .checkout(.isUp($0.text))
    },
    ClaimForm("no locks are held", "no locks are held", "No service that is up keeps a row.") { _ in
      .checkout(.noLocks)
    },
  ]
}
