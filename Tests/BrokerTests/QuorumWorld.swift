import Clockwork

@testable import Broker

/// A few quorum voters with their controllers in a tiny deterministic world: one queue, one pair of dice.
///
/// Watches after every event that no epoch has two leaders and that what was committed stays as it was; what it sees
/// goes to `violations`.
final class QuorumWorld {
  enum Happening {
    case message(BrokerMessage, from: NodeID)
    case timer(BrokerTimer)
    case durable(SyncToken)
  }

  struct Appointment {
    var at: Instant
    var number: Int
    var node: NodeID
    /// The process it is meant for; messages reach any.
    var life: Int?
    var happening: Happening
  }

  struct Voter {
    var disk = QuorumDisk()
    var quorum: Quorum
    var controller: Controller
    var image = MetadataImage()
    var running = true
    var life = 0
    /// Committed entries of this process that were compared.
    var compared: Int64 = 0
    var held: [(message: BrokerMessage, to: NodeID, after: SyncToken)] = []
  }

  var setup: BrokerSetup
  var voters: [NodeID: Voter] = [:]
  var now = Instant.start
  var dice: Dice
  var choices: Choices
  var queue: [Appointment] = []
  var scheduled = 0

  /// In a thousand.
  var loss = 0
  var duplication = 0
  /// Longest message delay; the shortest is 1 ms.
  var delay = Interval.milliseconds(1)
  var syncDelay = Interval.milliseconds(1)
  /// Messages for which this holds do not arrive, not even those on their way.
  var cut: (NodeID, NodeID) -> Bool = { _, _ in false }

  var leaders: [QuorumEpoch: NodeID] = [:]
  var committed: [QuorumEntry] = []
  var violations: [String] = []
  var story: [String] = []
  var replies: [CorrelationID: ControllerReply] = [:]
  var asked: UInt32 = 0
  var incarnations: UInt64 = 0

  /// Boots `count` voters. Without a seed every choice is 0.
  init(
    _ count: Int32 = 3, seed: UInt64? = nil, rules: ReplicationRules = .kafka, firstElection: Interval? = nil
  ) {
    setup = BrokerSetup(voters: (1...count).map { NodeID($0) })
    setup.rules = rules
    setup.firstElection = firstElection
    dice = Dice(seed: seed ?? 0)
    choices = seed.map { Choices(seed: $0 &+ 1) } ?? Choices(script: [])
    for id in setup.voters { boot(id) }
  }

  // MARK: The operator

  func boot(_ id: NodeID) {
    var fx = BrokerEffects(me: id, now: now, choices: choices, narrating: true)
    var disk = voters[id]?.disk ?? QuorumDisk()
    let quorum = Quorum(me: id, setup: setup, recovering: &disk, &fx)
    let life = (voters[id]?.life ?? 0) + 1
    voters[id] = Voter(disk: disk, quorum: quorum, controller: Controller(me: id, setup: setup), life: life)
    carryOut(id, fx)
  }

  func crash(_ id: NodeID, losingPower: Bool = false) {
    voters[id]!.running = false
    voters[id]!.held = []
    if losingPower { voters[id]!.disk.losePower(&choices) }
  }

  func restart(_ id: NodeID) {
    guard !voters[id]!.running else { return }
    boot(id)
  }

  /// Cuts `side` off from every other voter.
  func isolate(_ side: NodeID...) {
    cut = { !$0.isClient && side.contains($0) != side.contains($1) }
  }
  func heal() { cut = { _, _ in false } }

  func run(_ interval: Interval) {
    let end = now + interval
    while let next = nextIndex(), queue[next].at <= end { step(next) }
    now = end
  }

  /// Runs until `condition` holds; false when it does not within `limit`.
  func run(until condition: (QuorumWorld) -> Bool, within limit: Interval = .seconds(60)) -> Bool {
    let end = now + limit
    while !condition(self) {
      guard let next = nextIndex(), queue[next].at <= end else { return false }
      step(next)
    }
    return true
  }

  /// The leader of the latest epoch, if it runs.
  var leader: NodeID? {
    setup.voters.filter { voters[$0]!.running && voters[$0]!.quorum.isLeader }
      .max { voters[$0]!.quorum.epoch < voters[$1]!.quorum.epoch }
  }

  var controller: NodeID? { setup.voters.first { voters[$0]!.running && voters[$0]!.controller.isActive } }

  /// Lets `id` act as a program would that holds its quorum.
  func act(_ id: NodeID, _ body: (inout Voter, inout BrokerEffects) -> Void) {
    var fx = BrokerEffects(me: id, now: now, choices: choices, narrating: true)
    body(&voters[id]!, &fx)
    settle(id, &fx)
    carryOut(id, fx)
  }

  /// Sends a request to the active controller and gives its answer; nil when none comes in time.
  func ask(
    _ request: ControllerRequest, from sender: NodeID = .client(1), at node: NodeID? = nil,
    within limit: Interval = .seconds(5)
  ) -> ControllerReply? {
    guard let node = node ?? controller else { return nil }
    asked += 1
    let id = CorrelationID(asked)
    schedule(now, node, life: nil, .message(.toController(request, id), from: sender))
    _ = run(until: { $0.replies[id] != nil }, within: limit)
    return replies[id]
  }

  /// Registers `broker` anew, as a process does at its start, and lets it be unfenced.
  func join(_ broker: NodeID, cleanShutdown: Bool = true) -> BrokerEpoch? {
    guard let epoch = register(broker, cleanShutdown: cleanShutdown) else { return nil }
    let answer = ask(.heartbeat(epoch, caughtUpTo: epoch.rawValue + 1, wantsToStop: false), from: broker)
    return answer == .heartbeat(fenced: false, mayStop: false) ? epoch : nil
  }

  func register(_ broker: NodeID, cleanShutdown: Bool = true) -> BrokerEpoch? {
    incarnations += 1
    let answer = ask(.register(incarnation: incarnations, cleanShutdown: cleanShutdown), from: broker)
    guard case .registered(let epoch) = answer else { return nil }
    return epoch
  }

  /// The controller's committed image.
  var image: MetadataImage { controller.map { voters[$0]!.image } ?? MetadataImage() }

  // MARK: The machinery

  private func nextIndex() -> Int? {
    queue.indices.min { (queue[$0].at, queue[$0].number) < (queue[$1].at, queue[$1].number) }
  }

  private func step(_ index: Int) {
    let next = queue.remove(at: index)
    now = max(now, next.at)
    guard let voter = voters[next.node], voter.running, next.life == nil || next.life == voter.life else { return }
    var fx = BrokerEffects(me: next.node, now: now, choices: choices, narrating: true)
    switch next.happening {
    case .message(_, let sender) where cut(sender, next.node):
      return
    case .message(.quorum(let message), let sender):
      if !message.isRoutine { story.append("\(sender) -> \(next.node) \(message.summary)") }
      voters[next.node]!.hear(message, from: sender, &fx)
    case .message(.toController(let request, let id), let sender):
      voters[next.node]!.hear(request, id, from: sender, &fx)
    case .timer(let timer):
      voters[next.node]!.hear(timer, &fx)
    case .durable(let token):
      voters[next.node]!.disk.synced(through: token.position)
      let ready = voters[next.node]!.held.filter { $0.after.position <= token.position }
      voters[next.node]!.held.removeAll { $0.after.position <= token.position }
      for one in ready { post(one.message, from: next.node, to: one.to) }
      voters[next.node]!.hear(token, &fx)
    case .message:
      break
    }
    settle(next.node, &fx)
    carryOut(next.node, fx)
  }

  private func settle(_ id: NodeID, _ fx: inout BrokerEffects) {
    // Before what is new is put away, too.
    watch(id)
    voters[id]!.follow(&fx, snapshotEvery: setup.snapshotRecords)
    watch(id)
  }

  private func carryOut(_ id: NodeID, _ fx: consuming BrokerEffects) {
    choices = fx.choices
    for note in fx.notes { story.append("\(id) \(note)") }
    let life = voters[id]!.life
    for (timer, at) in fx.timers { schedule(max(at, now), id, life: life, .timer(timer)) }
    for token in fx.syncs { schedule(now + syncDelay, id, life: life, .durable(token)) }
    for one in fx.outgoing {
      if let after = one.after {
        voters[id]!.held.append((one.message, one.to, after))
      } else {
        post(one.message, from: id, to: one.to)
      }
    }
  }

  private func post(_ message: BrokerMessage, from sender: NodeID, to receiver: NodeID) {
    if case .fromController(let reply, let id) = message {
      replies[id] = reply
      return
    }
    guard !dice.chance(perMille: loss) else { return }
    for _ in 0...(dice.chance(perMille: duplication) ? 1 : 0) {
      let late = Int64(dice.roll(UInt64(delay.nanoseconds)))
      let at = now + .milliseconds(1) + .nanoseconds(delay == .milliseconds(1) ? 0 : late)
      schedule(at, receiver, life: nil, .message(message, from: sender))
    }
  }

  private func schedule(_ at: Instant, _ node: NodeID, life: Int?, _ happening: Happening) {
    scheduled += 1
    queue.append(Appointment(at: at, number: scheduled, node: node, life: life, happening: happening))
  }

  private func watch(_ id: NodeID) {
    let voter = voters[id]!
    if voter.quorum.isLeader {
      let first = leaders[voter.quorum.epoch, default: id]
      leaders[voter.quorum.epoch] = first
      let violation = "epoch \(voter.quorum.epoch): \(first) and \(id) lead"
      if first != id, !violations.contains(violation) { violations.append(violation) }
    }
    compareCommitted(id, from: voter.compared)
    voters[id]!.compared = max(voter.compared, voter.quorum.highWatermark)
  }

  /// Every voter holds the entries that anyone held to be committed, as far as it knows of them itself.
  func compareCommitted(_ id: NodeID, from start: Int64 = 0) {
    guard let voter = voters[id], start < voter.quorum.highWatermark else { return }
    var start = start
    if let snapshot = voter.disk.log.snapshot, start < snapshot.offset {
      guard Self.image(of: committed.prefix(Int(snapshot.offset))) == snapshot.image,
        committed[Int(snapshot.offset) - 1].epoch == snapshot.epoch
      else { return violations.append("\(id) has another snapshot up to \(snapshot.offset)") }
      start = snapshot.offset
    }
    for offset in start..<voter.quorum.highWatermark {
      guard let entry = voter.disk.log[offset] else { return violations.append("\(id) has lost \(offset)") }
      if offset >= committed.count {
        committed.append(entry)
      } else if committed[Int(offset)] != entry {
        return violations.append("\(id) committed another entry at \(offset)")
      }
    }
  }
}

extension QuorumWorld {
  /// What entries from the first one on amount to.
  static func image(of entries: some Sequence<QuorumEntry>) -> MetadataImage {
    var disk = QuorumDisk()
    disk.append(Array(entries))
    var image = MetadataImage()
    _ = image.catchUp(disk, to: disk.log.endOffset)
    return image
  }
}

extension QuorumWorld.Voter {
  mutating func hear(_ message: QuorumMessage, from sender: NodeID, _ fx: inout BrokerEffects) {
    quorum.on(message, from: sender, &disk, &fx)
  }

  mutating func hear(
    _ request: ControllerRequest, _ id: CorrelationID, from sender: NodeID, _ fx: inout BrokerEffects
  ) {
    controller.on(request, id, from: sender, &quorum, &disk, &fx)
  }

  mutating func hear(_ timer: BrokerTimer, _ fx: inout BrokerEffects) {
    switch timer {
    case .quorum(let timer): quorum.onTimer(timer, &disk, &fx)
    case .controller(let timer): controller.onTimer(timer, &quorum, &disk, &fx)
    default: break
    }
  }

  mutating func hear(_ token: SyncToken, _ fx: inout BrokerEffects) { quorum.onDurable(token, &disk, &fx) }

  mutating func follow(_ fx: inout BrokerEffects, snapshotEvery records: Int64) {
    _ = image.catchUp(disk, to: quorum.highWatermark)
    disk.compact(to: image, every: records)
    controller.follow(&quorum, &disk, committed: image, &fx)
  }
}
