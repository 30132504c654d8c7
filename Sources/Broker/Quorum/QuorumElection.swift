public import Clockwork

// How a voter finds or becomes a leader.

extension Quorum {
  /// Enters a later epoch without knowing its leader.
  mutating func enter(_ newer: QuorumEpoch, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    let hadClock = role == .unattached || role == .voted
    leaveRole()
    epoch = newer
    disk.write(QuorumVote(newer, nil))
    role = .unattached
    // A candidate that cannot win must not be able to postpone everybody else's election for ever.
    if !hadClock { deadline = electionDeadline(&fx) }
  }

  /// Follows `leader`, which leads `newer` for certain: at most one does.
  mutating func follow(_ leader: NodeID, _ newer: QuorumEpoch, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    guard leader != me, setup.voters.contains(leader) else { return }
    leaveRole()
    if newer > epoch {
      epoch = newer
      disk.write(QuorumVote(newer, nil))
    }
    role = .follower(of: leader)
    deadline = fetchDeadline(&fx)
    fetch(from: leader, disk, &fx)
    fx.note("follows controller \(leader) in epoch \(newer)")
  }

  /// Takes in the sender's view of epoch and leader. True when it is the leader that this voter follows.
  mutating func learn(
    _ theirs: QuorumEpoch, leader: NodeID?, from sender: NodeID, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) -> Bool {
    guard theirs >= epoch else { return false }
    if theirs > epoch {
      if let leader, leader != me { follow(leader, theirs, &disk, &fx) } else { enter(theirs, &disk, &fx) }
      return false
    }
    switch role {
    case .follower(sender):
      if leader == sender { return true }
      if leader == nil { leaderResigned(&fx) }
      return false
    case .unattached, .voted, .candidate:
      if let leader { follow(leader, theirs, &disk, &fx) }
    case .prospective:
      // Others may not have noticed yet that the leader is silent: only its own word counts.
      if leader == sender { follow(sender, theirs, &disk, &fx) }
    case .follower, .leader, .resigned:
      break
    }
    return false
  }

  /// The leader of this epoch stopped: no point in waiting for the fetch time-out.
  mutating func leaderResigned(_ fx: inout BrokerEffects) {
    leaveRole()
    role = .voted
    deadline = fx.now + jitter(setup.electionTimeout / 4, &fx)
  }

  /// A voter's process is gone: if it led, somebody else has to.
  public mutating func lose(_ voter: NodeID, _ fx: inout BrokerEffects) {
    guard role == .follower(of: voter) else { return }
    fx.note("is told that the controller \(voter) is gone")
    leaderResigned(&fx)
    arm(&fx)
  }

  /// Steps down on purpose: asks the others to elect, and lets them go first.
  public mutating func resign(_ fx: inout BrokerEffects) {
    guard isLeader else { return }
    fx.note("resigns as controller of epoch \(epoch)")
    leaveRole()
    role = .resigned
    deadline = electionDeadline(&fx)
    for voter in setup.voters where voter != me { fx.send(.quorum(.endEpoch(epoch)), to: voter) }
    arm(&fx)
  }

  private mutating func leaveRole() {
    votes = []
    progress = []
    retry = .never
  }
}

// Standing for election.

extension Quorum {
  mutating func becomeProspective(_ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    leaveRole()
    deadline = electionDeadline(&fx)
    guard setup.voters.contains(me) else { return }
    role = .prospective
    votes = [me]
    if hasMajority { return becomeCandidate(&disk, &fx) }
    for voter in setup.voters where voter != me { fx.send(.quorum(ballot(disk, pre: true)), to: voter) }
  }

  private mutating func becomeCandidate(_ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    leaveRole()
    epoch = epoch.next
    disk.write(QuorumVote(epoch, me))
    role = .candidate
    deadline = electionDeadline(&fx)
    fx.note("stands for controller in epoch \(epoch)")
    // The own vote is a vote like any other: it counts when it can no longer be forgotten.
    let token = fx.sync(through: disk.position)
    let ballot = ballot(disk, pre: false)
    for voter in setup.voters where voter != me {
      fx.send(.quorum(ballot), to: voter, after: setup.rules.durableVotes ? token : nil)
    }
    guard !setup.rules.durableVotes else { return }
    votes = [me]
    if hasMajority { becomeLeader(&disk, &fx) }
  }

  mutating func becomeLeader(_ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    leaveRole()
    role = .leader
    progress = setup.voters.filter { $0 != me }.map { Progress(follower: $0, lastFetch: fx.now) }
    reignStart = disk.log.endOffset
    fx.note("leads the controller quorum in epoch \(epoch)")
    for one in progress { fx.send(.quorum(.beginEpoch(epoch)), to: one.follower) }
    retry = fx.now + setup.quorumFetchTimeout / 2
    deadline = progress.isEmpty ? .never : fx.now + checkQuorumTimeout
    _ = propose([.leaderChange], &disk, &fx)
  }

  private func ballot(_ disk: borrowing QuorumDisk, pre: Bool) -> QuorumMessage {
    .vote(epoch, lastEpoch: disk.log.lastEpoch, lastOffset: disk.log.endOffset, pre: pre)
  }
}

// Voting.

extension Quorum {
  mutating func answerVote(
    _ theirs: QuorumEpoch, _ end: QuorumEpochEnd, from candidate: NodeID, _ disk: inout QuorumDisk,
    _ fx: inout BrokerEffects
  ) {
    if theirs > epoch { enter(theirs, &disk, &fx) }
    let voted = disk.vote.votedFor
    let free = role == .unattached && voted == nil || role == .voted && voted == candidate
    guard theirs == epoch, free, isUpToDate(end, disk) else {
      fx.send(.quorum(.voteAnswer(epoch, granted: false, leader: leader, pre: false)), to: candidate)
      return
    }
    if voted == nil { fx.note("votes for \(candidate) in epoch \(epoch)") }
    disk.write(QuorumVote(epoch, candidate))
    role = .voted
    deadline = electionDeadline(&fx)
    let granted = QuorumMessage.voteAnswer(epoch, granted: true, leader: nil, pre: false)
    if setup.rules.durableVotes {
      sendWhenDurable(granted, to: candidate, disk, &fx)
    } else {
      _ = fx.sync(through: disk.position)
      fx.send(.quorum(granted), to: candidate)
    }
  }

  /// Promises nothing, so nothing is written. No while a leader is in touch: a voter that was cut off must not depose
  /// it (KIP-996).
  mutating func answerPreVote(
    _ theirs: QuorumEpoch, _ end: QuorumEpochEnd, from candidate: NodeID, _ disk: inout QuorumDisk,
    _ fx: inout BrokerEffects
  ) {
    if theirs > epoch { enter(theirs, &disk, &fx) }
    let granted = theirs == epoch && leader == nil && isUpToDate(end, disk)
    fx.send(.quorum(.voteAnswer(epoch, granted: granted, leader: leader, pre: true)), to: candidate)
  }

  mutating func countVote(
    _ theirs: QuorumEpoch, granted: Bool, leader: NodeID?, pre: Bool, from voter: NodeID, _ disk: inout QuorumDisk,
    _ fx: inout BrokerEffects
  ) {
    let asked = role == (pre ? .prospective : .candidate)
    guard theirs == epoch, granted, asked else {
      _ = learn(theirs, leader: leader, from: voter, &disk, &fx)
      return
    }
    if !votes.contains(voter) { votes.append(voter) }
    guard hasMajority else { return }
    if pre { becomeCandidate(&disk, &fx) } else { becomeLeader(&disk, &fx) }
  }

  mutating func beginEpoch(
    _ theirs: QuorumEpoch, of sender: NodeID, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    if theirs < epoch {
      // Tells a leader that was deposed without noticing.
      fx.send(.quorum(.epochIs(epoch, leader: leader)), to: sender)
    } else if theirs == epoch, role == .follower(of: sender) {
      fetch(from: sender, disk, &fx)
    } else if theirs > epoch || !isLeader && role != .resigned {
      follow(sender, theirs, &disk, &fx)
    }
  }

  /// Raft section 5.4.1: the later last epoch wins, then the longer log.
  private func isUpToDate(_ end: QuorumEpochEnd, _ disk: borrowing QuorumDisk) -> Bool {
    guard setup.rules.upToDateCandidates else { return true }
    let lastEpoch = disk.log.lastEpoch
    return end.epoch == lastEpoch ? end.endOffset >= disk.log.endOffset : end.epoch > lastEpoch
  }
}
