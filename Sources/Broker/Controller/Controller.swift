public import Clockwork

/// Decides who is alive, who leads what and what topics there are (KIP-631).
///
/// Every broker has one; it acts only while its quorum voter leads and the reign's first record is committed. Decisions
/// are records in the metadata log. They are taken on an image that includes what this reign has proposed but not yet
/// committed, so that two requests in a row do not contradict each other, and answered when everything they rest on is
/// committed.
public struct Controller: Sendable {
  enum Reign: Hashable {
    /// Somebody else's turn. Can become awaiting.
    case idle
    /// Leads the quorum, but earlier decisions may still be uncommitted. Can become active, idle.
    case awaiting(QuorumEpoch)
    /// Can become idle; awaiting in a later epoch.
    case active(QuorumEpoch)
  }

  struct PendingReply: Hashable {
    /// Sent when the high watermark reaches this.
    var through: Int64
    var to: NodeID
    var id: CorrelationID
    var reply: ControllerReply
  }

  struct Session: Hashable {
    var broker: NodeID
    var deadline: Instant
  }

  /// Answers that may wait for a commit at one time; beyond it requests are refused.
  static let pendingLimit = 10_000

  let me: NodeID
  var setup: BrokerSetup
  var reign = Reign.idle
  /// What is committed plus what this reign has proposed. Meaningful while active.
  var image = MetadataImage()
  /// By offset.
  var pending: [PendingReply] = []
  /// Of brokers that are not fenced, by broker.
  var sessions: [Session] = []
  var alarm = Alarm()
  var rebalanceAlarm = Alarm()

  public init(me: NodeID, setup: BrokerSetup) {
    self.me = me
    self.setup = setup
  }

  /// True while this is the controller that decides.
  public var isActive: Bool { if case .active = reign { true } else { false } }

  public mutating func reconfigure(_ setup: BrokerSetup) { self.setup = setup }

  /// Follows the quorum: begins or ends a reign, sends the answers whose decisions are committed. To be called after
  /// every event that may have moved the quorum, with the image of everything committed.
  public mutating func follow(
    _ quorum: inout Quorum, _ disk: inout QuorumDisk, committed: borrowing MetadataImage, _ fx: inout BrokerEffects
  ) {
    guard quorum.isLeader else {
      if reign != .idle { endReign(hint: quorum.leader, &fx) }
      return
    }
    switch reign {
    case .active(quorum.epoch):
      break
    case .awaiting(quorum.epoch) where quorum.reignIsCommitted && committed.appliedThrough == quorum.highWatermark:
      image = copy committed
      reign = .active(quorum.epoch)
      fx.note("is the active controller of epoch \(quorum.epoch)")
      beginReign(&quorum, &disk, &fx)
    case .awaiting(quorum.epoch):
      return
    case .idle, .awaiting, .active:
      endReign(hint: quorum.leader, &fx)
      reign = .awaiting(quorum.epoch)
      return follow(&quorum, &disk, committed: committed, &fx)
    }
    sendCommitted(quorum.highWatermark, &fx)
  }

  /// Hears a request, from a broker or an administrator, perhaps this node itself.
  public mutating func on(
    _ request: ControllerRequest, _ id: CorrelationID, from sender: NodeID, _ quorum: inout Quorum,
    _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    guard reign == .active(quorum.epoch), quorum.isLeader else {
      let reason =
        quorum.leader == me ? "The controller is taking over. Try again." : "This broker is not the controller."
      let hint = quorum.leader == me ? nil : quorum.leader
      return fx.send(.fromController(.refused(.notController, reason: reason, hint: hint), id), to: sender)
    }
    guard pending.count < Self.pendingLimit else {
      let refused = ControllerReply.refused(
        .requestTimedOut, reason: "The controller is overloaded. Try again.", hint: me)
      return fx.send(.fromController(refused, id), to: sender)
    }
    let decision: Decision
    do {
      decision = try decide(request, from: sender, disk, now: fx.now)
    } catch {
      decision = Decision([], .refused(error.code, reason: error.reason, hint: me))
    }
    propose(decision.records, &quorum, &disk, &fx)
    if case .heartbeat = decision.reply { watch(sender, &fx) }
    pending.append(PendingReply(through: image.appliedThrough, to: sender, id: id, reply: decision.reply))
    sendCommitted(quorum.highWatermark, &fx)
  }

  /// A session may have run out, or leadership may go back.
  public mutating func onTimer(
    _ timer: ControllerTimer, _ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    let rang =
      switch timer {
      case .sessions: alarm.rang(fx.now)
      case .rebalance: rebalanceAlarm.rang(fx.now)
      }
    guard rang, reign == .active(quorum.epoch), quorum.isLeader else { return }
    switch timer {
    case .sessions: endSessions(&quorum, &disk, &fx)
    case .rebalance: rebalance(&quorum, &disk, &fx)
    }
  }

  private mutating func endSessions(_ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    for session in sessions where session.deadline <= fx.now {
      fx.note("has not heard from \(session.broker) for \(setup.sessionTimeout)")
      propose(fence(session.broker), &quorum, &disk, &fx)
    }
    sessions.removeAll { $0.deadline <= fx.now }
    arm(&fx)
  }

  /// The broker's process is gone: there is nothing to wait for.
  public mutating func lose(
    _ broker: NodeID, _ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    guard reign == .active(quorum.epoch), quorum.isLeader, sessions.contains(where: { $0.broker == broker }) else {
      return
    }
    fx.note("is told that \(broker) is gone")
    propose(fence(broker), &quorum, &disk, &fx)
    sessions.removeAll { $0.broker == broker }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    switch reign {
    case .idle: return hasher.combine(0)
    case .awaiting: hasher.combine(1)
    case .active: hasher.combine(2)
    }
    hasher.combine(pending.count)
    for one in pending {
      hasher.combine(one.through)
      hasher.combine(one.to.rawValue)
      hasher.combine(UInt64(one.id.rawValue))
    }
    for session in sessions {
      hasher.combine(session.broker.rawValue)
      hasher.combine(session.deadline.nanoseconds)
    }
  }
}

/// What the controller asks to be reminded of.
public enum ControllerTimer: Hashable, Sendable {
  /// The earliest session may have run out.
  case sessions
  /// Leadership may go back to preferred replicas.
  case rebalance
}

/// What a request leads to: records for the log, and the answer once they are committed.
struct Decision {
  var records: [MetadataRecord]
  var reply: ControllerReply

  init(_ records: [MetadataRecord], _ reply: ControllerReply) {
    self.records = records
    self.reply = reply
  }
}

/// Why a request leads to nothing.
struct Refusal: Error {
  var code: BrokerError
  var reason: String

  init(_ code: BrokerError, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

extension Controller {
  /// Appends records to the log and folds them into the image that the next decision is taken on.
  private mutating func propose(
    _ records: [MetadataRecord], _ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    guard !records.isEmpty, quorum.propose(records, &disk, &fx) != nil else { return }
    _ = image.catchUp(disk, to: disk.log.endOffset)
  }

  /// A new controller cannot know when brokers were last heard: everyone gets a full session. And it finishes what its
  /// predecessor left half done.
  private mutating func beginReign(_ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    sessions = image.liveBrokers.map { Session(broker: $0, deadline: fx.now + setup.sessionTimeout) }
    arm(&fx)
    propose(settleAll(), &quorum, &disk, &fx)
    awaitRebalance(&fx)
  }

  /// At most so many partitions at a time as Kafka moves (`maybeBalancePartitionLeaders`): the rest has its turn later.
  private mutating func rebalance(_ quorum: inout Quorum, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    let records = Array(electLeaders(nil, unclean: false).records.prefix(1_000))
    if !records.isEmpty { fx.note("gives leadership back to the preferred replica, partitions: \(records.count)") }
    propose(records, &quorum, &disk, &fx)
    awaitRebalance(&fx)
  }

  private mutating func awaitRebalance(_ fx: inout BrokerEffects) {
    guard let interval = setup.leaderRebalance else { return }
    rebalanceAlarm.ring(.controller(.rebalance), by: fx.now + interval, &fx)
  }

  private mutating func endReign(hint: NodeID?, _ fx: inout BrokerEffects) {
    let reason = "The controller changed before this was committed. It may or may not have happened."
    for one in pending {
      fx.send(
        .fromController(.refused(.notController, reason: reason, hint: hint == me ? nil : hint), one.id), to: one.to)
    }
    reign = .idle
    pending = []
    sessions = []
    image = MetadataImage()
  }

  private mutating func sendCommitted(_ highWatermark: Int64, _ fx: inout BrokerEffects) {
    let ready = pending.prefix { $0.through <= highWatermark }
    guard !ready.isEmpty else { return }
    for one in ready { fx.send(.fromController(one.reply, one.id), to: one.to) }
    pending.removeFirst(ready.count)
  }

  /// A heartbeat extends the session of a broker that is not fenced.
  private mutating func watch(_ broker: NodeID, _ fx: inout BrokerEffects) {
    sessions.removeAll { $0.broker == broker }
    guard image.isLive(broker) else { return }
    let session = Session(broker: broker, deadline: fx.now + setup.sessionTimeout)
    sessions.insert(session, at: sessions.firstIndex { $0.broker > broker } ?? sessions.count)
    arm(&fx)
  }

  private mutating func arm(_ fx: inout BrokerEffects) {
    guard let earliest = sessions.map(\.deadline).min() else { return }
    alarm.ring(.controller(.sessions), by: earliest, &fx)
  }
}
