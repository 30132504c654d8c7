/// What an exhaustive search found.
public struct Exploration: Sendable {
  /// Steps taken, those that led to a state seen before included.
  public var generated = 0
  /// Different states.
  public var distinct = 0
  /// How many they are when the names of nodes that are alike are told apart.
  public var standsFor = 0
  /// The most steps from the beginning to any state by the shortest way.
  public var depth = 0
  /// States that broke a claim; with `keepsGoing` all, otherwise one at most.
  public var breaches = 0
  /// The first of them: no shorter schedule breaks a claim.
  public var counterexample: Counterexample?
  /// States from which nobody who is up ever gets what they wait for, unless somebody repairs something.
  public var blocked = 0
  public var firstBlocked: Counterexample?
  /// States from which they do not even then.
  public var stuck = 0
  public var firstStuck: Counterexample?
  /// Whether blocked states were looked for in the whole space.
  public var knowsBlocked = false
  /// Set when the space was not searched to its end.
  public var limit: Limit?
  /// At the most, in bytes.
  public var memory = 0
  /// Different states of single nodes, and different messages: so often did the nodes' own code run, about.
  public var nodeStates = 0
  public var messages = 0

  public init() {}

  /// Why a search ended before its end.
  public enum Limit: Hashable, Sendable, CustomStringConvertible {
    case memory, depth, states, cancelled
    /// More messages under way in one state than a search carries.
    case underWay
    /// A message that arrives at once left its receiver a choice, or led to others without end.
    case atOnce

    public var description: String {
      switch self {
      case .memory: "the memory allowed is used up"
      case .depth: "the depth allowed is reached"
      case .states: "the number of states allowed is reached"
      case .cancelled: "interrupted"
      case .underWay: "more than \(Exploration.mostUnderWay) messages are under way at once"
      case .atOnce: "a message that arrives at once leaves a choice or leads to others without end"
      }
    }
  }

  public struct Progress: Hashable, Sendable {
    public var distinct: Int
    public var generated: Int
    public var depth: Int
    public var bytes: Int
  }

  static let repairBit: UInt32 = 1 << 31
  static let mostStates = 1 << 31 - 1
  static let mostUnderWay = 200
  static let mostAtOnce = 64
}

/// A schedule, step by step from the beginning, and what it leads to.
public struct Counterexample: Sendable {
  public var breach: ExploredClaims.Breach
  /// By step: which of the moves of the state it was. With the same system and bounds these alone tell the schedule.
  public var choices: [UInt32]
  public var steps: [Step]

  public struct Step: Sendable {
    /// `n1 hears Prepare from n2`: one move in words.
    public var text: String
    /// What is to be drawn; `index` and `time` are the number of the step.
    public var events: [TraceEvent]
  }

  /// All that is to be drawn.
  public var events: [TraceEvent] { steps.flatMap(\.events) }
}
