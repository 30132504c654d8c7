import Clockwork

/// From one generation to the next: everybody joins again, one of them shares out, everybody hears its share.
extension Group {
  /// Asks everybody to join again, unless that is under way.
  mutating func prepareRebalance(because reason: String, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    var deadline = fx.now + rebalanceTimeout
    var gathering: Gathering?
    switch state {
    case .preparingRebalance, .dead: return
    case .empty:
      let delay = ledger.setup.initialRebalanceDelay
      if delay > .zero {
        gathering = Gathering(until: max(deadline, fx.now + delay))
        deadline = fx.now + delay
      }
    case .completingRebalance:
      for place in members.indices {
        members[place].assignment = []
        guard let asker = members[place].heldSync else { continue }
        members[place].heldSync = nil
        heard(from: place, fx.now)
        asker.refuse(.rebalanceInProgress, member: members[place].id, &fx)
      }
    case .stable: break
    }
    fx.note("group \(id) rebalances: \(reason)")
    for place in members.indices { members[place].owesSync = false }
    syncDeadline = .never
    state = .preparingRebalance(deadline: deadline, gathering: gathering)
  }

  mutating func completeJoinIfAllCame(_ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    guard case .preparingRebalance(_, nil) = state, candidates.isEmpty,
      members.allSatisfy({ $0.heldJoin != nil })
    else { return }
    completeJoin(&ledger, &fx)
  }

  /// Everybody came, or the time is up: whoever came is the new generation. A static member keeps its place for as long
  /// as its session lasts.
  mutating func completeJoin(_ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    for late in members where late.heldJoin == nil && late.instance == nil {
      fx.note("group \(id): \(late.id) did not join again in time")
      drop(late.id, &fx)
    }
    guard let first = members.first(where: { $0.heldJoin != nil }) else {
      if members.isEmpty { return becomeEmpty(&ledger, &fx) }
      state = .preparingRebalance(deadline: fx.now + rebalanceTimeout, gathering: nil)
      return
    }
    if leader.flatMap({ place(of: $0) }).map({ members[$0].heldJoin == nil }) ?? true { leader = first.id }
    generation += 1
    protocolName = chosenProtocol
    state = .completingRebalance(storing: false)
    syncDeadline = fx.now + rebalanceTimeout
    fx.note("group \(id): generation \(generation) has \(members.count) members, leader \(leader ?? "none")")
    for place in members.indices {
      members[place].owesSync = true
      members[place].assignment = []
      guard let asker = members[place].heldJoin else { continue }
      members[place].heldJoin = nil
      members[place].isNew = false
      heard(from: place, fx.now)
      asker.answer(.joined(welcome(place)), &fx)
    }
  }

  private mutating func becomeEmpty(_ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    generation += 1
    protocolName = nil
    leader = nil
    syncDeadline = .never
    state = .empty
    expiresAt = fx.now + ledger.setup.offsetsRetention
    fx.note("group \(id) is empty")
    ledger.append([.group(id, snapshot)], of: id, for: .emptied, at: fx.now)
  }

  /// The generation as the member at `place` hears of it; the leader hears of everybody.
  func welcome(_ place: Int) -> JoinedGroup {
    var joined = JoinedGroup(
      generation: generation, member: members[place].id, leader: leader ?? "", protocolType: protocolType,
      protocolName: protocolName ?? "")
    if joined.leader == joined.member {
      joined.members = members.map { member in
        JoinedMember(
          member: member.id, instance: member.instance, metadata: member.metadata(for: protocolName) ?? [])
      }
    }
    return joined
  }

  mutating func sync(
    _ claim: GroupClaim, _ assignments: [MemberAssignment], _ asker: Asker, _ ledger: inout GroupLedger,
    _ fx: inout BrokerEffects
  ) {
    let place: Int
    switch validate(claim) {
    case .success(let found): place = found
    case .failure(let error): return asker.refuse(error, member: claim.member, &fx)
    }
    switch state {
    case .preparingRebalance: asker.refuse(.rebalanceInProgress, member: claim.member, &fx)
    case .empty, .dead: asker.refuse(.unknownMemberID, member: claim.member, &fx)
    case .stable:
      settleSync(place)
      heard(from: place, fx.now)
      asker.answer(.synced(assignment: members[place].assignment), &fx)
    case .completingRebalance(let storing):
      settleSync(place)
      if let older = members[place].heldSync, asker.precedes(older) { return }
      members[place].heldSync = asker
      guard claim.member == leader, !storing else { return }
      for place in members.indices {
        members[place].assignment = assignments.first { $0.member == members[place].id }?.assignment ?? []
      }
      state = .completingRebalance(storing: true)
      ledger.append([.group(id, snapshot)], of: id, for: .assignment(generation: generation), at: fx.now)
    }
  }

  private mutating func settleSync(_ place: Int) {
    members[place].owesSync = false
    if !members.contains(where: \.owesSync) { syncDeadline = .never }
  }

  /// The assignment is durable, or will not be.
  mutating func assigned(
    _ generation: Int32, _ error: BrokerError?, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    guard generation == self.generation, state == .completingRebalance(storing: true) else { return }
    for place in members.indices {
      if error != nil { members[place].assignment = [] }
      guard let asker = members[place].heldSync else { continue }
      members[place].heldSync = nil
      heard(from: place, fx.now)
      if let error {
        asker.refuse(error, member: members[place].id, &fx)
      } else {
        asker.answer(.synced(assignment: members[place].assignment), &fx)
      }
    }
    if error == nil {
      state = .stable
      fx.note("group \(id) is stable in generation \(generation)")
    } else {
      prepareRebalance(because: "the assignment could not be written", &ledger, &fx)
    }
  }

  mutating func heartbeat(_ claim: GroupClaim, _ asker: Asker, _ fx: inout BrokerEffects) {
    let place: Int
    switch validate(claim) {
    case .success(let found): place = found
    case .failure(let error): return asker.refuse(error, member: claim.member, &fx)
    }
    switch state {
    case .stable, .completingRebalance:
      heard(from: place, fx.now)
      asker.answer(.alive, &fx)
    case .preparingRebalance:
      heard(from: place, fx.now)
      asker.refuse(.rebalanceInProgress, member: claim.member, &fx)
    case .empty, .dead: asker.refuse(.unknownMemberID, member: claim.member, &fx)
    }
  }

  /// What has fallen due: sessions, ids never come back with, and the two halves of a rebalance.
  mutating func expire(_ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    let now = fx.now
    if !isDead { expireMembers(&ledger, &fx) }
    candidates.removeAll { $0.deadline <= now }
    let silent = members.filter { $0.canExpire && $0.deadline <= now }.map(\.id)
    if !silent.isEmpty { remove(silent, because: "was silent for its session time-out", &ledger, &fx) }
    if syncDeadline <= now {
      let late = members.filter(\.owesSync).map(\.id)
      syncDeadline = .never
      if !late.isEmpty { remove(late, because: "did not ask for its assignment in time", &ledger, &fx) }
    }
    if case .preparingRebalance(let deadline, let gathering) = state, deadline <= now {
      if var gathering, gathering.sawNewMember, gathering.until > now {
        gathering.sawNewMember = false
        let next = min(now + ledger.setup.initialRebalanceDelay, gathering.until)
        state = .preparingRebalance(deadline: next, gathering: gathering)
      } else {
        completeJoin(&ledger, &fx)
      }
    }
    completeJoinIfAllCame(&ledger, &fx)
    if isExpirable, expiresAt <= now, candidates.isEmpty, !isForgettable {
      fx.note("group \(id) is empty for \(ledger.setup.offsetsRetention): its offsets are forgotten")
      expiresAt = .never
      die(nil, &ledger, now)
    }
  }

  // MARK: Choosing a way to share

  /// True when the group, with the asker in it, would still have a way of sharing that all support.
  func supports(_ request: JoinRequest) -> Bool {
    guard !request.protocolType.isEmpty, !request.protocols.isEmpty else { return false }
    let others = members.filter { $0.id != request.member && ($0.instance == nil || $0.instance != request.instance) }
    guard !others.isEmpty else { return members.isEmpty || request.protocolType == protocolType }
    return request.protocolType == protocolType
      && request.protocols.contains { mine in others.allSatisfy { $0.metadata(for: mine.name) != nil } }
  }

  /// Each member votes for the first of its ways that all support; the most votes win, the earlier on a tie.
  var chosenProtocol: String? {
    var ballots: [(name: String, votes: Int)] = []
    for member in members {
      guard
        let vote = member.protocols.first(where: { mine in members.allSatisfy { $0.metadata(for: mine.name) != nil } })
      else { continue }
      if let at = ballots.firstIndex(where: { $0.name == vote.name }) {
        ballots[at].votes += 1
      } else {
        ballots.append((vote.name, 1))
      }
    }
    var best: (name: String, votes: Int)?
    for ballot in ballots where ballot.votes > best?.votes ?? 0 { best = ballot }
    return best?.name
  }
}
