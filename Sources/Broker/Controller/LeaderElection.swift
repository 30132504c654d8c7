package import Clockwork
internal import RecordLog

/// How a partition settles after something happened to its replicas: who stays in sync, who leads, who may lead later.
///
/// A pure function of the old state and of who is alive. Sources: KIP-966 for eligible replicas and the last leader,
/// Kafka's replica placement order for the choice among several.
package struct LeaderElection {
  var rules: ReplicationRules
  /// min.insync.replicas of the topic.
  var minInSync: Int
  /// unclean.leader.election.enable, or an administrator who insists.
  var uncleanly: Bool
  /// Who may lead and be in sync: registered, not fenced, not about to stop.
  var live: [NodeID]
  /// A broker that came back from an unclean stop: it may lack acknowledged records, so it cannot count as complete.
  var lostTail: NodeID?
  /// Leads if it can, whoever leads now.
  var preferred: NodeID?

  package init(
    rules: ReplicationRules, minInSync: Int, uncleanly: Bool, live: [NodeID], lostTail: NodeID? = nil,
    preferred: NodeID? = nil
  ) {
    self.rules = rules
    self.minInSync = minInSync
    self.uncleanly = uncleanly
    self.live = live
    self.lostTail = lostTail
    self.preferred = preferred
  }

  /// The settled state; nil when nothing changes. `proposed` replaces the in-sync set first.
  package func settle(_ old: PartitionState, inSync proposed: [NodeID]? = nil) -> PartitionState? {
    var new = old
    new.inSync = old.replicas.filter { (proposed ?? old.inSync).contains($0) && live.contains($0) }
    if rules.eligibleLeaderReplicas {
      new.eligible = eligible(old, keeping: new.inSync)
    } else {
      new.eligible = []
      // Before KIP-966 the last in-sync replica stayed in the set whatever happened to it, its disk included.
      if new.inSync.isEmpty { new.inSync = old.inSync }
    }
    elect(&new, old)
    guard new != old else { return nil }
    if new.leader != old.leader { new.leaderEpoch = old.leaderEpoch.next }
    new.partitionEpoch = old.partitionEpoch.next
    return new
  }

  /// While fewer than min.insync.replicas are in sync the high watermark stands still, so whoever leaves then still has
  /// every committed record. Once enough are in sync it moves on, and the others are out.
  private func eligible(_ old: PartitionState, keeping inSync: [NodeID]) -> [NodeID] {
    guard inSync.count < min(minInSync, old.replicas.count) else { return [] }
    return old.replicas.filter {
      (old.inSync.contains($0) || old.eligible.contains($0)) && !inSync.contains($0) && $0 != lostTail
    }
  }

  private func elect(_ new: inout PartitionState, _ old: PartitionState) {
    let candidates = new.inSync.filter(live.contains)
    if let preferred, candidates.contains(preferred) {
      lead(&new, preferred)
    } else if let leader = old.leader, candidates.contains(leader) {
      new.leader = leader
    } else if let first = candidates.first {
      lead(&new, first)
    } else if let first = new.eligible.first(where: live.contains) {
      new.inSync = [first]
      new.eligible.removeAll { $0 == first }
      lead(&new, first)
    } else if let guess = uncleanChoice(new) {
      new.inSync = [guess]
      new.eligible = []
      lead(&new, guess)
      new.electedUncleanly = true
    } else {
      new.lastLeader = old.leader ?? old.lastLeader
      new.leader = nil
    }
  }

  /// Who leads although it may lack committed records: anyone alive if that is allowed; the last leader if nobody better
  /// can ever come back.
  private func uncleanChoice(_ new: PartitionState) -> NodeID? {
    if uncleanly { return new.replicas.first(where: live.contains) }
    guard new.inSync.isEmpty, new.eligible.isEmpty, let last = new.lastLeader, live.contains(last) else { return nil }
    return last
  }

  private func lead(_ new: inout PartitionState, _ leader: NodeID) {
    new.leader = leader
    new.lastLeader = nil
    new.electedUncleanly = false
  }
}
