import Clockwork

extension ConsumerHeartbeat {
  static let maxTopics = 10_000

  /// What no coordinator would accept, whatever the group (Kafka's rules).
  var fault: BrokerError? {
    if instance?.isEmpty == true || rack?.isEmpty == true { return .invalidRequest }
    if member.utf8.count > 256 || (topics?.count ?? 0) > Self.maxTopics { return .invalidRequest }
    if let assignor, ServerAssignor(rawValue: assignor) == nil { return .unsupportedAssignor }
    if let pattern, !pattern.isEmpty, TopicPattern(pattern) == nil { return .invalidRegularExpression }
    switch epoch {
    case Self.joining:
      return rebalanceTimeout == nil || owned?.isEmpty != true || topics == nil && pattern == nil
        ? .invalidRequest : nil
    case Self.leaving: return member.isEmpty ? .invalidRequest : nil
    case Self.leavingForNow: return member.isEmpty || instance == nil ? .invalidRequest : nil
    case 1...: return member.isEmpty ? .invalidRequest : nil
    default: return .invalidRequest
    }
  }

  /// Says everything, and so is told everything.
  fileprivate var isWhole: Bool {
    epoch == Self.joining || rebalanceTimeout != nil && (topics != nil || pattern != nil) && owned != nil
  }
}

extension ConsumerRoster {
  /// One heartbeat: lets the member in or out, shares anew if that or the topics call for it, and brings the member a
  /// step nearer to its share.
  mutating func hear(
    _ heartbeat: ConsumerHeartbeat, _ topics: GroupTopics, _ setup: GroupSetup, _ ledger: inout GroupLedger,
    _ changes: inout RosterChanges, _ now: Instant
  ) -> Result<ConsumerHeartbeatAnswer, BrokerError> {
    guard heartbeat.epoch >= ConsumerHeartbeat.joining else { return farewell(heartbeat, setup, &changes, now) }
    let place: Int
    let isNew: Bool
    switch admit(heartbeat, setup, &ledger, &changes) {
    case .success(let admitted): (place, isNew) = admitted
    case .failure(let error): return .failure(error)
    }
    let before = members[place]
    members[place].adopt(heartbeat)
    let said = members[place]
    let subscribesAnew = isNew || said.topics != before.topics || said.pattern != before.pattern
    if isNew || said.description != before.description { changes.describe(said) }
    growEpoch(subscribesAnew, topics, &changes)
    if epoch > targetEpoch { changes.targets(makeTarget(topics), of: self) }
    if reconcile(place, owned: heartbeat.owned) || isNew || members[place].current != before.current {
      changes.current(members[place])
    }
    members[place].deadline = now + setup.consumerSessionTimeout
    if members[place].phase != .unrevoked {
      members[place].revokeBy = .never
    } else if members[place].revoking != before.revoking {
      members[place].revokeBy = now + members[place].rebalanceTimeout
    }
    let member = members[place]
    let tells = heartbeat.isWhole || heartbeat.epoch != before.epoch || member.partitions != before.partitions
    return .success(
      ConsumerHeartbeatAnswer(
        member: member.id, epoch: member.epoch, interval: setup.consumerHeartbeatInterval,
        assignment: tells ? member.partitions : nil))
  }

  private mutating func growEpoch(_ isDue: Bool, _ topics: GroupTopics, _ changes: inout RosterChanges) {
    var isDue = isDue
    if isDue || seenTopics != topics.version {
      let hash = hash(of: topics)
      isDue = isDue || hash != topicsHash
      topicsHash = hash
      seenTopics = topics.version
    }
    guard isDue else { return }
    epoch += 1
    changes.epoch(of: self)
  }

  // MARK: In and out

  private mutating func admit(
    _ heartbeat: ConsumerHeartbeat, _ setup: GroupSetup, _ ledger: inout GroupLedger, _ changes: inout RosterChanges
  ) -> Result<(place: Int, isNew: Bool), BrokerError> {
    let isJoining = heartbeat.epoch == ConsumerHeartbeat.joining
    if let instance = heartbeat.instance, let place = place(ofInstance: instance), members[place].id != heartbeat.member
    {
      guard isJoining else { return .failure(.fencedInstanceID) }
      // Only one that has said it will be back makes room (unlike the classic protocol, where the last to come wins).
      guard members[place].isAway else { return .failure(.unreleasedInstanceID) }
      return .success((replace(place, heartbeat.member, &ledger, &changes), false))
    }
    if let place = place(of: heartbeat.member) {
      if let error = members[place].refusal(of: heartbeat) { return .failure(error) }
      if members[place].isAway { members[place].epoch = 0 }
      return .success((place, false))
    }
    guard isJoining else { return .failure(.unknownMemberID) }
    guard members.count < setup.maxMembers else { return .failure(.groupMaxSizeReached) }
    let id = heartbeat.member.isEmpty ? ledger.mintMember(for: heartbeat.instance ?? "consumer") : heartbeat.member
    return .success((insert(Member(id)), true))
  }

  /// A static member is back under a new id, and has what the old one had.
  private mutating func replace(
    _ place: Int, _ id: String, _ ledger: inout GroupLedger, _ changes: inout RosterChanges
  ) -> Int {
    var member = members.remove(at: place)
    let target = target(of: member.id)
    setTarget(nil, of: member.id)
    changes.remove(member.id)
    member.id = id.isEmpty ? ledger.mintMember(for: member.instance ?? "consumer") : id
    member.epoch = 0
    member.previousEpoch = 0
    member.lastAsker = nil
    setTarget(target, of: member.id)
    changes.describe(member)
    changes.targets([Target(member: member.id, partitions: target)], of: self)
    return insert(member)
  }

  private mutating func farewell(
    _ heartbeat: ConsumerHeartbeat, _ setup: GroupSetup, _ changes: inout RosterChanges, _ now: Instant
  ) -> Result<ConsumerHeartbeatAnswer, BrokerError> {
    if let instance = heartbeat.instance {
      guard let place = place(ofInstance: instance) else { return .failure(.unknownMemberID) }
      guard members[place].id == heartbeat.member else { return .failure(.fencedInstanceID) }
    }
    guard let place = place(of: heartbeat.member) else { return .failure(.unknownMemberID) }
    if heartbeat.epoch == ConsumerHeartbeat.leavingForNow {
      members[place].epoch = ConsumerHeartbeat.leavingForNow
      members[place].phase = .stable
      members[place].revoking = []
      members[place].revokeBy = .never
      members[place].deadline = now + setup.consumerSessionTimeout
      changes.current(members[place])
    } else {
      remove(heartbeat.member, &changes)
    }
    return .success(
      ConsumerHeartbeatAnswer(member: heartbeat.member, epoch: heartbeat.epoch, interval: .zero, assignment: nil))
  }

  /// Its partitions are free, and are shared out anew in the next heartbeat of anybody.
  mutating func remove(_ member: String, _ changes: inout RosterChanges) {
    guard let place = place(of: member) else { return }
    members.remove(at: place)
    setTarget(nil, of: member)
    epoch += 1
    changes.remove(member)
    changes.epoch(of: self)
  }
}

extension ConsumerRoster.Member {
  /// Why the member is to give up everything and join again.
  ///
  /// Epoch 0 says that it has (KAFKA-19233). The one before the last is believed while the member claims nothing that it
  /// was not given: the answer with the last may have been lost.
  fileprivate func refusal(of heartbeat: ConsumerHeartbeat) -> BrokerError? {
    if heartbeat.epoch == epoch || heartbeat.epoch == ConsumerHeartbeat.joining { return nil }
    guard heartbeat.epoch < epoch, heartbeat.epoch == previousEpoch, let owned = heartbeat.owned,
      owned.allSatisfy({ partition in assigned.contains { $0.partition == partition } })
    else { return .fencedMemberEpoch }
    return nil
  }

  fileprivate mutating func adopt(_ heartbeat: ConsumerHeartbeat) {
    if let instance = heartbeat.instance { self.instance = instance }
    if let rack = heartbeat.rack { self.rack = rack }
    if let rebalanceTimeout = heartbeat.rebalanceTimeout { self.rebalanceTimeout = rebalanceTimeout }
    if let topics = heartbeat.topics { self.topics = Set(topics).sorted() }
    if let pattern = heartbeat.pattern { self.pattern = pattern.isEmpty ? nil : pattern }
    if let assignor = heartbeat.assignor { self.assignor = assignor }
    client = heartbeat.clientID
    host = heartbeat.clientHost
  }
}
