import Broker
import Clockwork
import RecordLog
import Testing

/// Two brokers that may coordinate, members of the new protocol, and a network between them that a seed decides.
///
/// A member here does what KIP-848 asks of one: speaks every second, stops reading what it is not given before it says
/// so, reads what it is given, gives up all when it is fenced, and commits where it stands.
struct HeartbeatTown {
  struct Member {
    var name: String
    var instance: String?
    var epoch: Int32 = 0
    var owned: [OwnedPartition] = []
    var positions: [OwnedPartition: Int64] = [:]
    var correlation: UInt32
    /// The question under way, and until when it is waited for.
    var asked: (id: CorrelationID, until: Instant)?
    /// It joins again, or its last answer was lost: it says all.
    var saysAll = true
    var isFrozen = false
  }

  enum Happening {
    case request(GroupRequest, CorrelationID, from: NodeID, broker: Int)
    case reply(GroupReply, CorrelationID, to: NodeID)
    case ring(broker: Int)
    case beat(NodeID)
    case settle(GroupAppendID, broker: Int, fails: Bool)
    case resign(broker: Int, epoch: LeaderEpoch)
  }

  private(set) var now = Instant.start
  var dice: Dice
  /// What is lost, doubled, late, and not appended, in thousandths.
  var weather = (lost: 0, doubled: 0, late: 0, refused: 0)
  private var agenda = Agenda<Happening>()
  private var coordinators = [GroupCoordinator(), GroupCoordinator()]
  private var epoch = LeaderEpoch(1)
  private var leader = 0
  private(set) var log: [Record] = []
  private(set) var members: [(id: NodeID, member: Member)] = []
  /// How far each partition was committed, in the order of the log.
  private var committed: [[UInt8]: Int64] = [:]
  private(set) var broken: [String] = []

  init(seed: UInt64) {
    dice = Dice(seed: seed)
    for broker in 0...1 {
      var setup = GroupSetup()
      setup.consumerHeartbeatInterval = .seconds(1)
      setup.consumerSessionTimeout = .seconds(10)
      coordinators[broker] = GroupCoordinator(setup)
      coordinators[broker].topics = .town
    }
    act(0) { $0.begin(0, epoch: LeaderEpoch(1), &$1) }
    act(0) { $0.activate(0, &$1) }
  }

  // MARK: What a test does

  mutating func start(_ n: Int32, instance: String? = nil) {
    // A process's name is new, and its numbers grow with time.
    let correlation = UInt32(now.nanoseconds / 1_000_000) * 100 + 1
    members.removeAll { $0.id == .client(n) }
    members.append((.client(n), Member(name: "m\(n)-\(agenda.planned)", instance: instance, correlation: correlation)))
    plan(.beat(.client(n)), after: .milliseconds(1))
  }

  mutating func crash(_ n: Int32) { members.removeAll { $0.id == .client(n) } }
  mutating func freeze(_ n: Int32, _ frozen: Bool) {
    if let place = place(.client(n)) { members[place].member.isFrozen = frozen }
  }

  mutating func leave(_ n: Int32) {
    guard let place = place(.client(n)) else { return }
    let member = members.remove(at: place).member
    let epoch = member.instance == nil ? ConsumerHeartbeat.leaving : ConsumerHeartbeat.leavingForNow
    let farewell = ConsumerHeartbeat(group: "riders", member: member.name, epoch: epoch, instance: member.instance)
    carry(.request(.consumerHeartbeat(farewell), CorrelationID(member.correlation), from: .client(n), broker: leader))
  }

  /// The other broker leads the offsets partition; the old one hears so only later.
  mutating func move() {
    plan(.resign(broker: leader, epoch: epoch), after: .milliseconds(500))
    // Connections do not outlive what they lead to: a commit from before cannot come after one from since.
    agenda.forget { if case .request = $0 { true } else { false } }
    leader = 1 - leader
    epoch = epoch.next
    let (epoch, log) = (epoch, log)
    act(leader) { $0.begin(0, epoch: epoch, &$1) }
    act(leader) { coordinator, _ in coordinator.load(0, log) }
    act(leader) { $0.activate(0, &$1) }
  }

  mutating func run(_ interval: Interval) {
    let end = now + interval
    while let next = agenda.next(until: end) {
      now = next.at
      happen(next.what)
    }
    now = end
  }

  var shares: [String: [OwnedPartition]] {
    Dictionary(uniqueKeysWithValues: members.map { ($0.member.name, $0.member.owned) })
  }

  // MARK: What happens

  private func place(_ id: NodeID) -> Int? { members.firstIndex { $0.id == id } }

  private mutating func plan(_ what: Happening, after delay: Interval) {
    agenda.plan(what, at: now + delay)
  }

  private mutating func carry(_ what: Happening) {
    if dice.chance(perMille: weather.lost) { return }
    for _ in 0...(dice.chance(perMille: weather.doubled) ? 1 : 0) {
      let late = dice.chance(perMille: weather.late) ? Int64(dice.roll(3000)) : 0
      plan(what, after: .milliseconds(1 + Int64(dice.roll(4)) + late))
    }
  }

  private mutating func happen(_ what: Happening) {
    switch what {
    case .request(let request, let id, let from, let broker):
      act(broker) { $0.on(request, id, from: from, &$1) }
    case .reply(let reply, let id, let to):
      if let place = place(to), members[place].member.isFrozen { return plan(what, after: .milliseconds(100)) }
      take(reply, id, to)
    case .ring(let broker): act(broker) { $0.onTimer(.due, &$1) }
    case .beat(let id):
      beat(id)
      if place(id) != nil { plan(what, after: .milliseconds(250)) }
    case .settle(let id, let broker, let fails):
      act(broker) {
        if fails {
          $0.failed(id, .notEnoughReplicas, &$1)
        } else if id.epoch == $2 {
          $0.appended(id, &$1)
        } else {
          $0.failed(id, .notLeaderOrFollower, &$1)
        }
      }
    case .resign(let broker, let epoch):
      if broker != leader || epoch == self.epoch { act(broker) { $0.resign(0, &$1) } }
    }
  }

  private mutating func act(
    _ broker: Int, _ body: (inout GroupCoordinator, inout BrokerEffects, LeaderEpoch) -> Void
  ) {
    var fx = BrokerEffects(me: NodeID(Int32(broker + 1)), now: now, choices: Choices(script: []))
    body(&coordinators[broker], &fx, epoch)
    for sent in fx.outgoing {
      if case .fromGroup(let reply, let id) = sent.message { carry(.reply(reply, id, to: sent.to)) }
    }
    for timer in fx.timers {
      agenda.plan(.ring(broker: broker), at: max(timer.at, now))
    }
    for append in coordinators[broker].takeAppends() {
      let fails = dice.chance(perMille: weather.refused)
      if broker == leader, !fails { for record in append.records { keep(record) } }
      plan(.settle(append.id, broker: broker, fails: fails), after: .milliseconds(1 + Int64(dice.roll(10))))
    }
  }

  private mutating func act(_ broker: Int, _ body: (inout GroupCoordinator, inout BrokerEffects) -> Void) {
    act(broker) { coordinator, fx, _ in body(&coordinator, &fx) }
  }

  // MARK: A member

  private mutating func beat(_ id: NodeID) {
    guard let place = place(id), !members[place].member.isFrozen else { return }
    var member = members[place].member
    for partition in member.owned {
      member.positions[partition, default: 0] += Int64(dice.roll(4))
    }
    if let asked = member.asked, asked.until > now {
      members[place].member = member
      return
    }
    // An answer that did not come may have held anything.
    if member.asked != nil { member.saysAll = true }
    let id = CorrelationID(member.correlation)
    member.correlation += 2
    member.asked = (id, now + .seconds(1))
    let isJoining = member.epoch == 0
    let heartbeat = ConsumerHeartbeat(
      group: "riders", member: member.name, epoch: member.epoch, instance: member.instance,
      rebalanceTimeout: member.saysAll || isJoining ? .seconds(6) : nil,
      topics: member.saysAll || isJoining ? ["orders", "riders"] : nil, owned: isJoining ? [] : member.owned)
    members[place].member = member
    let node = members[place].id
    carry(.request(.consumerHeartbeat(heartbeat), id, from: node, broker: leader))
    // The epoch goes with the offset, for `keep`.
    let offsets = member.owned.compactMap { partition in
      member.positions[partition].map { position in
        GroupOffset(
          partition: TopicPartition(partition.topic.low == 1 ? "orders" : "riders", partition.index), offset: position,
          metadata: member.name)
      }
    }
    guard !offsets.isEmpty else { return }
    let claim = GroupClaim(group: "riders", generation: member.epoch, member: member.name, instance: member.instance)
    carry(
      .request(
        .commitOffsets(claim, offsets: offsets), CorrelationID(member.correlation - 1), from: node, broker: leader))
  }

  private mutating func take(_ reply: GroupReply, _ id: CorrelationID, _ to: NodeID) {
    guard let place = place(to), let asked = members[place].member.asked, asked.id == id else { return }
    members[place].member.asked = nil
    switch reply {
    case .reconciled(let answer):
      members[place].member.epoch = answer.epoch
      members[place].member.saysAll = false
      if let assignment = answer.assignment { read(assignment, place) }
    case .refused(.unknownMemberID, _), .refused(.fencedMemberEpoch, _), .refused(.groupIDNotFound, _):
      members[place].member.epoch = 0
      members[place].member.saysAll = true
      read([], place)
    case .refused: members[place].member.saysAll = true
    default: broken.append("a heartbeat was answered by \(reply.summary)")
    }
  }

  /// A partition goes on where the group has committed it.
  private mutating func read(_ assignment: [OwnedPartition], _ place: Int) {
    var positions: [OwnedPartition: Int64] = [:]
    for partition in assignment {
      let name = TopicPartition(partition.topic.low == 1 ? "orders" : "riders", partition.index)
      positions[partition] = members[place].member.positions[partition] ?? offset(of: name)
    }
    members[place].member.owned = assignment
    members[place].member.positions = positions
  }

  private func offset(of partition: TopicPartition) -> Int64 {
    guard let offsets = coordinators[leader].committed(by: "riders") else { return 0 }
    return offsets.first { $0.partition == partition }?.offset ?? 0
  }

  // MARK: What must not be

  /// Of every two live members that were not fenced, at most one reads a partition.
  ///
  /// A member that was frozen or cut off for its session has lost its place without knowing it; its commits are fenced,
  /// which `keep` sees.
  mutating func checkExclusive(except suspects: Set<Int32>) {
    var owners: [OwnedPartition: String] = [:]
    for (id, member) in members where !suspects.contains(where: { id == .client($0) }) {
      for partition in member.owned {
        if let other = owners.updateValue(member.name, forKey: partition) {
          broken.append("at \(now), \(partition.topic.low)/\(partition.index) is read by \(other) and \(member.name)")
        }
      }
    }
  }

  /// In the log, a partition's commits never go back: a member that has lost it is fenced.
  private mutating func keep(_ record: Record) {
    log.append(record)
    guard let key = record.key, key.starts(with: [0, 1]), let value = record.value, value.count >= 10 else { return }
    let offset = value[2..<10].reduce(Int64(0)) { $0 << 8 | Int64($1) }
    if let old = committed[key], offset < old { broken.append("at \(now), committed \(offset) after \(old)") }
    committed[key] = offset
  }
}

@Suite("Consumer groups of the new protocol, whatever the weather")
struct HeartbeatWeather {
  static let seeds: ClosedRange<UInt64> = 1...40

  @Test("no partition is read twice, no commit goes back, and everything is read once it is calm", arguments: seeds)
  func weather(_ seed: UInt64) {
    var town = HeartbeatTown(seed: seed)
    for n in 1...3 { town.start(Int32(n), instance: n == 3 ? "three" : nil) }
    town.weather = (lost: 20, doubled: 50, late: 100, refused: 30)
    var dice = Dice(seed: seed &+ 1000)
    for _ in 0..<30 {
      let n = Int32(1 + dice.roll(5))
      switch dice.roll(8) {
      case 0: town.start(n, instance: n == 3 ? "three" : nil)
      case 1: town.crash(n)
      case 2: town.leave(n)
      case 3: town.move()
      case 4: town.freeze(n, true)
      case 5: town.freeze(n, false)
      default: break
      }
      town.run(.milliseconds(Int64(500 + dice.roll(3000))))
    }
    town.weather = (0, 0, 0, 0)
    for n in 1...5 { town.freeze(Int32(n), false) }
    town.start(1)
    town.run(.seconds(60))
    town.checkExclusive(except: [])
    #expect(town.broken == [], "seed \(seed)")
    let read = town.shares.values.flatMap { $0 }
    #expect(read.count == 9 && Set(read).count == 9, "seed \(seed): \(town.shares)")
  }

  @Test("without faults of members, no two read a partition at any instant", arguments: seeds)
  func exclusive(_ seed: UInt64) {
    var town = HeartbeatTown(seed: seed)
    town.weather = (lost: 20, doubled: 50, late: 100, refused: 30)
    var dice = Dice(seed: seed &+ 2000)
    for step in 0..<40 {
      if step % 8 == 0 { town.start(Int32(1 + step / 8)) }
      if dice.roll(8) == 0 { town.move() }
      town.run(.milliseconds(Int64(100 + dice.roll(600))))
      town.checkExclusive(except: [])
    }
    #expect(town.broken == [], "seed \(seed)")
  }
}
