import Broker
import Clockwork
import RecordLog

/// A coordinator alone with its log, and clients that speak line by line: what is asked and answered is kept as a
/// transcript, times in milliseconds.
struct Desk {
  var coordinator: GroupCoordinator
  var now = Instant.start
  var log: [Record] = []
  /// When false, appends stay in doubt until `commit()`.
  var commitsAtOnce = true
  private(set) var transcript: [String] = []
  private(set) var replies: [(to: NodeID, id: CorrelationID, reply: GroupReply)] = []
  private var undecided: [GroupAppendID] = []
  private var timers: [Instant] = []
  private var nextCorrelation: UInt32 = 1
  private var epoch = LeaderEpoch(1)

  init(_ setup: GroupSetup = GroupSetup()) {
    coordinator = GroupCoordinator(setup)
    act { $0.begin(0, epoch: LeaderEpoch(1), &$1) }
    act { $0.activate(0, &$1) }
  }

  /// Asks, and tells the answer if there is one at once.
  @discardableResult
  mutating func ask(_ client: Int32, _ request: GroupRequest) -> GroupReply? {
    let id = CorrelationID(nextCorrelation)
    nextCorrelation += 1
    return ask(client, request, id)
  }

  @discardableResult
  mutating func ask(_ client: Int32, _ request: GroupRequest, _ id: CorrelationID) -> GroupReply? {
    transcript.append("c\(client) > \(request.summary)")
    let known = replies.count
    act { $0.on(request, id, from: .client(client), &$1) }
    return replies[known...].first { $0.id == id && $0.to == .client(client) }?.reply
  }

  var lastCorrelation: CorrelationID { CorrelationID(nextCorrelation - 1) }

  /// Joins as Kafka's consumers do: once for an id, once with it. The id, which is all that a new member learns at once.
  @discardableResult
  mutating func join(_ client: Int32, as member: String = "", instance: String? = nil, _ topics: [String] = ["orders"])
    -> String
  {
    var member = member
    let reply = ask(client, .join(Self.joining(member, instance, topics)))
    if case .refused(.memberIDRequired, let given) = reply {
      member = given
      ask(client, .join(Self.joining(member, instance, topics)))
    }
    return member
  }

  static func joining(_ member: String = "", _ instance: String? = nil, _ topics: [String] = ["orders"]) -> JoinRequest
  {
    JoinRequest(
      group: "riders", member: member, instance: instance, sessionTimeout: .seconds(10), rebalanceTimeout: .seconds(60),
      protocols: [GroupProtocol(name: "range", metadata: ConsumerProtocol.subscription(to: topics))])
  }

  mutating func act(_ body: (inout GroupCoordinator, inout BrokerEffects) -> Void) {
    var fx = BrokerEffects(me: NodeID(1), now: now, choices: Choices(script: []))
    body(&coordinator, &fx)
    for sent in fx.outgoing {
      guard case .fromGroup(let reply, let id) = sent.message else { continue }
      transcript.append("\(sent.to) < \(reply.summary)")
      replies.append((sent.to, id, reply))
    }
    timers += fx.timers.map(\.at)
    for append in coordinator.takeAppends() {
      log += append.records
      undecided.append(append.id)
    }
    if commitsAtOnce { commit() }
  }

  mutating func commit() {
    let ids = undecided
    undecided = []
    for id in ids { act { $0.appended(id, &$1) } }
  }

  mutating func fail(_ error: BrokerError) {
    let ids = undecided
    undecided = []
    for id in ids { act { $0.failed(id, error, &$1) } }
  }

  /// Lets time pass, ringing every timer at its instant.
  mutating func pass(_ interval: Interval) {
    let end = now + interval
    while let next = timers.min(), next <= end {
      timers.removeAll { $0 == next }
      now = max(now, next)
      act { $0.onTimer(.due, &$1) }
    }
    now = end
    transcript.append("-- \(now)")
  }

  /// Another broker takes over and reads the log.
  mutating func moveCoordinator() {
    act { $0.resign(0, &$1) }
    coordinator = GroupCoordinator(coordinator.setup)
    timers = []
    undecided = []
    epoch = epoch.next
    let (epoch, log) = (epoch, log)
    act { $0.begin(0, epoch: epoch, &$1) }
    act { coordinator, _ in coordinator.load(0, log) }
    act { $0.activate(0, &$1) }
    transcript.append("-- the coordinator moves")
  }

  /// What was said since the last look.
  mutating func said() -> String {
    defer { transcript = [] }
    return transcript.joined(separator: "\n")
  }

  var group: String { coordinator.describe("riders")?.summary ?? "elsewhere" }

  func offset(_ partition: TopicPartition) -> Int64? {
    var copy = self
    guard case .offsets(let offsets) = copy.ask(99, .fetchOffsets(group: "riders", partitions: [partition])) else {
      return nil
    }
    return offsets.first?.offset
  }
}

func claim(_ generation: Int32, _ member: String, _ instance: String? = nil) -> GroupClaim {
  GroupClaim(group: "riders", generation: generation, member: member, instance: instance)
}

func share(_ member: String, _ partitions: Int32...) -> MemberAssignment {
  MemberAssignment(
    member: member, assignment: ConsumerProtocol.assignment(of: partitions.map { TopicPartition("orders", $0) }))
}

func at(_ offset: Int64, _ partition: Int32 = 0) -> [GroupOffset] {
  [GroupOffset(partition: TopicPartition("orders", partition), offset: offset)]
}
