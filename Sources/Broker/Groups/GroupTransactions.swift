import Clockwork

/// Offsets that are committed with a transaction, and are nothing until it commits (KIP-98, KIP-447).
struct PendingTransaction: Hashable, Sendable {
  /// One append's worth.
  struct Commit: Hashable {
    /// The append: of two commits for a partition, the one that was appended later counts, whenever it became visible.
    var number: UInt64
    var offsets: [GroupOffset]
    var timestamp: Int64
  }

  let producerID: Int64
  var commits: [Commit] = []
}

extension Group {
  mutating func commit(
    _ claim: GroupClaim, _ offsets: [GroupOffset], in transaction: TransactionClaim, _ topics: GroupTopics,
    _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    if let error = transactionRefusal(of: claim, offsets, topics, fx.now) {
      return asker.refuse(error, member: claim.member, &fx)
    }
    guard offsets.allSatisfy({ $0.metadata.utf8.count <= ledger.setup.maxMetadataBytes }) else {
      return asker.refuse(.offsetMetadataTooLarge, member: claim.member, &fx)
    }
    let pending = pendingTransactions.reduce(0) { $0 + $1.commits.count }
    guard transaction.producerID >= 0, offsets.allSatisfy({ $0.offset >= 0 }),
      self.offsets.count + pending + offsets.count <= ledger.setup.maxOffsets
    else { return asker.refuse(.invalidRequest, member: claim.member, &fx) }
    guard !offsets.isEmpty else { return asker.answer(.ok, &fx) }
    let records = offsets.map { offset in
      GroupRecord.offset(group: id, offset.partition, CommittedOffset(offset, timestamp: fx.now.milliseconds))
    }
    let number = ledger.append(
      records, of: id, for: .transactionOffsets(producerID: transaction.producerID, asker), in: transaction, at: fx.now)
    // From here on, since nobody knows when exactly it is in the log.
    note(
      PendingTransaction.Commit(number: number, offsets: offsets, timestamp: fx.now.milliseconds),
      of: transaction.producerID)
  }

  /// A producer that says for whom it reads is fenced with that member (KIP-447).
  private mutating func transactionRefusal(
    of claim: GroupClaim, _ offsets: [GroupOffset], _ topics: GroupTopics, _ now: Instant
  ) -> BrokerError? {
    if isDead { return .coordinatorNotAvailable }
    if claim.generation < 0, claim.member.isEmpty && claim.instance == nil || state == .empty && !hasMembers {
      return nil
    }
    if roster != nil {
      // The error of before KIP-848, which producers know how to take.
      let error = rosterRefusal(of: claim, offsets.map(\.partition), topics)
      return error == .staleMemberEpoch ? .illegalGeneration : error
    }
    switch validate(claim) {
    case .success(let place):
      heard(from: place, now)
      return nil
    case .failure(let error): return error
    }
  }

  mutating func note(_ commit: PendingTransaction.Commit, of producerID: Int64) {
    let place = pendingTransactions.firstPlace { $0.producerID >= producerID }
    if place == pendingTransactions.count || pendingTransactions[place].producerID != producerID {
      pendingTransactions.insert(PendingTransaction(producerID: producerID), at: place)
    }
    pendingTransactions[place].commits.append(commit)
  }

  /// What was never appended will not be committed.
  mutating func withdraw(_ number: UInt64, of producerID: Int64) {
    guard let place = pendingTransactions.firstIndex(where: { $0.producerID == producerID }) else { return }
    pendingTransactions[place].commits.removeAll { $0.number == number }
    if pendingTransactions[place].commits.isEmpty { pendingTransactions.remove(at: place) }
  }

  /// The transaction has ended in the group's partition.
  mutating func end(_ producerID: Int64, commit: Bool) {
    guard let place = pendingTransactions.firstIndex(where: { $0.producerID == producerID }) else { return }
    let ended = pendingTransactions.remove(at: place)
    guard commit else { return }
    for one in ended.commits { committed(one.offsets, number: one.number, timestamp: one.timestamp) }
  }

  /// Whether an open transaction may yet change one of the partitions; of any, if none is named.
  func isUnstable(_ partitions: [TopicPartition]) -> Bool {
    pendingTransactions.contains { pending in
      pending.commits.contains { commit in
        commit.offsets.contains { partitions.isEmpty || partitions.contains($0.partition) }
      }
    }
  }
}
