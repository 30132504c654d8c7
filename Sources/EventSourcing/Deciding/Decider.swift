public import Clockwork

/// Who decides what happens to one kind of entity: a command and the state so far in, events out.
///
/// Decide, then apply; replay only applies. `decide` sees the state and the time it is handed and nothing else, so the
/// same command on the same history gives the same events anywhere. Everything is static: there is no object to keep.
public protocol Decider: Sendable {
  associatedtype Command: Sendable & Hashable
  associatedtype Event: Sendable & Hashable
  associatedtype State: Sendable & Equatable
  /// Why a command was refused: an answer for whoever asked, not a fault.
  associatedtype Rejection: Error & Equatable & Sendable

  static var initial: State { get }

  /// What the command makes happen, or why nothing does. No events at all is fine: what was asked for is so already.
  static func decide(_ command: Command, _ state: State, at: Instant) throws(Rejection) -> [Event]

  /// Total: an event has happened, and no state may refuse it.
  static func evolve(_ state: inout State, _ event: Event)

  /// Nothing more will happen to it, so that its state may be put away.
  static func isTerminal(_ state: State) -> Bool
}

extension Decider {
  public static func isTerminal(_ state: State) -> Bool { false }

  /// The state after these events.
  public static func fold(_ events: some Sequence<Event>, from start: State? = nil) -> State {
    var state = start ?? initial
    for event in events { evolve(&state, event) }
    return state
  }
}
