import Clockwork

/// How far a group has read: commits, and the answers made of them.
extension Group {
  mutating func commit(
    _ claim: GroupClaim, _ commits: [GroupOffset], _ topics: GroupTopics, _ asker: Asker,
    _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    if let error = refusal(of: claim, commits, topics, fx.now) { return asker.refuse(error, member: claim.member, &fx) }
    if case .completingRebalance = state { return asker.refuse(.rebalanceInProgress, member: claim.member, &fx) }
    guard commits.allSatisfy({ $0.metadata.utf8.count <= ledger.setup.maxMetadataBytes }) else {
      return asker.refuse(.offsetMetadataTooLarge, member: claim.member, &fx)
    }
    guard commits.allSatisfy({ $0.offset >= 0 }), offsets.count + commits.count <= ledger.setup.maxOffsets else {
      return asker.refuse(.invalidRequest, member: claim.member, &fx)
    }
    // A later commit of the same member overtook this one, or is this one: as good as lost on the way.
    guard !commits.contains(where: { isOvertaken($0.partition, claim.member, asker.correlation) }) else { return }
    guard !commits.isEmpty else { return asker.answer(.ok, &fx) }
    for commit in commits {
      let place = entry(for: commit.partition)
      offsets[place].member = claim.member
      offsets[place].correlation = asker.correlation
    }
    let records = commits.map { commit in
      GroupRecord.offset(group: id, commit.partition, CommittedOffset(commit, timestamp: fx.now.milliseconds))
    }
    ledger.append(records, of: id, for: .offsets(commits, asker), at: fx.now)
  }

  /// Why the claimed member may not commit. A consumer without membership may while the group is empty.
  private mutating func refusal(
    of claim: GroupClaim, _ commits: [GroupOffset], _ topics: GroupTopics, _ now: Instant
  ) -> BrokerError? {
    if isDead { return .coordinatorNotAvailable }
    if roster != nil { return rosterRefusal(of: claim, commits.map(\.partition), topics) }
    // It may have a name all the same: clients of the new protocol give themselves one before they join anything.
    if claim.generation < 0, state == .empty || claim.member.isEmpty { return state == .empty ? nil : .unknownMemberID }
    switch validate(claim) {
    case .success(let place):
      heard(from: place, now)
      return nil
    case .failure(let error): return error
    }
  }

  private func isOvertaken(_ partition: TopicPartition, _ member: String, _ correlation: CorrelationID) -> Bool {
    guard !member.isEmpty, let place = place(ofOffset: partition), offsets[place].member == member else { return false }
    return correlation <= offsets[place].correlation
  }

  /// The commit is durable. (One that failed leaves its entry: it may be in the log all the same, and the group's
  /// deletion must name it.)
  mutating func committed(_ commits: [GroupOffset], number: UInt64, timestamp: Int64) {
    for commit in commits {
      let place = entry(for: commit.partition)
      guard offsets[place].number < number else { continue }
      offsets[place].number = number
      offsets[place].committed = CommittedOffset(commit, timestamp: timestamp)
    }
  }

  func fetch(_ partitions: [TopicPartition]) -> [GroupOffset] {
    if partitions.isEmpty {
      return offsets.compactMap { entry in entry.committed.map { GroupOffset(entry.partition, $0) } }
    }
    return partitions.map { partition in
      guard let place = place(ofOffset: partition), let committed = offsets[place].committed else {
        return GroupOffset(partition: partition, offset: -1)
      }
      return GroupOffset(partition, committed)
    }
  }

  mutating func delete(_ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    switch state {
    case .dead: asker.refuse(.coordinatorNotAvailable, &fx)
    case .preparingRebalance, .completingRebalance, .stable: asker.refuse(.nonEmptyGroup, &fx)
    case .empty where !pendingTransactions.isEmpty || hasMembers: asker.refuse(.nonEmptyGroup, &fx)
    case .empty: die(asker, &ledger, fx.now)
    }
  }

  /// Tombstones for everything that was ever written about it.
  mutating func die(_ asker: Asker?, _ ledger: inout GroupLedger, _ now: Instant) {
    state = .dead
    var tombstones = offsets.map { GroupRecord.offset(group: id, $0.partition, nil) }
    if let roster { tombstones += roster.tombstones.map { .roster(id, $0) } }
    ledger.append(tombstones + [.group(id, nil)], of: id, for: .deletion(asker), at: now)
  }

  // MARK: The table of offsets

  func place(ofOffset partition: TopicPartition) -> Int? {
    let place = offsets.firstPlace { $0.partition >= partition }
    return place < offsets.count && offsets[place].partition == partition ? place : nil
  }

  /// The partition's entry, made if there is none.
  mutating func entry(for partition: TopicPartition) -> Int {
    let place = offsets.firstPlace { $0.partition >= partition }
    if place == offsets.count || offsets[place].partition != partition {
      offsets.insert(OffsetEntry(partition: partition), at: place)
    }
    return place
  }
}

extension CommittedOffset {
  init(_ commit: GroupOffset, timestamp: Int64) {
    self.init(
      offset: commit.offset, leaderEpoch: commit.leaderEpoch, metadata: commit.metadata, timestamp: timestamp)
  }
}

extension GroupOffset {
  init(_ partition: TopicPartition, _ committed: CommittedOffset) {
    self.init(
      partition: partition, offset: committed.offset, leaderEpoch: committed.leaderEpoch, metadata: committed.metadata)
  }
}

extension Array {
  /// The first place whose element passes, in an array in which all that pass follow all that do not.
  func firstPlace(where passes: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if passes(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
