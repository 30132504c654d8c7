import EventSourcing

/// What stands on the bench beside the cluster, each part a value of its own: nil until a command sets it up.
///
/// Forks, `back` and a lesson's snapshots keep it with the cluster, so a part needs no undo of its own. Its commands say
/// `changesWorld`. A part must be cheap to copy.
struct Apparatus: Sendable {
  /// Stream applications, in the order in which they were started.
  var streams: [StreamApp] = []
  /// Phones and tablets that follow orders.
  var devices: [EntityID: Device] = [:]
  /// The read model of orders.
  var book = OrderBook()
  /// The comparison that was run last.
  var comparison: Comparison?
}
