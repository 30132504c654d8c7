import Converging
import DatabaseLab
import EventSourcing
import Histories
import VersionStore

/// What stands on the bench beside the cluster, each part a value of its own: nil until a command sets it up.
///
/// Forks, `back` and a lesson's snapshots keep it with the cluster, so a part needs no undo of its own. Its commands say
/// `changesWorld`. A part must be cheap to copy.
struct Apparatus: Sendable {
  /// Stream applications, in the order in which they were started.
  var streams: [StreamApp] = []
  /// Checkouts over several services, under one protocol of atomic commitment.
  var checkouts: Checkouts?
  /// Phones and tablets that follow orders.
  var devices: [EntityID: Device] = [:]
  /// The read model of orders.
  var book = OrderBook()
  /// Transactions on a store of several versions, step by step.
  var isolation: MultiVersionStore?
  /// The last schedule that ran on SQLite, if it was the last of all.
  var sqlite: SQLiteIsolation.Result?
  /// What the last checkout that died left behind.
  var checkoutCrash: CheckoutCrash?
  /// One guest's cart in several regions.
  var carts: RegionalCarts?
  /// The burst of orders that came last.
  var rush: Rush?
  /// Tickets under which orders of bursts were written.
  var rushTickets: [UInt32] = []
  /// A discount that is given now.
  var discount: LiveDiscount?
  /// The comparison that was run last.
  var comparison: Comparison?

  /// Judges what the isolation bench did last, on either store; nil when nothing ran there.
  var isolationJudge: IsolationJudge? { sqlite?.judge ?? isolation?.judge }
}
