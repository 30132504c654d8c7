import Clockwork

extension ConsumerRoster {
  /// One step of the member at `place` towards its target: gives up, then takes what is free.
  ///
  /// After Kafka's CurrentAssignmentBuilder. `owned` is what the member says that it reads; nil: it did not say. True
  /// when the member has changed.
  mutating func reconcile(_ place: Int, owned: [OwnedPartition]?) -> Bool {
    let before = members[place]
    switch before.phase {
    case .stable: guard before.epoch != targetEpoch else { return false }
    case .unrevoked: guard !Self.isOwned(before.revoking, owned) else { return false }
    case .unreleased: break
    }
    let target = Set(self.target(of: before.id))
    var kept = before.assigned.filter { target.contains($0.partition) }
    let givenUp = before.assigned.filter { !target.contains($0.partition) }
    if !givenUp.isEmpty, Self.isOwned(givenUp, owned) {
      members[place].phase = .unrevoked
      members[place].assigned = kept
      members[place].revoking = givenUp
      return members[place] != before
    }
    let has = Set(kept.map(\.partition))
    let taken = taken(except: before.id)
    let missing = self.target(of: before.id).filter { !has.contains($0) }
    let free = missing.filter { !taken.contains($0) }
    kept += free.map { Holding(partition: $0, since: targetEpoch) }
    kept.sort { $0.partition < $1.partition }
    members[place].assigned = kept
    members[place].revoking = []
    members[place].phase = free.count == missing.count ? .stable : .unreleased
    members[place].reach(targetEpoch)
    return members[place] != before
  }

  /// What was not said to be given up counts as still read.
  private static func isOwned(_ holdings: [Holding], _ owned: [OwnedPartition]?) -> Bool {
    guard let owned else { return true }
    return holdings.contains { owned.contains($0.partition) }
  }

  /// Shares anew: for each member whose share has changed, its new one.
  mutating func makeTarget(_ catalog: GroupTopics) -> [Target] {
    let wanted = members.map { topics(of: $0, in: catalog) }
    let shares = assignor.share(
      members.indices.map { place in
        ServerAssignor.Subscriber(
          member: members[place].id, instance: members[place].instance, topics: wanted[place],
          current: target(of: members[place].id))
      })
    var changed: [Target] = []
    for (place, share) in shares.enumerated() {
      let member = members[place].id
      let isNew = !targets.contains { $0.member == member }
      guard isNew || target(of: member) != share else { continue }
      setTarget(share, of: member)
      changed.append(Target(member: member, partitions: share))
    }
    targetEpoch = epoch
    return changed
  }
}

extension ConsumerRoster.Member {
  mutating func reach(_ epoch: Int32) {
    guard self.epoch != epoch else { return }
    previousEpoch = self.epoch
    self.epoch = epoch
  }

  /// Whether an offset may be committed by this member in `epoch`: the one it is in, or an earlier one in which it
  /// already had all of these partitions (KIP-1251).
  func mayCommit(in epoch: Int32, _ partitions: [OwnedPartition?]) -> Bool {
    if epoch == self.epoch { return true }
    guard epoch >= 0, epoch < self.epoch else { return false }
    return partitions.allSatisfy { partition in
      assigned.contains { $0.partition == partition && $0.since <= epoch }
        || revoking.contains { $0.partition == partition && $0.since <= epoch }
    }
  }
}
