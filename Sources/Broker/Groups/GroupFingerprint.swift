import Clockwork

extension Group {
  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(id)
    hasher.combine(stateName)
    if case .preparingRebalance(let deadline, let gathering) = state {
      hasher.combine(deadline.nanoseconds)
      hasher.combine(gathering?.until.nanoseconds ?? -1)
      hasher.combine(gathering?.sawNewMember ?? false)
    }
    if case .completingRebalance(let storing) = state { hasher.combine(storing) }
    hasher.combine(generation)
    hasher.combine(protocolName ?? "")
    hasher.combine(leader ?? "")
    hasher.combine(syncDeadline.nanoseconds)
    for member in members { member.fingerprint(into: &hasher) }
    roster?.fingerprint(into: &hasher)
    for candidate in candidates {
      hasher.combine(candidate.id)
      hasher.combine(candidate.deadline.nanoseconds)
    }
    for pending in pendingTransactions {
      hasher.combine(pending.producerID)
      for commit in pending.commits { hasher.combine(commit.number) }
    }
    for entry in offsets {
      hasher.combine(entry.partition.topic)
      hasher.combine(entry.partition.index)
      hasher.combine(entry.committed?.offset ?? -1)
      hasher.combine(entry.number)
      hasher.combine(entry.member)
      hasher.combine(UInt64(entry.correlation.rawValue))
    }
  }
}

extension Group.Member {
  fileprivate func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(id)
    hasher.combine(instance ?? "")
    hasher.combine(sessionTimeout.nanoseconds)
    hasher.combine(rebalanceTimeout.nanoseconds)
    hasher.combine(deadline.nanoseconds)
    hasher.combine(isNew)
    hasher.combine(owesSync)
    for asker in [heldJoin, heldSync, lastJoin] {
      hasher.combine(asker?.node.rawValue ?? -1)
      hasher.combine(UInt64(asker?.correlation.rawValue ?? 0))
    }
    for offered in protocols {
      hasher.combine(offered.name)
      for byte in offered.metadata { hasher.combine(UInt64(byte)) }
    }
    for byte in assignment { hasher.combine(UInt64(byte)) }
  }
}
