public import AtomicCommit
public import Clockwork
import GRDB
import Glibc
import RecordLog

/// One node of the checkout in a process of its own: the core's code, a log file, a database and a socket around it.
///
/// One thread. Everything that the node wrote is in the file before anything it said leaves, and on the platter before
/// anything leaves that waits for it; so `kill -9` may strike between any two instructions.
public final class CheckoutProcess {
  /// Where everybody listens, by id.
  public struct Addresses: Sendable {
    public var ports: [(id: NodeID, port: UInt16)]

    public init(_ ports: [(id: NodeID, port: UInt16)]) { self.ports = ports }

    func port(of id: NodeID) -> UInt16? { ports.first { $0.id == id }?.port }
    func id(of port: UInt16) -> NodeID? { ports.first { $0.port == port }?.id }
  }

  private typealias N = CommitNode<ServiceDatabase>

  private let id: NodeID
  private let addresses: Addresses
  private let socket: Datagrams
  private let journal: CommitJournal
  private var node: N
  private var fx: Effects<N>
  private var timers: [(timer: CommitTimer, at: Instant)] = []
  /// Where the person at the console was heard last.
  private var console: UInt16?

  /// How many datagrams are heard before one forced write covers what they led to.
  private static let batch = 64
  private static let mostTimers = 100_000

  /// Opens the log and, for a participant, its database in the folder; takes up what was left.
  public init(_ id: NodeID, service: Service?, roster: CommitRoster, addresses: Addresses, folder: String) throws {
    guard let port = addresses.port(of: id) else { throw CheckoutError.database("No address for \(id).") }
    self.id = id
    self.addresses = addresses
    socket = try Datagrams(port: port)
    let (journal, log) = try CommitJournal.open(in: LogDirectory(folder))
    self.journal = journal
    let resources = try service.map {
      ServiceDatabase.Setup($0, try ServiceDatabase.open($0, at: folder + "/\($0.rawValue).sqlite"))
    }
    fx = Effects<N>(me: id, now: Self.now, choices: Choices(script: []))
    node = N(id, CommitSetup(roster, resources: resources), recovering: log, &fx)
    try carryOut()
  }

  /// Serves for as long as it is told to go on, asked once a second at least.
  public func run(while goesOn: () -> Bool) throws {
    while goesOn() { try turn() }
  }

  private static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Waits for something, hears what there is, and carries out what comes of it.
  private func turn() throws {
    let next = timers.map(\.at).min() ?? .never
    let now = Self.now
    if next > now { socket.wait(min(next - now, .seconds(1))) }
    fx.now = Self.now
    for _ in 0..<Self.batch {
      guard let (bytes, port) = socket.receive() else { break }
      guard let (message, from) = Envelope.open(bytes), accepts(message, from, port) else { continue }
      node.on(.message(message, from: from), &fx)
    }
    var due: [CommitTimer] = []
    timers.removeAll { entry in
      guard entry.at <= fx.now else { return false }
      due.append(entry.timer)
      return true
    }
    for timer in due { node.on(.timer(timer), &fx) }
    try carryOut()
  }

  /// A node speaks from its own port only; only the console begins a checkout.
  private func accepts(_ message: CommitMessage<Checkout>, _ from: NodeID, _ port: UInt16) -> Bool {
    guard from == .console else { return addresses.id(of: port) == from }
    switch message {
    case .begin, .ask:
      console = port
      return true
    default: return false
    }
  }

  private func carryOut() throws {
    repeat {
      if let failure = node.manager?.failure { throw CheckoutError.database(failure) }
      try journal.write(node.disk)
      let syncs = fx.syncs
      fx.syncs.removeAll(keepingCapacity: true)
      if let last = syncs.last {
        try journal.force()
        node.disk.synced(through: last.position)
      }
      for outgoing in fx.outgoing {
        let port = outgoing.to == .console ? console : addresses.port(of: outgoing.to)
        if let port { socket.send(Envelope.seal(outgoing.message, from: id), to: port) }
      }
      fx.outgoing.removeAll(keepingCapacity: true)
      for (timer, at) in fx.timers where timers.count < Self.mostTimers { timers.append((timer, at)) }
      fx.timers.removeAll(keepingCapacity: true)
      if let last = syncs.last { node.on(.durable(last), &fx) }
    } while !fx.syncs.isEmpty || !fx.outgoing.isEmpty
      || node.disk.tail.last.map { !journal.holds($0.position) } ?? false
  }
}
