public import Broker
public import Clockwork
import DequeModule
import HeapModule
public import NIOCore
public import RecordLog

/// The broker that real clients talk to: the same value that lives in the simulated world, on files.
public typealias LiveBroker = Broker<SegmentedLog>

/// Runs one broker on the wall clock: hands it events one at a time, carries out what it wants.
///
/// Everything here happens on one event loop, which also serves the node's connections, so a request reaches the broker
/// and its answer the socket without a lock or a hop.
public final class LiveNode: @unchecked Sendable {
  public enum Status: String, Hashable, Sendable {
    /// Can become paused or down.
    case up
    /// Hears nothing and says nothing. Can become up or down.
    case paused
    /// Its process is dead; the disk is kept. Can become up.
    case down
  }

  struct DueTimer: Comparable {
    var at: Instant
    /// In the order in which they were set.
    var number: UInt64
    var timer: BrokerTimer

    static func < (a: DueTimer, b: DueTimer) -> Bool { (a.at, a.number) < (b.at, b.number) }
    static func == (a: DueTimer, b: DueTimer) -> Bool { a.number == b.number }
  }

  public let id: NodeID
  public let loop: any EventLoop
  let clock: LiveClock
  private let network: LiveNetwork

  private(set) var status = Status.down
  private var broker: LiveBroker?
  private var fx: BrokerEffects
  private var inbox = Deque<Event<LiveBroker>>()
  private var isDraining = false
  private var timers = Heap<DueTimer>()
  private var timerCount: UInt64 = 0
  private var wakeUp: (at: Instant, scheduled: Scheduled<Void>)?
  /// What is held back until a sync is done.
  private var held: [(after: UInt64, message: BrokerMessage, to: NodeID)] = []
  private var platter: UInt64 = 0
  var cleaner: LogCleaner?
  /// Nil for a broker whose disk is in memory.
  private var storage: NodeStorage?
  private var isCheckpointDue = false
  private var hasLookedForOrphans = false
  /// Hears why the broker died of its disk.
  var onDiskFailure: (LogError) -> Void = { _ in }
  /// Who hears what the broker says to clients, by connection.
  private var listeners: [NodeID: any ReplyListener] = [:]
  private var watchers: [ImageWatcher] = []
  private var departures = Departures()
  /// Brokers of other processes that have a link to this one.
  private var callers: [NodeID] = []
  private var afterwards: [() -> Void] = []

  init(_ id: NodeID, on loop: any EventLoop, clock: LiveClock, network: LiveNetwork, seed: UInt64) {
    self.id = id
    self.loop = loop
    self.clock = clock
    self.network = network
    fx = BrokerEffects(me: id, now: clock.now, choices: Choices(seed: seed))
  }

  // MARK: Life

  func boot(_ setup: BrokerSetup, _ disk: BrokerDisk<SegmentedLog>, _ storage: NodeStorage? = nil) {
    self.storage = storage
    platter = disk.position
    hasLookedForOrphans = false
    fx.now = clock.now
    var disk = disk
    disk.configureLog = { $0.configure(SegmentedLog.Settings($1)) }
    broker = LiveBroker(id, setup, recovering: disk, &fx)
    status = .up
    cleaner?.begin()
    carryOut()
    drain()
  }

  /// The process dies: everything in memory is gone, what was written stays.
  func crash() -> BrokerDisk<SegmentedLog>? {
    let disk = broker?.disk
    broker = nil
    status = .down
    cleaner?.end()
    inbox.removeAll()
    timers = Heap()
    held = []
    storage = nil
    isCheckpointDue = false
    wakeUp?.scheduled.cancel()
    wakeUp = nil
    let watchers = self.watchers
    self.watchers = []
    for watcher in watchers { watcher.done(false) }
    return disk
  }

  /// Stops on purpose: everything is written back, which the next process may rely on.
  func close() -> EventLoopFuture<Void> {
    guard let storage else {
      _ = crash()
      return loop.makeSucceededVoidFuture()
    }
    status = .paused
    cleaner?.end()
    return settled().assumeIsolated().map { [self] in
      if let broker {
        do throws(LogError) { try storage.close(broker) } catch { onDiskFailure(error) }
      }
      _ = crash()
    }.nonisolated()
  }

  /// Completes when nothing of an earlier life is writing to the folder any more.
  func settled() -> EventLoopFuture<Void> {
    .andAllComplete([storage?.settled(), cleaner?.settled()].compactMap { $0 }, on: loop)
  }

  func pause() { if status == .up { status = .paused } }

  func resume() {
    guard status == .paused else { return }
    status = .up
    wakeUp?.scheduled.cancel()
    wakeUp = nil
    drain()
  }

  // MARK: Talking to the broker

  /// Where the logs lie; nil when they are in memory.
  var logDirectory: String? { storage?.path }

  /// Looks at the broker; nil while it is down.
  func look<Result>(_ body: (borrowing LiveBroker) -> Result) -> Result? { broker.map { body($0) } }

  /// Changes the broker beside its messages, as an operator does, and carries out what follows from that.
  func change<Result>(_ body: (inout LiveBroker, inout BrokerEffects) -> Result) -> Result? {
    guard broker != nil, !isDraining else { return nil }
    fx.now = clock.now
    let result = broker.map { _ in body(&broker!, &fx) }
    carryOut()
    drain()
    return result
  }

  /// A broker of another process calls, or hangs up.
  func called(by peer: NodeID) { callers.append(peer) }
  func hungUp(by peer: NodeID) { if let place = callers.firstIndex(of: peer) { callers.remove(at: place) } }

  /// Nobody listens where a broker of another process should: unless that one still calls from there, it is gone.
  func nobodyAnswers(at peer: NodeID) {
    guard status == .up, !callers.contains(peer) else { return }
    _ = change { $0.lose(peer, &$1) }
  }

  /// Brokers that were alive until a short while ago, and are not now.
  var lately: [NodeID] { departures.since(clock.now) }

  func submit(_ message: consuming BrokerMessage, from: NodeID) {
    inbox.append(.message(message, from: from))
    drain()
  }

  /// A message has come over the network, for the broker or for one of its connections.
  func arrive(_ message: BrokerMessage, from: NodeID, to receiver: NodeID) {
    guard status != .down else { return }
    if receiver == id { submit(message, from: from) } else { listeners[receiver]?.hear(message) }
  }

  /// Collects several messages, and drains once at the end.
  func batch(_ body: () throws -> Void) rethrows {
    guard !isDraining else { return try body() }
    isDraining = true
    defer {
      isDraining = false
      drain()
    }
    try body()
  }

  /// Runs once everything that is to be done now is done: at once, unless the broker is at work.
  func afterDrain(_ body: @escaping () -> Void) {
    if isDraining { afterwards.append(body) } else { body() }
  }

  func add(_ listener: any ReplyListener) { listeners[listener.node] = listener }
  func remove(_ listener: any ReplyListener) { listeners[listener.node] = nil }

  /// Calls back once `isDone` holds of the image, or with false at the deadline or when the node goes down.
  func watch(
    until deadline: Instant, _ isDone: @escaping (MetadataImage) -> Bool, _ done: @escaping (Bool) -> Void
  ) {
    guard let image = broker?.image else { return done(false) }
    if isDone(image) { return done(true) }
    watchers.append(ImageWatcher(seen: image.appliedThrough, deadline: deadline, isDone: isDone, done: done))
    let wait = TimeAmount.nanoseconds(max(0, (deadline - clock.now).nanoseconds))
    loop.assumeIsolated().scheduleTask(in: wait) { [weak self] in self?.expireWatchers() }
  }

  private func expireWatchers() {
    let now = clock.now
    let late = watchers.filter { $0.deadline <= now }
    watchers.removeAll { $0.deadline <= now }
    for watcher in late { watcher.done(false) }
  }

  private func tellWatchers() {
    guard !watchers.isEmpty, let image = broker?.image else { return }
    var ready: [ImageWatcher] = []
    watchers.removeAll { watcher in
      guard watcher.seen != image.appliedThrough, watcher.isDone(image) else { return false }
      ready.append(watcher)
      return true
    }
    for watcher in ready { watcher.done(true) }
  }

  // MARK: Events

  private func drain() {
    guard !isDraining, status == .up else { return }
    isDraining = true
    while status == .up {
      guard let event = inbox.popFirst() else { break }
      fx.now = clock.now
      broker?.on(event, &fx)
      carryOut()
    }
    isDraining = false
    if isCheckpointDue { checkpoint() }
    if let broker, departures.seen != broker.image.appliedThrough { departures.note(broker.image, at: clock.now) }
    tellWatchers()
    let afterwards = self.afterwards
    self.afterwards.removeAll(keepingCapacity: true)
    for body in afterwards { body() }
    armWakeUp()
  }

  private func carryOut() {
    for (timer, at) in fx.timers where at != .never {
      timerCount += 1
      timers.insert(DueTimer(at: at, number: timerCount, timer: timer))
    }
    fx.timers.removeAll(keepingCapacity: true)
    let outgoing = fx.outgoing
    fx.outgoing = []
    for one in outgoing {
      if let after = one.after, after.position > platter {
        held.append((after.position, one.message, one.to))
      } else {
        send(one.message, to: one.to)
      }
    }
    let token = fx.syncs.last
    fx.syncs.removeAll(keepingCapacity: true)
    if let storage {
      if let token, token.position <= platter { inbox.append(.durable(token)) }
      write(to: storage)
    } else if let token {
      synced(token)
    }
  }

  /// Gets what the quorum changed to the platter; what needs it there waits without holding up anything else.
  private func write(to storage: NodeStorage) {
    guard let position = broker?.disk.position, position > platter, let disk = broker?.disk.quorum else { return }
    storage.write(disk) { [weak self] result in
      guard let self, self.storage === storage else { return }
      switch result {
      case .success(let position):
        synced(SyncToken(position: position))
        write(to: storage)
        drain()
      case .failure(let error):
        _ = crash()
        onDiskFailure(error)
      }
    }
  }

  private func synced(_ token: SyncToken) {
    broker?.disk.synced(through: token.position)
    platter = max(platter, token.position)
    inbox.append(.durable(token))
    let ready = held.filter { $0.after <= platter }
    held.removeAll { $0.after <= platter }
    for one in ready { send(one.message, to: one.to) }
  }

  private func send(_ message: BrokerMessage, to receiver: NodeID) {
    if receiver == id {
      inbox.append(.message(message, from: id))
    } else if receiver.host == id {
      listeners[receiver]?.hear(message)
    } else {
      network.send(message, from: id, to: receiver)
    }
  }

  // MARK: Timers

  private func checkpoint() {
    isCheckpointDue = false
    guard let storage, broker != nil else { return }
    broker.map { storage.checkpoint($0) }
    if !hasLookedForOrphans, broker?.registration.isFenced == false {
      hasLookedForOrphans = true
      let image = broker?.image
      broker?.disk.removeOrphans { image?.topic($0.topic) == nil }
    }
  }

  private func armWakeUp() {
    guard status == .up, let next = timers.min?.at else { return }
    if let wakeUp, wakeUp.at <= next { return }
    wakeUp?.scheduled.cancel()
    let wait = TimeAmount.nanoseconds(max(0, (next - clock.now).nanoseconds))
    wakeUp = (next, loop.assumeIsolated().scheduleTask(in: wait) { [weak self] in self?.ring() })
  }

  private func ring() {
    wakeUp = nil
    let now = clock.now
    while let next = timers.min, next.at <= now {
      timers.removeMin()
      if next.timer == .checkpoint { isCheckpointDue = true }
      inbox.append(.timer(next.timer))
    }
    drain()
    armWakeUp()
  }
}

/// Which brokers have gone of late, as far as one broker has heard.
struct Departures {
  private static let memory = Interval.seconds(5)

  /// How much of the metadata log this rests on.
  private(set) var seen: Int64 = -1
  private var live: [NodeID] = []
  private var gone: [(broker: NodeID, at: Instant)] = []

  mutating func note(_ image: MetadataImage, at now: Instant) {
    let before = live
    (seen, live) = (image.appliedThrough, image.liveBrokers)
    gone.removeAll { now - $0.at > Self.memory || live.contains($0.broker) }
    for broker in before where !live.contains(broker) { gone.append((broker, now)) }
  }

  func since(_ now: Instant) -> [NodeID] { gone.filter { now - $0.at <= Self.memory }.map(\.broker) }
}

/// Whoever waits for answers of a broker: one for each connection.
protocol ReplyListener: AnyObject {
  var node: NodeID { get }
  func hear(_ message: BrokerMessage)
}

struct ImageWatcher {
  var seen: Int64
  var deadline: Instant
  var isDone: (MetadataImage) -> Bool
  var done: (Bool) -> Void
}

extension NodeID {
  /// How many connections a broker's numbers have room for.
  static let connectionsPerHost: Int32 = 1_000_000

  /// A connection's node, which lives where its broker does.
  static func connection(_ number: Int32, at host: NodeID) -> NodeID {
    NodeID(host.rawValue * connectionsPerHost + number % connectionsPerHost)
  }

  /// The broker where this node lives: itself, or the one that a connection is made to.
  var host: NodeID { rawValue >= Self.connectionsPerHost ? NodeID(rawValue / Self.connectionsPerHost) : self }
}
