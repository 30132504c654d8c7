import Clockwork

/// Coming in and going out.
extension Group {
  mutating func join(_ request: JoinRequest, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    if isDead { return asker.refuse(.coordinatorNotAvailable, member: request.member, &fx) }
    if roster != nil {
      // Somebody is in it by the new protocol, or nobody is: only then it may become a classic one.
      guard request.member.isEmpty, becomeClassic(&ledger, fx.now) else {
        let isAlone = roster?.members.isEmpty == true
        return asker.refuse(isAlone ? .unknownMemberID : .inconsistentGroupProtocol, member: request.member, &fx)
      }
    }
    guard supports(request) else { return asker.refuse(.inconsistentGroupProtocol, member: request.member, &fx) }
    if request.member.isEmpty {
      joinAnew(request, asker, &ledger, &fx)
    } else {
      joinAgain(request, asker, &ledger, &fx)
    }
    completeJoinIfAllCame(&ledger, &fx)
  }

  /// A member without an id: a new one, or a static one after a restart.
  private mutating func joinAnew(
    _ request: JoinRequest, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    if let instance = request.instance, let place = place(ofInstance: instance) {
      guard members[place].lastJoin != asker else { return answerDoubled(place, asker, &fx) }
      return replace(place, request, asker, &ledger, &fx)
    }
    // The same question again, doubled on the way, gets the same id.
    if let candidate = candidates.first(where: { $0.asker == asker }) {
      return asker.refuse(.memberIDRequired, member: candidate.id, &fx)
    }
    guard members.count + candidates.count < ledger.setup.maxMembers else {
      return asker.refuse(.groupMaxSizeReached, &fx)
    }
    let id = ledger.mintMember(for: request.instance ?? request.client(asker))
    if request.instance != nil { return add(id, request, asker, &ledger, &fx) }
    candidates.append(Candidate(id: id, asker: asker, deadline: fx.now + request.sessionTimeout))
    asker.refuse(.memberIDRequired, member: id, &fx)
  }

  private mutating func joinAgain(
    _ request: JoinRequest, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    if request.instance == nil, let place = candidates.firstIndex(where: { $0.id == request.member }) {
      candidates.remove(at: place)
      return add(request.member, request, asker, &ledger, &fx)
    }
    let place: Int
    switch validate(member: request.member, instance: request.instance) {
    case .success(let found): place = found
    case .failure(let error): return asker.refuse(error, member: request.member, &fx)
    }
    // Doubled or overtaken on the way: it was answered, or its successor will be.
    if let last = members[place].lastJoin, asker == last || asker.precedes(last) { return }
    let isSame = members[place].protocols == request.protocols
    switch state {
    case .preparingRebalance:
      update(place, request)
      hold(place, asker, &fx)
    case .completingRebalance where isSame:
      // The answer to its join was lost.
      members[place].lastJoin = asker
      heard(from: place, fx.now)
      asker.answer(.joined(welcome(place)), &fx)
    case .stable where isSame && members[place].id != leader:
      members[place].lastJoin = asker
      heard(from: place, fx.now)
      asker.answer(.joined(welcome(place)), &fx)
    case .completingRebalance, .stable:
      update(place, request)
      hold(place, asker, &fx)
      prepareRebalance(because: "\(request.member) joins again", &ledger, &fx)
    case .empty, .dead:
      asker.refuse(.unknownMemberID, member: request.member, &fx)
    }
  }

  private mutating func add(
    _ id: String, _ request: JoinRequest, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    if members.isEmpty { protocolType = request.protocolType }
    members.append(
      Member(
        id: id, instance: request.instance, client: request.client(asker), host: request.host(asker),
        sessionTimeout: request.sessionTimeout,
        rebalanceTimeout: request.rebalanceTimeout, protocols: request.protocols,
        deadline: fx.now + GroupSetup.newMemberTimeout))
    if leader == nil { leader = id }
    hold(members.count - 1, asker, &fx)
    if case .preparingRebalance(let deadline, var gathering?) = state {
      gathering.sawNewMember = true
      state = .preparingRebalance(deadline: deadline, gathering: gathering)
    }
    prepareRebalance(because: "\(id) joins", &ledger, &fx)
  }

  private mutating func update(_ place: Int, _ request: JoinRequest) {
    members[place].protocols = request.protocols
    members[place].sessionTimeout = request.sessionTimeout
    members[place].rebalanceTimeout = request.rebalanceTimeout
  }

  /// Keeps the question until the generation is complete. One question a member: an older one is sent away.
  private mutating func hold(_ place: Int, _ asker: Asker, _ fx: inout BrokerEffects) {
    if let older = members[place].heldJoin, older != asker {
      older.refuse(.rebalanceInProgress, member: members[place].id, &fx)
    }
    members[place].heldJoin = asker
    members[place].lastJoin = asker
  }

  /// A static member's nameless join came twice. Held: once is enough. Answered: the second answer is the same.
  private mutating func answerDoubled(_ place: Int, _ asker: Asker, _ fx: inout BrokerEffects) {
    guard members[place].heldJoin == nil else { return }
    switch state {
    case .stable, .completingRebalance:
      var joined = welcome(place)
      joined.skipAssignment = state == .stable && leader == joined.member
      asker.answer(.joined(joined), &fx)
    case .preparingRebalance: hold(place, asker, &fx)
    case .empty, .dead: asker.refuse(.unknownMemberID, &fx)
    }
  }

  /// A static member is back from a restart: it takes its old place under a new id, and whoever still uses the old id
  /// is fenced. The group does not rebalance unless its way of sharing changes (KIP-345).
  private mutating func replace(
    _ place: Int, _ request: JoinRequest, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    let old = members[place].id
    let new = ledger.mintMember(for: request.instance ?? request.client(asker))
    fx.note("group \(id): \(new) takes the place of \(old)")
    members[place].heldJoin?.refuse(.fencedInstanceID, member: old, &fx)
    members[place].heldSync?.refuse(.fencedInstanceID, member: old, &fx)
    members[place].heldJoin = nil
    members[place].heldSync = nil
    members[place].id = new
    members[place].client = request.client(asker)
    members[place].host = request.host(asker)
    members[place].lastJoin = asker
    update(place, request)
    heard(from: place, fx.now)
    if leader == old { leader = new }
    if state == .stable, chosenProtocol == protocolName {
      ledger.append(
        [.group(id, snapshot)], of: id, for: .replacement(member: new, generation: generation, asker), at: fx.now)
      return
    }
    // The leader may already be sharing out to the old id: the new one would be left without.
    hold(place, asker, &fx)
    prepareRebalance(because: "\(new) takes a place while the group rebalances", &ledger, &fx)
  }

  mutating func replaced(
    _ member: String, _ generation: Int32, _ asker: Asker, _ error: BrokerError?, _ fx: inout BrokerEffects
  ) {
    if let error { return asker.refuse(error, &fx) }
    guard let place = place(of: member) else { return asker.refuse(.unknownMemberID, &fx) }
    guard state == .stable, self.generation == generation else {
      return asker.refuse(.rebalanceInProgress, member: member, &fx)
    }
    var joined = welcome(place)
    joined.skipAssignment = leader == member
    asker.answer(.joined(joined), &fx)
  }

  mutating func leave(_ claim: GroupClaim, _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects) {
    if isDead { return asker.refuse(.coordinatorNotAvailable, member: claim.member, &fx) }
    if roster != nil { return removeMember(claim, asker, &ledger, &fx) }
    if let place = candidates.firstIndex(where: { $0.id == claim.member }) {
      candidates.remove(at: place)
      asker.answer(.ok, &fx)
      return completeJoinIfAllCame(&ledger, &fx)
    }
    var found = validate(member: claim.member, instance: claim.instance)
    if claim.member.isEmpty, let instance = claim.instance, let place = place(ofInstance: instance) {
      found = .success(place)
    }
    switch found {
    case .success(let place):
      asker.answer(.ok, &fx)
      remove([members[place].id], because: "left", &ledger, &fx)
    case .failure(let error):
      asker.refuse(error, member: claim.member, &fx)
    }
  }

  /// Takes members out and lets the rest share anew.
  mutating func remove(
    _ ids: [String], because reason: String, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    for id in ids {
      fx.note("group \(self.id): \(id) \(reason)")
      drop(id, &fx)
    }
    prepareRebalance(because: "\(ids.joined(separator: ", ")) \(reason)", &ledger, &fx)
    completeJoinIfAllCame(&ledger, &fx)
  }

  /// Takes a member out without further consequence; what it waits for is refused.
  mutating func drop(_ member: String, _ fx: inout BrokerEffects) {
    guard let place = place(of: member) else { return }
    let gone = members.remove(at: place)
    gone.heldJoin?.refuse(.unknownMemberID, member: gone.id, &fx)
    gone.heldSync?.refuse(.unknownMemberID, member: gone.id, &fx)
    if leader == member { leader = members.first?.id }
  }
}

extension JoinRequest {
  fileprivate func client(_ asker: Asker) -> String { clientID.isEmpty ? asker.node.description : clientID }
  fileprivate func host(_ asker: Asker) -> String { clientHost.isEmpty ? asker.node.description : clientHost }
}
