public import Clockwork

/// A claim about a decider in three words: given these events, when this command comes, then those events follow.
///
/// A value without a test framework, so that a test asserts on `mismatch` and a console prints it.
///
///     Given<Order>([.placed(menu)]).when(.cancel, at: .start).mismatch(then: [.cancelRequested])
public struct Given<D: Decider>: Sendable {
  public private(set) var history: [D.Event]

  public init(_ history: [D.Event] = []) { self.history = history }

  public var state: D.State { D.fold(history) }

  public func when(_ command: D.Command, at now: Instant = .start) -> When<D> {
    do throws(D.Rejection) {
      return When(given: self, outcome: .success(try D.decide(command, state, at: now)))
    } catch {
      return When(given: self, outcome: .failure(error))
    }
  }

  /// As `when`, and what followed joins the history: for stories of several commands. Refusals change nothing.
  public func after(_ command: D.Command, at now: Instant = .start) -> Given<D> {
    var next = self
    if case .success(let events) = when(command, at: now).outcome { next.history += events }
    return next
  }
}

/// What came of a command.
public struct When<D: Decider>: Sendable {
  public let given: Given<D>
  public let outcome: Result<[D.Event], D.Rejection>

  /// The events that followed; nil when the command was refused.
  public var events: [D.Event]? { try? outcome.get() }

  public var rejection: D.Rejection? {
    if case .failure(let rejection) = outcome { rejection } else { nil }
  }

  /// The state afterwards.
  public var state: D.State { D.fold(events ?? [], from: given.state) }

  /// Nil when exactly these events followed, otherwise what did.
  public func mismatch(then expected: [D.Event]) -> String? {
    switch outcome {
    case .success(expected): nil
    case .success(let events): "expected \(expected), and what happened was \(events)"
    case .failure(let rejection): "expected \(expected), and it was refused: \(rejection)"
    }
  }

  /// Nil when it was refused for exactly this reason, otherwise what happened.
  public func mismatch(refused expected: D.Rejection) -> String? {
    switch outcome {
    case .failure(expected): nil
    case .failure(let rejection): "expected the refusal \(expected), and it was \(rejection)"
    case .success(let events): "expected the refusal \(expected), and what happened was \(events)"
    }
  }
}
