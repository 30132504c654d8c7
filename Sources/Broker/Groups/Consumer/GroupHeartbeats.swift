import Clockwork

/// The new protocol's one request, heard by the group (KIP-848). After Kafka's GroupMetadataManager.
extension Group {
  mutating func hear(
    _ heartbeat: ConsumerHeartbeat, _ topics: GroupTopics, _ asker: Asker, _ ledger: inout GroupLedger,
    _ fx: inout BrokerEffects
  ) {
    if isDead { return asker.refuse(.coordinatorNotAvailable, &fx) }
    guard var roster = roster ?? freshRoster(for: heartbeat) else { return asker.refuse(.groupIDNotFound, &fx) }
    // Doubled or overtaken on the way: it was answered, or its successor will be.
    if let place = roster.place(of: heartbeat.member), let last = roster.members[place].lastAsker,
      asker == last || asker.precedes(last)
    {
      return
    }
    var changes = RosterChanges()
    let result = roster.hear(
      heartbeat, topics, topics.setup(ledger.setup, of: id), &ledger, &changes, fx.now)
    switch result {
    case .failure(let error): return asker.refuse(error, member: heartbeat.member, &fx)
    case .success(let answer):
      if let place = roster.place(of: answer.member) { roster.members[place].lastAsker = asker }
      if !changes.isEmpty { fx.note("group \(id): \(answer.member) \(heartbeat.words(in: roster))") }
      if roster.members.isEmpty { expiresAt = fx.now + ledger.setup.offsetsRetention }
      let isNew = self.roster == nil
      self.roster = roster
      if isNew, generation > 0 {
        // It was a classic group, and says so in the log.
        restore(nil)
        self.roster?.isAhead = true
      }
      write(changes, answer, asker, &ledger, &fx)
    }
  }

  /// A group that nobody is in may change its protocol; one with members of the other is not found (KIP-848; this
  /// coordinator does not translate between the two).
  private func freshRoster(for heartbeat: ConsumerHeartbeat) -> ConsumerRoster? {
    guard heartbeat.epoch == ConsumerHeartbeat.joining, state == .empty, members.isEmpty, candidates.isEmpty else {
      return nil
    }
    return ConsumerRoster()
  }

  /// What the answer tells must be in the log first; so must what it is built on.
  private mutating func write(
    _ changes: RosterChanges, _ answer: ConsumerHeartbeatAnswer, _ asker: Asker, _ ledger: inout GroupLedger,
    _ fx: inout BrokerEffects
  ) {
    guard let roster else { return }
    if changes.isEmpty, !roster.isAhead, !ledger.hasPending(of: id) {
      return asker.answer(.reconciled(answer), &fx)
    }
    var records = changes.records
    if records.isEmpty, let place = roster.place(of: answer.member) {
      records = [.current(answer.member, roster.members[place].current)]
    }
    append(records, removed: changes.removed, GroupLedger.Waiting(asker: asker, answer: answer), &ledger, fx.now)
  }

  /// Everything, when an earlier append has failed.
  mutating func append(
    _ records: [RosterRecord], removed: [String], _ waiting: GroupLedger.Waiting?, _ ledger: inout GroupLedger,
    _ now: Instant
  ) {
    guard let roster else { return }
    var records = records
    var removed = removed
    if roster.isAhead {
      removed += roster.lost
      self.roster?.lost = removed
      records = self.roster?.wholeRecords ?? []
      self.roster?.lost = []
      self.roster?.isAhead = false
    }
    let classic: [GroupRecord] = roster.isAhead ? [.group(id, nil)] : []
    ledger.append(
      classic + records.map { .roster(id, $0) }, of: id, for: .roster(removed: removed, waiting), at: now)
  }

  /// The append has ended.
  mutating func wrote(
    _ removed: [String], _ waiting: GroupLedger.Waiting?, _ error: BrokerError?, _ fx: inout BrokerEffects
  ) {
    if let error {
      roster?.isAhead = true
      roster?.lost += removed
      waiting?.asker.refuse(error, &fx)
    } else {
      waiting.map { $0.asker.answer(.reconciled($0.answer), &fx) }
    }
  }

  /// Who was silent, or did not give up what it was told to, is removed.
  mutating func expireMembers(_ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    let now = fx.now
    guard var roster else { return }
    let late = roster.members.filter { $0.deadline <= now || $0.revokeBy <= now }
    guard !late.isEmpty else { return }
    var changes = RosterChanges()
    for member in late {
      let reason =
        member.deadline <= now ? "was silent for its session time-out" : "did not give up its partitions in time"
      fx.note("group \(id): \(member.id) \(reason)")
      roster.remove(member.id, &changes)
    }
    if roster.members.isEmpty { expiresAt = now + ledger.setup.offsetsRetention }
    self.roster = roster
    append(changes.records, removed: changes.removed, nil, &ledger, now)
  }

  /// An administrator, or a static member's operator, takes a member out by the classic protocol's request.
  mutating func removeMember(
    _ claim: GroupClaim, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    guard var roster else { return }
    let place = claim.instance.map { roster.place(ofInstance: $0) } ?? roster.place(of: claim.member)
    guard let place else { return asker.refuse(.unknownMemberID, member: claim.member, &fx) }
    let member = roster.members[place].id
    guard claim.member.isEmpty || claim.member == member else {
      return asker.refuse(.fencedInstanceID, member: claim.member, &fx)
    }
    var changes = RosterChanges()
    roster.remove(member, &changes)
    if roster.members.isEmpty { expiresAt = fx.now + ledger.setup.offsetsRetention }
    self.roster = roster
    append(changes.records, removed: changes.removed, nil, &ledger, fx.now)
    asker.answer(.ok, &fx)
  }

  /// A classic member may come to an empty group of the new protocol, which then is a classic one.
  mutating func becomeClassic(_ ledger: inout GroupLedger, _ now: Instant) -> Bool {
    guard let roster else { return true }
    guard roster.members.isEmpty else { return false }
    ledger.append(roster.tombstones.map { .roster(id, $0) }, of: id, for: .emptied, at: now)
    self.roster = nil
    return true
  }

  // MARK: Committing

  /// Why the claimed member may not commit these offsets; nil partitions: or read where the group stands.
  func rosterRefusal(
    of claim: GroupClaim, _ partitions: [TopicPartition]?, _ topics: GroupTopics
  ) -> BrokerError? {
    guard let roster else { return nil }
    if claim.generation < 0, roster.members.isEmpty || partitions == nil { return nil }
    guard let place = roster.place(of: claim.member) else { return .unknownMemberID }
    let member = roster.members[place]
    if let instance = claim.instance, member.instance != instance { return .fencedInstanceID }
    guard let partitions else { return claim.generation == member.epoch ? nil : .staleMemberEpoch }
    let owned = partitions.map { partition in
      topics.topic(named: partition.topic).map { OwnedPartition($0.id, partition.index) }
    }
    return member.mayCommit(in: claim.generation, owned) ? nil : .staleMemberEpoch
  }
}

extension ConsumerHeartbeat {
  fileprivate func words(in roster: ConsumerRoster) -> String {
    switch epoch {
    case Self.leaving: "left"
    case Self.leavingForNow: "is away"
    default:
      roster.place(of: member).map { place in
        "is in epoch \(roster.members[place].epoch) of \(roster.epoch) with \(roster.members[place].assigned.count) partitions"
      } ?? "joined"
    }
  }
}
