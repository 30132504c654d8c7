public import Clockwork

/// What must hold after every event.
///
/// Held by the world as a value: what an invariant remembers (who led which epoch) rewinds when the world does.
public protocol Invariant<N>: Sendable {
  associatedtype N: Node

  /// Its name as a type: `SingleLeader`.
  var name: String { get }

  /// Looks at the world after an event. `touched` is the node whose state the event may have changed; the console when
  /// the event was a fault of the network. Returns what is wrong, or nil.
  mutating func check(_ world: borrowing World<N>, touched: NodeID) -> String?
}

/// The first time that an invariant did not hold.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  public var event: Int
  public var time: Instant
  public var name: String
  public var text: String

  public var description: String { "\(name) broken by event \(event) at \(time): \(text)" }
}

extension World {
  /// Notes that something which must hold does not, unless something was noted before: the first violation counts.
  public mutating func accuse(_ name: String, _ text: String) {
    if violation == nil { violation = Violation(event: eventCount, time: now, name: name, text: text) }
  }

  mutating func judge(touched: NodeID, _ observer: inout some TraceObserver) {
    if !invariants.isEmpty, violation == nil { judgeAll(touched) }
    if observer.isListening, let violation, violation.event == eventCount {
      tell(&observer, .violated, touched, nil, nil, "\(violation.name): \(violation.text)", false)
    }
  }

  private mutating func judgeAll(_ touched: NodeID) {
    // Out of the world and back, so that they can change while they look at it.
    var judges: [any Invariant<N>] = []
    swap(&judges, &invariants)
    for index in judges.indices {
      guard let text = judges[index].check(self, touched: touched) else { continue }
      accuse(judges[index].name, text)
      break
    }
    swap(&judges, &invariants)
  }
}
