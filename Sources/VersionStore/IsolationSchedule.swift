public import Histories

/// An anomaly as the shortest order of steps that shows it, after Hermitage (Kleppmann 2014). Before it, x is 10, y is
/// 20, and the menu has one dish.
public struct IsolationSchedule: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public var transaction: String
    public var request: MultiVersionStore.Request
  }

  public let name: String
  public let about: String
  /// The weakest level at which it may not happen.
  public let preventedFrom: MultiVersionStore.Level
  public let steps: [Step]

  private init(
    _ name: String, _ about: String, from level: MultiVersionStore.Level,
    _ steps: [(String, MultiVersionStore.Request)]
  ) {
    (self.name, self.about, preventedFrom) = (name, about, level)
    self.steps = steps.map { Step(transaction: $0.0, request: $0.1) }
  }

  public static let before = ["x": "10", "y": "20", "menu/bibimbap": "bibimbap"]

  public static let all = [
    IsolationSchedule(
      "dirty write", "Two write both values, each last in one.", from: .readUncommitted,
      [
        ("t1", .write("x", "11")), ("t2", .write("x", "12")), ("t2", .write("y", "22")), ("t2", .commit),
        ("t1", .write("y", "21")), ("t1", .commit),
      ]),
    IsolationSchedule(
      "aborted read", "One reads what another takes back.", from: .readCommitted,
      [("t1", .write("x", "11")), ("t2", .read("x")), ("t1", .abort), ("t2", .commit)]),
    IsolationSchedule(
      "lost update", "Both read, both write: one knew nothing of the other.", from: .snapshot,
      [
        ("t1", .read("x")), ("t2", .read("x")), ("t1", .write("x", "11")), ("t1", .commit),
        ("t2", .write("x", "12")), ("t2", .commit),
      ]),
    IsolationSchedule(
      "read skew", "One value from before a change, the other from after it.", from: .snapshot,
      [
        ("t1", .read("x")), ("t2", .write("x", "12")), ("t2", .write("y", "18")), ("t2", .commit),
        ("t1", .read("y")), ("t1", .commit),
      ]),
    IsolationSchedule(
      "phantom", "The same question twice, and a row more.", from: .snapshot,
      [
        ("t1", .scan("menu")), ("t2", .insert("menu", "kimbap")), ("t2", .commit), ("t1", .scan("menu")),
        ("t1", .commit),
      ]),
    IsolationSchedule(
      "write skew", "Each reads both and writes one: each was right alone.", from: .serializable,
      [
        ("t1", .read("x")), ("t1", .read("y")), ("t2", .read("x")), ("t2", .read("y")), ("t1", .write("x", "11")),
        ("t2", .write("y", "21")), ("t1", .commit), ("t2", .commit),
      ]),
  ]

  /// Runs it on a store at a level. All that happened, in order, and the store as it is then.
  public func run(at level: MultiVersionStore.Level) -> (events: [MultiVersionStore.Event], store: MultiVersionStore) {
    var store = MultiVersionStore(Self.before)
    var events: [MultiVersionStore.Event] = []
    for step in steps where !events.contains(where: { $0.transaction == step.transaction && $0.reply.isEnd }) {
      // A transaction begins with its first step: that is when its snapshot is taken.
      _ = store.begin(step.transaction, level)
      events += store.take(step.request, by: step.transaction)
    }
    return (events, store)
  }
}

extension MultiVersionStore.Reply {
  public var isEnd: Bool {
    switch self {
    case .committed, .aborted: true
    case .value, .rows, .done, .waits, .refused: false
    }
  }
}

extension MultiVersionStore.Level {
  /// What a judge calls it.
  public var promise: IsolationLevel? {
    switch self {
    case .none: nil
    case .readUncommitted: .readUncommitted
    case .readCommitted: .readCommitted
    case .snapshot: .snapshot
    case .serializable: .serializable
    }
  }
}
