import Broker
import Clockwork
import RecordLog
import Simulation

/// How commands reach the world.
extension Bench {
  var world: ClusterWorld { timeline.world }
  var now: Instant { timeline.world.now }
  var brokers: [NodeID] { timeline.world.brokers.sorted() }
  var clients: [NodeID] { timeline.world.clients.sorted() }

  func status(_ node: NodeID) -> NodeStatus { timeline.world.status(node) ?? .down }

  /// `event 120, 2.034s`
  var placeText: String { "event \(timeline.position.event), \(now)" }

  // MARK: What the cluster says

  /// The newest metadata that a live broker has.
  var image: MetadataImage? {
    var newest: MetadataImage?
    for id in brokers where status(id) != .down {
      let image = timeline.world.withBroker(id) { $0.image }
      if let image, image.appliedThrough > newest?.appliedThrough ?? -1 { newest = image }
    }
    return newest
  }

  var chronicle: Chronicle? { world.invariants.lazy.compactMap { $0 as? Chronicle }.first }

  /// The live broker that is leader of the quorum in the highest epoch.
  var controller: NodeID? {
    var best: (epoch: QuorumEpoch, id: NodeID)?
    for id in brokers where status(id) != .down {
      let epoch = timeline.world.withBroker(id) { $0.quorum.isLeader ? $0.quorum.epoch : nil } ?? nil
      if let epoch, best.map({ $0.epoch < epoch }) ?? true { best = (epoch, id) }
    }
    return best?.id
  }

  /// `orders/0 orders/2`, each led by the node as the image says.
  func partitions(led node: NodeID, by image: MetadataImage) -> [String] {
    image.topics.sorted { $0.name < $1.name }.flatMap { topic in
      topic.partitions.indices.filter { topic.partitions[$0].leader == node }.map { "\(topic.name)/\($0)" }
    }
  }

  /// What a node's clock shows; empty when it shows the true time.
  func clockText(of node: NodeID) -> String {
    guard let clock = timeline.world.clock(of: node), clock != now else { return "" }
    let ahead = clock - now
    return ahead > .zero ? "\(ahead) ahead" : "\(now - clock) behind"
  }

  // MARK: What a command needs

  func needCluster() throws(Refusal) {
    if brokers.isEmpty { throw Refusal("There is no cluster yet.", attempt: "cluster start 3") }
  }

  func needBroker(_ node: NodeID) throws(Refusal) {
    try needCluster()
    guard brokers.contains(node) else {
      throw Refusal("No broker \(node).", expected: "Brokers: \(list(brokers)).", attempt: "cluster show")
    }
  }

  func needNode(_ node: NodeID) throws(Refusal) {
    try needCluster()
    guard brokers.contains(node) || clients.contains(node) || engines.contains(node) else {
      let nodes = brokers + clients + engines
      throw Refusal("No node \(node).", expected: "Nodes: \(list(nodes)).", attempt: "cluster show")
    }
  }

  func needImage() throws(Refusal) -> MetadataImage {
    try needCluster()
    guard let image else {
      throw Refusal("No broker is alive to tell.", attempt: "restart \(brokers.first ?? NodeID(1))")
    }
    return image
  }

  func needTopic(_ name: String) throws(Refusal) -> TopicImage {
    let image = try needImage()
    if let topic = image.topic(named: name) { return topic }
    let names = image.topics.map(\.name).sorted()
    guard !names.isEmpty else {
      throw Refusal("No topic \(name).", expected: "There are no topics.", attempt: "topic create \(name)")
    }
    let hint = Refusal.didYouMean(name, among: names) ?? "Topics: \(names.joined(separator: " "))."
    throw Refusal("No topic \(name).", expected: hint, attempt: "topic list")
  }

  func needPartition(_ name: PartitionName) throws(Refusal) -> PartitionID {
    let topic = try needTopic(name.topic)
    guard topic.partitions.indices.contains(Int(name.index)) else {
      throw Refusal(
        "No partition \(name).", expected: "\(topic.name) has \(counted(topic.partitions.count, "partition")), from 0.",
        attempt: "topic show \(topic.name)")
    }
    return PartitionID(topic.id, name.index)
  }

  /// Boots the client when it is not there yet.
  mutating func needClient(_ client: NodeID) throws(Refusal) {
    try needCluster()
    guard client.isClient else {
      throw Refusal(
        "\(client) is not a client.", expected: "Clients are c1, c2, ….", attempt: "produce orders bibimbap --client c1"
      )
    }
    switch timeline.world.status(client) {
    case nil: apply(.boot(client, .client(ClientSetup(bootstrap: brokers))))
    case .up?: break
    case .paused?: throw Refusal("\(client) is paused.", attempt: "resume \(client)")
    case .down?: throw Refusal("\(client) is down.", attempt: "restart \(client)")
    }
  }

  // MARK: Changing the world

  @discardableResult
  mutating func apply(_ input: WorldInput<ClusterNode>) -> Bool {
    let applied = timeline.apply(input)
    dropped += applied.droppedEvents
    if applied.droppedEvents > 0 { undo.removeAll { $0.position.event > timeline.position.event } }
    return applied.isAccepted
  }

  mutating func boot(_ broker: NodeID, _ setup: BrokerSetup) { apply(.boot(broker, .broker(setup))) }

  mutating func newTicket() -> Ticket {
    lastTicket += 1
    return Ticket(lastTicket)
  }

  mutating func command(_ client: NodeID, _ command: ClientCommand) { apply(.message(.command(command), to: client)) }

  // MARK: Waiting

  enum Waited: Hashable { case happened, never, cancelled }

  /// Lets the world run until `condition` holds, looking after every event, but no longer than `limit`.
  mutating func run(within limit: Interval, _ errand: Errand, until condition: (Bench) -> Bool) -> Waited {
    let deadline = now + limit
    var turn = 0
    while !condition(self) {
      guard now < deadline else { return .never }
      let before = timeline.position
      let end = timeline.run(until: deadline, events: 1)
      if end == .idle || timeline.position == before { return condition(self) ? .happened : .never }
      turn += 1
      if turn % 512 == 0 {
        if errand.isCancelled() { return .cancelled }
        errand.progress("It is \(now)", nil)
      }
    }
    return .happened
  }

  /// How long a client may take before the bench stops waiting for it: its own limit, and some.
  static let patience = Interval.seconds(60)

  /// Lets the world run until the client knows how the command ended.
  mutating func waitFor(
    _ ticket: Ticket, of client: NodeID, _ errand: Errand, _ tell: (Bench, Outcome) -> Answer
  ) -> Answer {
    let waited = run(within: Self.patience, errand) { $0.outcome(of: ticket, client) != nil }
    if let outcome = outcome(of: ticket, client) { return tell(self, outcome) }
    switch waited {
    case .cancelled: return .interrupted(self)
    case .happened, .never:
      return Answer(.failed, [Line("\(client) knows nothing after \(Self.patience). Try: trace", .bad)])
    }
  }

  func outcome(of ticket: Ticket, _ client: NodeID) -> Outcome? {
    timeline.world.withClient(client) { $0.outcome(of: ticket) } ?? nil
  }

  /// Has a client of its own ask the controller, and waits.
  mutating func administer(
    _ request: ControllerRequest, _ errand: Errand, _ tell: (Bench) -> [Line]
  ) throws(Refusal) -> Answer {
    try needClient(.client(1))
    let ticket = newTicket()
    command(.client(1), .administer(ticket, request))
    let answer = waitFor(ticket, of: .client(1), errand) { bench, outcome in
      if case .done = outcome { return Answer(.done, []) }
      return OutcomeLines.answer(outcome, bench, acks: .all)
    }
    guard answer.outcome == .done else { return answer }
    // The decision is committed; what the answer shows is read from an image that has heard of it.
    let decided = controller.flatMap { id in timeline.world.withBroker(id) { $0.quorum.highWatermark } } ?? 0
    _ = run(within: .seconds(1), errand) { $0.image.map { $0.appliedThrough >= decided } ?? true }
    return Answer(.done, tell(self))
  }
}

extension Answer {
  static func interrupted(_ bench: Bench) -> Answer {
    Answer(.interrupted, [Line("Interrupted at \(bench.placeText).", .doubtful)])
  }
}
