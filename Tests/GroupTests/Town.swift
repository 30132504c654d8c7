import Broker
import Bytes
import Clockwork
import RecordLog

/// Two brokers that may coordinate, consumers that read and commit, and a network between them that a seed decides.
struct Town {
  /// What can go wrong on the way, in thousandths of all messages.
  struct Weather {
    var lost = 0
    var doubled = 0
    var late = 0
    static let fair = Weather()
    static let foul = Weather(lost: 20, doubled: 50, late: 100)
  }

  struct Consumer {
    var member: GroupMember
    var correlation: UInt32
    var positions: [GroupOffset] = []
    var isFrozen = false
    /// The wake that counts; others are echoes of earlier plans.
    var wakeAt = Instant.never
    var news: [GroupMemberNews] = []
  }

  enum Happening {
    case request(GroupRequest, CorrelationID, from: NodeID, broker: Int)
    case reply(GroupReply, CorrelationID, to: NodeID)
    case ring(broker: Int)
    case wake(NodeID)
    case settle(GroupAppendID, broker: Int)
    case resign(broker: Int, epoch: LeaderEpoch)
    case work(NodeID)
  }

  private(set) var now = Instant.start
  var dice: Dice
  var weather = Weather.fair
  private var agenda = Agenda<Happening>()
  private var coordinators = [GroupCoordinator(), GroupCoordinator()]
  private var epoch = LeaderEpoch(1)
  private var leader = 0
  private(set) var log: [Record] = []
  /// The last commit of each key.
  private var latest: [[UInt8]: (offset: Int64, generation: Int)] = [:]
  private(set) var consumers: [(id: NodeID, consumer: Consumer)] = []
  let sizes = [TopicSize("orders", 6)]
  /// Who was told to read a partition in a generation; a static member is known by its instance.
  private var owners: [String: String] = [:]
  /// What must not be.
  private(set) var broken: [String] = []

  init(seed: UInt64) {
    dice = Dice(seed: seed)
    act(0) { $0.begin(0, epoch: LeaderEpoch(1), &$1) }
    act(0) { $0.activate(0, &$1) }
  }

  // MARK: What a test does

  mutating func start(_ n: Int32, instance: String? = nil) {
    var setup = GroupMember.Setup(group: "riders", instance: instance, topics: ["orders"])
    setup.sessionTimeout = .seconds(10)
    setup.rebalanceTimeout = .seconds(20)
    setup.requestTimeout = .seconds(4)
    // A process's numbers must not repeat those of the one before: they grow with time.
    let correlation = UInt32(now.nanoseconds / 1_000_000) * 100 + 1
    consumers.removeAll { $0.id == .client(n) }
    consumers.append((.client(n), Consumer(member: GroupMember(setup), correlation: correlation)))
    tell(.client(n)) { $0.tick(&$1) }
    plan(.work(.client(n)), after: .milliseconds(300))
  }

  mutating func crash(_ n: Int32) { consumers.removeAll { $0.id == .client(n) } }
  mutating func leave(_ n: Int32) { tell(.client(n)) { $0.leave(&$1) } }
  mutating func freeze(_ n: Int32, _ frozen: Bool) {
    guard let place = place(.client(n)) else { return }
    consumers[place].consumer.isFrozen = frozen
    guard !frozen else { return }
    consumers[place].consumer.wakeAt = now + .milliseconds(50)
    plan(.wake(.client(n)), after: .milliseconds(50))
  }

  /// The other broker leads the offsets partition; the old one hears so only later.
  mutating func move() {
    plan(.resign(broker: leader, epoch: epoch), after: .milliseconds(500))
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

  func consumer(_ n: Int32) -> Consumer? { place(.client(n)).map { consumers[$0].consumer } }
  func reads(_ n: Int32) -> String {
    consumer(n)?.positions.map { String($0.partition.index) }.joined(separator: " ") ?? "gone"
  }
  var group: String { coordinators[leader].describe("riders")?.summary ?? "nowhere" }

  // MARK: What happens

  private func place(_ id: NodeID) -> Int? { consumers.firstIndex { $0.id == id } }

  private mutating func plan(_ what: Happening, after delay: Interval) { plan(what, at: now + delay) }
  private mutating func plan(_ what: Happening, at instant: Instant) {
    agenda.plan(what, at: max(instant, now))
  }

  private mutating func carry(_ what: Happening) {
    if dice.chance(perMille: weather.lost) { return }
    for _ in 0...(dice.chance(perMille: weather.doubled) ? 1 : 0) {
      let late = dice.chance(perMille: weather.late) ? Int64(dice.roll(6000)) : 0
      plan(what, after: .milliseconds(1 + Int64(dice.roll(4)) + late))
    }
  }

  private mutating func happen(_ what: Happening) {
    switch what {
    case .request(.findCoordinator, let id, let from, _):
      carry(.reply(.coordinator(NodeID(Int32(leader + 1))), id, to: from))
    case .request(let request, let id, let from, let broker):
      act(broker) { $0.on(request, id, from: from, &$1) }
    case .reply(let reply, let id, let to):
      if let place = place(to), consumers[place].consumer.isFrozen { return plan(what, after: .milliseconds(100)) }
      tell(to) { $0.on(reply, id, &$1) }
    case .ring(let broker): act(broker) { $0.onTimer(.due, &$1) }
    case .wake(let id):
      guard let place = place(id), !consumers[place].consumer.isFrozen, consumers[place].consumer.wakeAt == now
      else { return }
      consumers[place].consumer.wakeAt = .never
      tell(id) { $0.tick(&$1) }
    case .settle(let id, let broker):
      act(broker) { if id.epoch == $2 { $0.appended(id, &$1) } else { $0.failed(id, .notLeaderOrFollower, &$1) } }
    case .resign(let broker, let epoch):
      if broker != leader || epoch == self.epoch { act(broker) { $0.resign(0, &$1) } }
    case .work(let id): work(id)
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
    for timer in fx.timers { plan(.ring(broker: broker), at: timer.at) }
    for append in coordinators[broker].takeAppends() {
      if broker == leader { for record in append.records { keep(record) } }
      plan(.settle(append.id, broker: broker), after: .milliseconds(1 + Int64(dice.roll(10))))
    }
  }

  private mutating func act(_ broker: Int, _ body: (inout GroupCoordinator, inout BrokerEffects) -> Void) {
    act(broker) { coordinator, fx, _ in body(&coordinator, &fx) }
  }

  private mutating func tell(_ id: NodeID, _ body: (inout GroupMember, inout GroupMemberOutbox) -> Void) {
    guard let place = place(id) else { return }
    var out = GroupMemberOutbox(now: now, nextCorrelation: consumers[place].consumer.correlation)
    body(&consumers[place].consumer.member, &out)
    consumers[place].consumer.correlation = out.nextCorrelation
    for one in out.news {
      if case .committed = one { continue }
      consumers[place].consumer.news.append(one)
    }
    for sent in out.requests {
      let broker = sent.to.map { Int($0.rawValue) - 1 } ?? Int(dice.roll(2))
      carry(.request(sent.request, sent.correlation, from: id, broker: broker))
    }
    let wakeAt = max(out.wakeAt ?? .never, now)
    if wakeAt != .never, consumers[place].consumer.wakeAt != wakeAt {
      consumers[place].consumer.wakeAt = wakeAt
      plan(.wake(id), at: wakeAt)
    }
    for one in out.news { take(one, place) }
  }

  private mutating func take(_ news: GroupMemberNews, _ place: Int) {
    let (id, consumer) = consumers[place]
    switch news {
    case .assigned(let offsets):
      consumers[place].consumer.positions = offsets.map { offset in
        GroupOffset(partition: offset.partition, offset: max(0, offset.offset))
      }
      for offset in offsets { own(offset.partition, consumer.member) }
    case .revoke:
      commit(place)
      consumers[place].consumer.positions = []
      tell(id) { $0.released(&$1) }
    case .lost, .ended: consumers[place].consumer.positions = []
    case .needsMetadata:
      let sizes = sizes
      tell(id) { $0.know(sizes, &$1) }
    case .committed, .commitFailed: break
    }
  }

  private mutating func work(_ id: NodeID) {
    guard let place = place(id) else { return }
    for at in consumers[place].consumer.positions.indices {
      consumers[place].consumer.positions[at].offset += Int64(dice.roll(5))
    }
    if !consumers[place].consumer.isFrozen { commit(place) }
    plan(.work(id), after: .milliseconds(300))
  }

  /// Each commit carries its generation, for `keep` to see.
  private mutating func commit(_ place: Int) {
    let (id, consumer) = consumers[place]
    guard !consumer.positions.isEmpty else { return }
    let offsets = consumer.positions.map { position in
      GroupOffset(partition: position.partition, offset: position.offset, metadata: String(consumer.member.generation))
    }
    tell(id) { $0.commit(offsets, &$1) }
  }

  // MARK: What must not be

  private mutating func own(_ partition: TopicPartition, _ member: GroupMember) {
    let identity = member.setup.instance ?? member.memberID
    let key = "\(partition) in generation \(member.generation)"
    if let other = owners[key], other != identity { broken.append("\(key) is read by \(other) and \(identity)") }
    owners[key] = identity
  }

  /// In the log, a partition's commits never come from an earlier generation than the one before, and never go back.
  private mutating func keep(_ record: Record) {
    if let key = record.key, let new = Self.commit(in: record) {
      let old = latest[key] ?? new
      latest[key] = new
      if new.generation < old.generation {
        broken.append("generation \(new.generation) committed after \(old.generation)")
      }
      if new.offset < old.offset { broken.append("committed \(new.offset) after \(old.offset)") }
    }
    log.append(record)
  }

  private static func commit(in record: Record) -> (offset: Int64, generation: Int)? {
    guard let key = record.key, key.starts(with: [0, 1]), let value = record.value else { return nil }
    var reader = ByteReader(value)
    guard (try? reader.skip(2)) != nil, let offset = try? reader.read(Int64.self), (try? reader.skip(4)) != nil,
      let count = try? reader.read(Int16.self), let text = try? reader.readText(Int(count)), let generation = Int(text)
    else { return nil }
    return (offset, generation)
  }
}
