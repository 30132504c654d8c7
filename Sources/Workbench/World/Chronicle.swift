import Broker
import Clockwork
import RecordLog
import Simulation

/// Remembers every reign that ever began. It never complains: it is an invariant only so as to see every event, and to
/// rewind when the world does.
struct Chronicle: Invariant {
  struct Reign: Hashable, Sendable {
    var partition: PartitionID
    var epoch: Int32
    var leader: NodeID
  }

  private(set) var reigns: [Reign] = []
  /// For each broker the epochs in which it was last seen leading, so that an event costs a look and no search.
  private var known: [NodeID: [Int32]] = [:]

  var name: String { "Chronicle" }

  mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    let seen = known[id] ?? []
    var now: [Int32] = []
    var new: [Reign] = []
    _ = world.withBroker(id) { broker in
      for (place, replica) in broker.replicas.enumerated() {
        let epoch = replica.isLeading ? replica.leaderEpoch.rawValue : -1
        now.append(epoch)
        if epoch >= 0 && (place >= seen.count || seen[place] != epoch) {
          new.append(Reign(partition: replica.id, epoch: epoch, leader: id))
        }
      }
    }
    if now != seen { known[id] = now }
    for reign in new where !reigns.contains(reign) { reigns.append(reign) }
    return nil
  }
}
