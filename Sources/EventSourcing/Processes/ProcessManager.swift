public import Clockwork

/// What turns events into the next commands: the thread that runs through several entities.
///
/// `react` says what to do, and does not do it: the runtime names the commands (see `CommandID`), writes the timers down
/// and sends, once, at the live frontier. Code that replays calls `evolve` only.
public protocol ProcessManager: Sendable {
  associatedtype Input: Sendable
  associatedtype State: Sendable & Equatable
  associatedtype Command: Sendable & Hashable

  /// Stands in the names of its commands: never changes once in use.
  static var name: String { get }
  static var initial: State { get }
  /// Which instance hears the input.
  static func route(_ input: Input) -> Route
  static func evolve(_ state: inout State, _ input: Input)
  /// What follows from the input. `state` has heard it already.
  static func react(_ input: Input, _ state: State) -> [Effect<Command>]
}

/// Which instance of a process manager an input is for.
public enum Route: Hashable, Sendable {
  /// This one, which begins when there is none.
  case start(EntityID)
  /// This one, if it exists.
  case join(EntityID)
  case ignore
}

/// What a process manager wants done.
public enum Effect<Command: Sendable & Hashable>: Hashable, Sendable {
  case send(Command)
  /// Sends the command later, unless cancelled. One timer per instance and name: a second one replaces the first.
  case schedule(Command, after: Interval, name: UInt8)
  case cancelTimer(name: UInt8)
  /// The instance is over and may be forgotten.
  case finish
}

/// The instances of one process manager.
public struct Processes<P: ProcessManager>: Sendable {
  public private(set) var states: [EntityID: P.State] = [:]

  public init() {}

  /// Hears an input that was reacted to before: state, and nothing else.
  public mutating func fold(_ input: P.Input) { _ = hear(input) }

  /// Hears an input for the first time. Only a `Live` memory has the `LiveFrontier` to call this with.
  public mutating func react(_ input: P.Input, _: borrowing LiveFrontier) -> (EntityID, [Effect<P.Command>])? {
    guard let (instance, state) = hear(input) else { return nil }
    let effects = P.react(input, state)
    if effects.contains(.finish) { states[instance] = nil }
    return (instance, effects)
  }

  private mutating func hear(_ input: P.Input) -> (EntityID, P.State)? {
    let instance: EntityID
    switch P.route(input) {
    case .ignore: return nil
    case .start(let id): instance = id
    case .join(let id):
      guard states[id] != nil else { return nil }
      instance = id
    }
    P.evolve(&states[instance, default: P.initial], input)
    return (instance, states[instance] ?? P.initial)
  }
}
