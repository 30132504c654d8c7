import AtomicCommit
import Broker
import Clockwork
import Simulation

/// A space that `explore` can search, whatever nodes are in it.
struct ExploredSpace: Sendable {
  /// `2pc, 3 participants`.
  var title: String
  /// What is promised in it, as a claim: `acknowledged records are kept, and committed logs agree`.
  var promise: String
  /// The bounds that it is searched with when nothing else is asked for.
  var standard: ExplorationBounds
  let explore: @Sendable (ExplorationBounds, (Exploration.Progress) -> Bool) -> Exploration
  let follow:
    @Sendable (ExplorationBounds, [(choice: UInt32, text: String)]) -> (
      [Counterexample.Step], ExploredClaims.Breach?
    )

  init<N: Node>(
    _ title: String, promising promise: String, _ standard: ExplorationBounds,
    _ system: @escaping @Sendable (ExplorationBounds) -> ExploredSystem<N>
  ) {
    self.title = title
    self.promise = promise
    self.standard = standard
    explore = { bounds, goesOn in
      var explorer = Explorer(system(bounds), bounds)
      return explorer.run(goesOn)
    }
    follow = { bounds, schedule in
      var explorer = Explorer(system(bounds), bounds)
      let told = explorer.follow(telling: schedule)
      return (told.steps, told.breach)
    }
  }
}

extension ExploredSpace {
  /// By the name that is typed.
  static let names = CommitProtocol.allCases.map(\.rawValue) + ["replication", "published"]

  init(_ question: ExploreQuestion) throws(Refusal) {
    switch question.space {
    case "replication": self = try Self.replication(question)
    case "published": self = try Self.published(question)
    case let name? where CommitProtocol(rawValue: name) != nil:
      self = try Self.commit(CommitProtocol(rawValue: name) ?? .twoPhase, question)
    case let name?:
      throw Refusal(
        "No space \(name).",
        expected: Refusal.didYouMean(name, among: Self.names) ?? "Expected \(Refusal.list(Self.names, last: "or")).",
        attempt: "help explore")
    case nil:
      throw Refusal(
        "Explore what?", expected: "Expected \(Refusal.list(Self.names, last: "or")).", attempt: "help explore")
    }
  }

  private static func replication(_ question: ExploreQuestion) throws(Refusal) -> ExploredSpace {
    let rule = question.rule ?? ReplicationRules.Truncation.fenced.rawValue
    guard let truncation = ReplicationRules.Truncation(rawValue: rule) else {
      let rules = ReplicationRules.Truncation.allCases.map(\.rawValue)
      throw Refusal(
        "No rule \(rule).", expected: "Expected \(Refusal.list(rules, last: "or")).",
        attempt: "explore replication --rule \(rules[0])")
    }
    guard !question.symmetry else {
      throw Refusal(
        "The replicas' states are not told under other names.", expected: "Expected no --symmetry.",
        attempt: "explore replication --rule \(rule)")
    }
    try question.check("replicas", question.replicas, within: ReplicationModel.replicaBounds)
    try question.check("epochs", question.epochs, within: ReplicationModel.epochBounds)
    try question.check("records", question.records, within: ReplicationModel.recordBounds)
    let model = ReplicationModel(
      truncation, replicas: question.replicas, epochs: question.epochs, records: question.records)
    return ExploredSpace(
      "replication, rule \(rule), \(counted(model.replicas, "replica")), \(counted(model.epochs, "epoch")), "
        + counted(model.records, "record"),
      promising: "acknowledged records are kept, and committed logs agree", model.bounds
    ) { _ in model.system }
  }

  private static func commit(
    _ rule: CommitProtocol, _ question: ExploreQuestion
  ) throws(Refusal) -> ExploredSpace {
    try question.check("participants", question.participants, within: CommitSpace.participantBounds)
    try question.check("no-votes", question.noVotes, within: 0...question.participants)
    guard !question.symmetry || rule.treatsParticipantsAlike else {
      throw Refusal(
        "The participants of \(rule.rawValue) are not alike: who takes over goes by their order.",
        expected: "Expected no --symmetry.", attempt: "explore 2pc --symmetry")
    }
    let space = CommitSpace(rule, participants: question.participants, noVotes: question.noVotes)
    let votes = question.noVotes == 0 ? "" : ", \(counted(question.noVotes, "no vote"))"
    return ExploredSpace(
      "\(rule.rawValue), \(counted(space.participants, "participant"))\(votes)",
      promising: "all decide alike, for good, and commit only if all voted yes", space.standard
    ) { space.system($0) }
  }

  private static func published(_ question: ExploreQuestion) throws(Refusal) -> ExploredSpace {
    try question.check("participants", question.participants, within: 1...14)
    return ExploredSpace(
      "the published space of two-phase commit, \(counted(question.participants, "resource manager"))",
      promising: "no two decide differently", .known
    ) { _ in .known(managers: question.participants) }
  }
}
