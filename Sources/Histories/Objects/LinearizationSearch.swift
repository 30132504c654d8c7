/// Looks for an order of the operations of one object that explains every answer: just-in-time linearization.
///
/// The history is walked once. What is kept is every configuration that the object may be in: its state, and which of
/// the operations under way have taken effect. Only when an operation returns must it have taken effect, so only then
/// are orders tried, each configuration once. (Wing & Gong 1993; Lowe, "Testing for linearizability", 2017, section 5;
/// configurations remembered as there.) One refinement: of two configurations that differ only in operations without an
/// answer, the one that has used up fewer of them can do all that the other can, so it alone is kept.
struct LinearizationSearch<Model: ObjectModel> {
  enum Finding {
    case explained(configurations: Int)
    /// `operation` returned, and no configuration allows what it answered. `open` were under way.
    case stuck(operation: Int, open: [Int])
    case tooMany(configurations: Int)
    case tooWide(open: Int)
  }

  /// At most as many operations at a time as a word has bits.
  static var widest: Int { UInt128.bitWidth }

  private struct Configuration: Hashable {
    var state: Model.State
    /// Of the operations with an answer, those that have taken effect, by slot.
    var done: UInt128
  }

  private let model: Model
  private let operations: [Operation]
  private var slots: [Int?] = []
  private var slotOf: [Int: Int] = [:]
  /// The slots of operations that never return.
  private var unanswered: UInt128 = 0
  /// For each configuration the least sets of unanswered operations with which it is reached.
  private var reached: [Configuration: [UInt128]]
  private(set) var looked = 0
  private let mostLooks: Int

  /// `operations` holds no failed ones: those are no part of the history.
  init(_ operations: [Operation], mostLooks: Int) {
    self.operations = operations
    self.mostLooks = mostLooks
    model = Model(operations)
    reached = [Configuration(state: model.start, done: 0): [0]]
  }

  mutating func run() -> Finding {
    for event in events() {
      if event.isReturn {
        guard let slot = slotOf[event.operation] else { continue }
        let open = slots.compactMap { $0 }
        guard advance(slot) else { return .tooMany(configurations: looked) }
        guard !reached.isEmpty else {
          return .stuck(operation: event.operation, open: open.filter { $0 != event.operation })
        }
        slots[slot] = nil
        slotOf[event.operation] = nil
      } else {
        let slot = slots.firstIndex { $0 == nil } ?? slots.count
        guard slot < Self.widest else { return .tooWide(open: slots.count) }
        if slot == slots.count { slots.append(nil) }
        slots[slot] = event.operation
        slotOf[event.operation] = slot
        if operations[event.operation].returned == nil { unanswered |= 1 << UInt128(slot) }
      }
    }
    return .explained(configurations: looked)
  }

  private struct HistoryEvent {
    var at: Int
    var isReturn: Bool
    var operation: Int
  }

  /// Invocations and returns in order. What falls together counts as overlapping: invocations come first.
  private func events() -> [HistoryEvent] {
    var events: [HistoryEvent] = []
    for (place, operation) in operations.enumerated() {
      // A read without an answer says nothing and changes nothing.
      if operation.returned == nil && operation.isPureRead { continue }
      events.append(HistoryEvent(at: operation.invoked.sequence, isReturn: false, operation: place))
      if let returned = operation.returned {
        events.append(HistoryEvent(at: returned.sequence, isReturn: true, operation: place))
      }
    }
    events.sort {
      ($0.at, $0.isReturn ? 1 : 0, $0.operation) < ($1.at, $1.isReturn ? 1 : 0, $1.operation)
    }
    return events
  }

  /// The operation in the slot has returned: goes on with the configurations in which it has taken effect. False when
  /// there is too much to look at.
  private mutating func advance(_ slot: Int) -> Bool {
    let bit = UInt128(1) << UInt128(slot)
    var next: [Configuration: [UInt128]] = [:]
    var seen: [Configuration: [UInt128]] = [:]
    var wave: [(Configuration, UInt128)] = []
    for (configuration, uses) in reached {
      for used in uses {
        if configuration.done & bit != 0 {
          _ = Self.keep(Configuration(state: configuration.state, done: configuration.done & ~bit), used, in: &next)
        } else if Self.keep(configuration, used, in: &seen) {
          wave.append((configuration, used))
        }
      }
    }
    // By waves, so that what takes fewer operations is reached first.
    while !wave.isEmpty {
      var following: [(Configuration, UInt128)] = []
      for (configuration, used) in wave {
        for (place, operation) in slots.enumerated() {
          guard let operation else { continue }
          let mark = UInt128(1) << UInt128(place)
          guard (configuration.done | used) & mark == 0 else { continue }
          looked += 1
          if looked > mostLooks { return false }
          guard let state = model.apply(operation, to: configuration.state) else { continue }
          if place == slot {
            _ = Self.keep(Configuration(state: state, done: configuration.done), used, in: &next)
          } else {
            let isUnanswered = unanswered & mark != 0
            let after = Configuration(state: state, done: isUnanswered ? configuration.done : configuration.done | mark)
            let usedAfter = isUnanswered ? used | mark : used
            if Self.keep(after, usedAfter, in: &seen) { following.append((after, usedAfter)) }
          }
        }
      }
      wave = following
    }
    reached = next
    return true
  }

  /// Notes a way to reach a configuration, unless one is known that uses up no more.
  private static func keep(
    _ configuration: Configuration, _ used: UInt128, in known: inout [Configuration: [UInt128]]
  ) -> Bool {
    guard let ways = known[configuration] else {
      known[configuration] = [used]
      return true
    }
    if ways.contains(where: { $0 & ~used == 0 }) { return false }
    known[configuration] = ways.filter { used & ~$0 != 0 } + [used]
    return true
  }
}
