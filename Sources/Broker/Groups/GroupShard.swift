import Clockwork
import RecordLog

/// The groups whose records lie in one partition of `__consumer_offsets`, while this broker leads it.
struct GroupShard: Sendable {
  enum Phase: Hashable {
    /// The log is being read; nothing is known for sure. Can become active.
    case loading
    case active
  }

  var phase = Phase.loading
  var ledger: GroupLedger
  /// Sorted by id.
  private(set) var groups: [Group] = []

  init(_ setup: GroupSetup, index: Int32, epoch: LeaderEpoch) {
    ledger = GroupLedger(setup, shard: index, epoch: epoch)
  }

  var index: Int32 { ledger.shard }

  func place(of group: String) -> Int? {
    let place = groups.firstPlace { $0.id >= group }
    return place < groups.count && groups[place].id == group ? place : nil
  }

  // MARK: Requests

  mutating func on(
    _ request: GroupRequest, _ topics: GroupTopics, _ asker: Asker, _ fx: inout BrokerEffects
  ) {
    switch request {
    case .findCoordinator, .list: asker.refuse(.coordinatorNotAvailable, &fx)  // not about one group
    case .join(let join):
      guard (ledger.setup.minSessionTimeout...ledger.setup.maxSessionTimeout).contains(join.sessionTimeout) else {
        return asker.refuse(.invalidSessionTimeout, member: join.member, &fx)
      }
      guard join.protocols.count <= GroupSetup.maxProtocols else {
        return asker.refuse(.inconsistentGroupProtocol, member: join.member, &fx)
      }
      change(join.group, asker, elseRefuse: .unknownMemberID, making: join.member.isEmpty, &fx) { group, ledger, fx in
        group.join(join, asker, &ledger, &fx)
      }
    case .sync(let claim, let assignments):
      change(claim.group, asker, elseRefuse: .unknownMemberID, &fx) { group, ledger, fx in
        group.sync(claim, assignments, asker, &ledger, &fx)
      }
    case .heartbeat(let claim):
      change(claim.group, asker, elseRefuse: .unknownMemberID, &fx) { group, _, fx in
        group.heartbeat(claim, asker, &fx)
      }
    case .leave(let claim):
      change(claim.group, asker, elseRefuse: .unknownMemberID, &fx) { group, ledger, fx in
        group.leave(claim, asker, &ledger, &fx)
      }
    case .commitOffsets(let claim, let offsets):
      let isSimple = claim.generation < 0
      change(claim.group, asker, elseRefuse: .illegalGeneration, making: isSimple, &fx) { group, ledger, fx in
        group.commit(claim, offsets, topics, asker, &ledger, &fx)
      }
    case .commitTransactionOffsets(let claim, let transaction, let offsets):
      let isSimple = claim.generation < 0
      change(claim.group, asker, elseRefuse: .illegalGeneration, making: isSimple, &fx) { group, ledger, fx in
        group.commit(claim, offsets, in: transaction, topics, asker, &ledger, &fx)
      }
    case .deleteOffsets(let id, let partitions):
      change(id, asker, elseRefuse: .groupIDNotFound, &fx) { group, ledger, fx in
        group.deleteOffsets(partitions, asker, &ledger, &fx)
      }
    case .fetchOffsets(let id, let partitions, let requireStable, let member):
      let group = place(of: id).map { groups[$0] } ?? Group(id)
      if let member, let error = group.rosterRefusal(of: member, nil, topics) { return asker.refuse(error, &fx) }
      if requireStable, group.isUnstable(partitions) { return asker.refuse(.unstableOffsetCommit, &fx) }
      asker.answer(.offsets(group.fetch(partitions)), &fx)
    case .describe(let id): asker.answer(describe(id), &fx)
    case .delete(let id):
      change(id, asker, elseRefuse: .groupIDNotFound, &fx) { group, ledger, fx in
        group.delete(asker, &ledger, &fx)
      }
    case .consumerHeartbeat(let heartbeat):
      if let fault = heartbeat.fault { return asker.refuse(fault, member: heartbeat.member, &fx) }
      let isJoining = heartbeat.epoch == ConsumerHeartbeat.joining
      change(heartbeat.group, asker, elseRefuse: .groupIDNotFound, making: isJoining, &fx) { group, ledger, fx in
        group.hear(heartbeat, topics, asker, &ledger, &fx)
      }
    case .describeConsumers(let id):
      guard let roster = place(of: id).flatMap({ groups[$0].roster }) else {
        return asker.refuse(.groupIDNotFound, &fx)
      }
      asker.answer(.describedConsumers(roster.described), &fx)
    }
  }

  /// Changes a group, made if there is none and `making`; forgets it if nothing came of it.
  private mutating func change(
    _ id: String, _ asker: Asker, elseRefuse absence: BrokerError, making: Bool = false, _ fx: inout BrokerEffects,
    _ body: (inout Group, inout GroupLedger, inout BrokerEffects) -> Void
  ) {
    guard !ledger.isFull else { return asker.refuse(.coordinatorNotAvailable, &fx) }
    guard !id.isEmpty, id.utf8.count <= Int(Int16.max) else { return asker.refuse(.invalidGroupID, &fx) }
    var place = place(of: id)
    if place == nil {
      guard making else { return asker.refuse(absence, &fx) }
      guard groups.count < ledger.setup.maxGroups else { return asker.refuse(.coordinatorNotAvailable, &fx) }
      place = make(id)
    }
    guard let place else { return }
    body(&groups[place], &ledger, &fx)
    if groups[place].isForgettable { groups.remove(at: place) }
  }

  private mutating func make(_ id: String) -> Int {
    let place = groups.firstPlace { $0.id >= id }
    groups.insert(Group(id), at: place)
    return place
  }

  func describe(_ id: String) -> GroupReply {
    guard let place = place(of: id) else {
      return .described(DescribedGroup(state: "Dead", generation: 0, members: []))
    }
    let group = groups[place]
    if group.roster != nil { return .described(DescribedGroup(state: "Dead", generation: 0, members: [])) }
    return .described(
      DescribedGroup(
        state: group.stateName, generation: group.generation, protocolType: group.protocolType,
        protocolName: group.protocolName ?? "",
        members: group.members.map { member in
          DescribedMember(
            member: member.id, instance: member.instance, client: member.client, host: member.host,
            metadata: member.metadata(for: group.protocolName) ?? [], assignment: member.assignment)
        }))
  }

  var listings: [GroupListing] {
    groups.map { group in
      GroupListing(
        group: group.id, protocolType: group.roster == nil ? group.protocolType : "consumer", state: group.stateName,
        kind: group.roster == nil ? .classic : .consumer)
    }
  }

  // MARK: Time and the log

  mutating func expire(_ fx: inout BrokerEffects) {
    for place in groups.indices where groups[place].nextDeadline <= fx.now {
      groups[place].expire(&ledger, &fx)
    }
    groups.removeAll(where: \.isForgettable)
  }

  var nextDeadline: Instant { groups.reduce(.never) { min($0, $1.nextDeadline) } }

  /// An append has ended: whoever waited for it is answered.
  ///
  /// `inDoubt`: it failed and may be in the log all the same.
  mutating func settle(_ id: GroupAppendID, _ error: BrokerError?, inDoubt: Bool, _ fx: inout BrokerEffects) {
    guard let pending = ledger.settle(id), let place = place(of: pending.group) else { return }
    switch pending.purpose {
    case .emptied: break
    case .roster(let removed, let waiting): groups[place].wrote(removed, waiting, error, &fx)
    case .assignment(let generation): groups[place].assigned(generation, error, &ledger, &fx)
    case .replacement(let member, let generation, let asker):
      groups[place].replaced(member, generation, asker, error, &fx)
    case .offsets(let commits, let asker):
      if let error { return asker.refuse(error, &fx) }
      groups[place].committed(commits, number: id.number, timestamp: pending.timestamp)
      groups[place].expiresAt = fx.now + ledger.setup.offsetsRetention
      asker.answer(.ok, &fx)
    case .transactionOffsets(let producerID, let asker):
      guard let error else { return asker.answer(.ok, &fx) }
      asker.refuse(error, &fx)
      if !inDoubt { groups[place].withdraw(id.number, of: producerID) }
      if groups[place].isForgettable { groups.remove(at: place) }
    case .offsetDeletion(let deletions, let asker):
      if let error { return asker.refuse(error, &fx) }
      groups[place].deleted(deletions, number: id.number)
      asker.answer(.offsetsDeleted(deletions), &fx)
      if groups[place].isForgettable { groups.remove(at: place) }
    case .deletion(let asker):
      if let error {
        groups[place].state = .empty
        groups[place].expiresAt = fx.now + ledger.setup.offsetsRetention
        asker?.refuse(error, &fx)
      } else {
        groups.remove(at: place)
        asker?.answer(.ok, &fx)
      }
    }
  }

  /// A transaction has ended in this shard's partition: the offsets that it committed are visible, or gone.
  mutating func end(_ producerID: Int64, commit: Bool, _ now: Instant) {
    for place in groups.indices where !groups[place].pendingTransactions.isEmpty {
      groups[place].end(producerID, commit: commit)
      groups[place].expiresAt = now + ledger.setup.offsetsRetention
    }
    groups.removeAll(where: \.isForgettable)
  }

  /// Folds one record of the log in. One that cannot be read is passed over: a log must not stop a coordinator.
  /// `producerID`: of the transaction that it was written in.
  mutating func load(_ record: Record, in producerID: Int64? = nil) {
    guard let decoded = try? GroupRecord(record) else { return }
    switch decoded {
    case .offset(let id, let partition, let committed):
      guard committed != nil || place(of: id) != nil else { return }
      let place = place(of: id) ?? make(id)
      let number = ledger.numberLoaded()
      if let producerID, let committed {
        let commit = PendingTransaction.Commit(
          number: number, offsets: [GroupOffset(partition, committed)], timestamp: committed.timestamp)
        return groups[place].note(commit, of: producerID)
      }
      let entry = groups[place].entry(for: partition)
      if committed == nil {
        groups[place].offsets.remove(at: entry)
      } else {
        groups[place].offsets[entry].committed = committed
        groups[place].offsets[entry].number = number
      }
    case .group(let id, let snapshot):
      guard let snapshot else {
        if let place = place(of: id) { groups[place].restore(nil) }
        return
      }
      let place = place(of: id) ?? make(id)
      groups[place].restore(snapshot)
    case .roster(let id, let record):
      if case .epoch(nil) = record {
        if let place = place(of: id) { groups[place].roster = nil }
        return
      }
      guard record.value != nil || place(of: id).map({ groups[$0].roster != nil }) ?? false else { return }
      let place = place(of: id) ?? make(id)
      if groups[place].roster == nil { groups[place].roster = ConsumerRoster() }
      groups[place].roster?.load(record)
    }
  }

  /// The log is read: sessions begin anew, since nobody knows when its members were last heard.
  mutating func activate(_ now: Instant) {
    phase = .active
    groups.removeAll(where: \.isForgettable)
    for group in groups.indices {
      for member in groups[group].members.indices { groups[group].heard(from: member, now) }
      groups[group].roster?.activate(now, session: ledger.setup.consumerSessionTimeout)
      groups[group].expiresAt = now + ledger.setup.offsetsRetention
    }
  }

  /// This broker coordinates no longer: everybody who waits is sent to look for who does.
  mutating func resign(_ fx: inout BrokerEffects) {
    for group in groups {
      for member in group.members {
        member.heldJoin?.refuse(.notCoordinator, member: member.id, &fx)
        member.heldSync?.refuse(.notCoordinator, member: member.id, &fx)
      }
    }
    for pending in ledger.pending {
      switch pending.purpose {
      case .offsets(_, let asker), .transactionOffsets(_, let asker), .offsetDeletion(_, let asker),
        .replacement(_, _, let asker):
        asker.refuse(.notCoordinator, &fx)
      case .deletion(let asker): asker?.refuse(.notCoordinator, &fx)
      case .roster(_, let waiting): waiting?.asker.refuse(.notCoordinator, &fx)
      case .assignment, .emptied: break
      }
    }
  }
}

extension Group {
  /// Becomes what the log says; nil is a tombstone.
  mutating func restore(_ snapshot: GroupSnapshot?) {
    generation = snapshot?.generation ?? 0
    protocolType = snapshot?.protocolType ?? ""
    protocolName = snapshot?.protocolName
    leader = snapshot?.leader
    members = (snapshot?.members ?? []).map { member in
      Member(
        id: member.id, instance: member.instance, client: member.client, host: member.host,
        sessionTimeout: .milliseconds(Int64(member.sessionTimeout)),
        rebalanceTimeout: .milliseconds(Int64(member.rebalanceTimeout)),
        protocols: [GroupProtocol(name: protocolName ?? "", metadata: member.subscription)],
        assignment: member.assignment, deadline: .never, isNew: false)
    }
    state = members.isEmpty ? .empty : .stable
  }
}
