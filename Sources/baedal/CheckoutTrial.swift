import AtomicCommit
import CheckoutServer
import Clockwork
import Foundation
import Glibc

/// The one who orders, kills, restarts and in the end counts.
final class CheckoutTrial {
  private struct Pending {
    var work: Checkout
    var begun: Instant
    var asked: Instant
  }

  private let roster: CommitRoster
  private let rule: CommitProtocol
  private let folder: String
  private let socket: Datagrams
  private let ports: [(id: NodeID, port: UInt16)]
  private var processes: [NodeID: Process] = [:]
  /// Who is down, and when it comes back.
  private var down: [(id: NodeID, until: Instant)] = []
  private var dice: Dice
  private var pending: [(id: TransactionID, at: Pending)] = []
  private var outcomes: [UInt32: Outcome] = [:]
  private var killed: [NodeID: Int] = [:]
  private var length = Interval.zero
  private var lastOutcome = Outcome.commit
  private var commitsSinceStrike = 0

  private static let window = 8
  private static let patience = Interval.seconds(120)

  init(_ rule: CommitProtocol, folder: String, seed: UInt64) throws {
    self.rule = rule
    self.folder = folder
    roster = CheckoutNodeCommand.roster(rule)
    dice = Dice(seed: seed)
    socket = try Datagrams(port: 0)
    // All held at once, so that no port is given twice; then left to those who shall have them.
    let held = try roster.everyone.map { (id: $0, socket: try Datagrams(port: 0)) }
    ports = held.map { (id: $0.id, port: $0.socket.port) }
    for id in roster.everyone {
      try FileManager.default.createDirectory(atPath: place(of: id), withIntermediateDirectories: true)
    }
  }

  private func place(of id: NodeID) -> String { "\(folder)/\(name(of: id))" }

  private func name(of id: NodeID) -> String {
    if let service = CheckoutNodeCommand.service(id, roster) { return service.rawValue }
    return id == roster.coordinator ? "coordinator" : "acceptor\(id.rawValue)"
  }

  private static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  // MARK: Processes

  private func start(_ id: NodeID) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let all = ports.map { "\($0.id.rawValue):\($0.port)" }.joined(separator: ",")
    process.arguments = [
      "checkout-node", "--id", "\(id.rawValue)", "--ports", all, "--protocol", rule.rawValue, "--data", place(of: id),
      "--with-parent",
    ]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    processes[id] = process
  }

  private func kill(_ id: NodeID) {
    guard let process = processes.removeValue(forKey: id) else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func stop() {
    for id in roster.everyone { kill(id) }
  }

  /// Restarts whoever has been down long enough; everybody, when told so.
  private func restart(everybody: Bool = false) throws {
    let now = Self.now
    for (id, until) in down where everybody || until <= now { try start(id) }
    down.removeAll { everybody || $0.until <= now }
    // One that ended by itself could not go on: its own words are on the standard error.
    for id in roster.everyone where processes[id].map({ !$0.isRunning }) ?? false {
      throw CheckoutError.database("\(name(of: id)) ended by itself.")
    }
  }

  // MARK: Ordering and killing

  func run(checkouts: Int, kills: Int) throws {
    let began = Self.now
    for id in roster.everyone { try start(id) }
    try awaitEverybody(by: began + .seconds(60))
    var next: UInt32 = 1
    var left = kills
    var strike: Instant?
    while outcomes.count < checkouts {
      let now = Self.now
      guard now - began < Self.patience + .milliseconds(Int64(checkouts) * 200) else {
        throw CheckoutError.database("\(checkouts - outcomes.count) checkouts are still undecided: \(stuck()).")
      }
      try restart()
      // While somebody is down or not quite back, customers come one at a time: most of them are refused.
      let room = down.isEmpty && lastOutcome == .commit ? Self.window : 1
      while pending.count < room, next <= UInt32(checkouts) {
        begin(next, now)
        next += 1
        // Anywhere in the few milliseconds that a checkout takes.
        if left > 0, strike == nil, commitsSinceStrike >= 3, dice.roll(UInt64(checkouts)) < UInt64(kills) * 6 {
          strike = now + .microseconds(Int64(dice.roll(8000)))
        }
      }
      if let moment = strike, moment <= now {
        strike = nil
        commitsSinceStrike = 0
        if murder(now) { left -= 1 }
      }
      remind(now)
      socket.wait(.milliseconds(1))
      while let (bytes, _) = socket.receive() {
        if let (message, _) = Envelope.open(bytes), case .decide(let id, let outcome) = message {
          guard outcomes.updateValue(outcome, forKey: id.rawValue) == nil else { continue }
          lastOutcome = outcome
          if outcome == .commit { commitsSinceStrike += 1 }
          pending.removeAll { $0.id == id }
        }
      }
    }
    try restart(everybody: true)
    try settle(by: Self.now + .seconds(60))
    length = Self.now - began
    stop()
  }

  /// A node whose log is there listens; a service that has its database does soon.
  private func awaitEverybody(by deadline: Instant) throws {
    func exists(_ id: NodeID) -> Bool {
      let file = CheckoutNodeCommand.service(id, roster).map { "\($0.rawValue).sqlite" } ?? "commit.log"
      return FileManager.default.fileExists(atPath: "\(place(of: id))/\(file)")
    }
    while !roster.everyone.allSatisfy(exists) {
      try restart()
      guard Self.now < deadline else { throw CheckoutError.database("Not every process came up.") }
      socket.wait(.milliseconds(20))
    }
  }

  private func begin(_ number: UInt32, _ now: Instant) {
    let work = Checkout(
      order: number, customer: UInt32(dice.roll(400)), dish: UInt32(dice.roll(300)),
      amount: 8_000 + UInt32(dice.roll(20)) * 1_000)
    let id = TransactionID(number)
    pending.append((id, Pending(work: work, begun: now, asked: now)))
    tell(.begin(id, roster.all, work))
  }

  /// Asks how a checkout ended; one of which the coordinator seems never to have heard is begun again.
  private func remind(_ now: Instant) {
    for place in pending.indices where now - pending[place].at.asked > .milliseconds(20) {
      pending[place].at.asked = now
      tell(.ask(pending[place].id, roster.all))
      if now - pending[place].at.begun > .seconds(2) {
        pending[place].at.begun = now
        tell(.begin(pending[place].id, roster.all, pending[place].at.work))
      }
    }
  }

  private func tell(_ message: CommitMessage<Checkout>) {
    guard let port = ports.first(where: { $0.id == roster.coordinator })?.port else { return }
    socket.send(Envelope.seal(message, from: .console), to: port)
  }

  private func murder(_ now: Instant) -> Bool {
    let alive = roster.everyone.filter { processes[$0] != nil }
    guard !alive.isEmpty else { return false }
    let victim = alive[Int(dice.roll(UInt64(alive.count)))]
    kill(victim)
    killed[victim, default: 0] += 1
    down.append((victim, now + .milliseconds(Int64(dice.roll(100)))))
    return true
  }

  private func stuck() -> String { pending.prefix(5).map(\.id.description).joined(separator: " ") }

  // MARK: The databases

  /// Waits until no service is in doubt about anything.
  private func settle(by deadline: Instant) throws {
    while try books().contains(where: { $0.prepared > 0 || $0.locks > 0 }) {
      try restart()
      guard Self.now < deadline else { return }
      socket.wait(.milliseconds(100))
    }
  }

  private func books() throws -> [ServiceBooks] {
    try Service.allCases.enumerated().map { place, service in
      try ServiceBooks(service, at: "\(self.place(of: roster.participants[place]))/\(service.rawValue).sqlite")
    }
  }

  /// Counts what the three databases hold, says so, and tells whether all is well.
  func judge() throws -> Bool {
    let books = try books()
    let done = books.map(\.orders)
    let everywhere = done.dropFirst().reduce(done[0]) { $0.intersection($1) }
    let anywhere = done.reduce(Set()) { $0.union($1) }
    let halfDone = anywhere.subtracting(everywhere).sorted()
    let committed = Set(outcomes.filter { $0.value == .commit }.keys)
    let broken = committed.symmetricDifference(everywhere).sorted()
    let locks = books.map { $0.locks + $0.prepared }.reduce(0, +)
    let isBalanced = books.allSatisfy(\.isBalanced)
    let who = roster.everyone.map { "\(name(of: $0)) \(killed[$0] ?? 0)" }.joined(separator: ", ")
    print(
      "\(outcomes.count) checkouts under \(rule.rawValue) in \(length): \(committed.count) committed, ", terminator: "")
    print("\(outcomes.count - committed.count) aborted")
    print("killed with -9: \(who)")
    print("half-done orders: \(halfDone.count)\(Self.some(halfDone))")
    print("answers that the databases contradict: \(broken.count)\(Self.some(broken))")
    print("locks left: \(locks); money and stock \(isBalanced ? "add up" : "do not add up")")
    return halfDone.isEmpty && broken.isEmpty && locks == 0 && isBalanced
  }

  private static func some(_ numbers: [UInt32]) -> String {
    numbers.isEmpty ? "" : ": " + numbers.prefix(10).map(String.init).joined(separator: " ")
  }
}
