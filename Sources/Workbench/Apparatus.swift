/// What stands on the bench beside the cluster, each part a value of its own: nil until a command sets it up.
///
/// Forks, `back` and a lesson's snapshots keep it with the cluster, so a part needs no undo of its own. Its commands say
/// `changesWorld`. A part must be cheap to copy.
struct Apparatus: Sendable {
  /// Stream applications, in the order in which they were started.
  var streams: [StreamApp] = []
  /// Checkouts over several services, under one protocol of atomic commitment.
  var checkouts: Checkouts?
}
