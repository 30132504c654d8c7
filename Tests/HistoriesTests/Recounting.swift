import Clockwork
import Histories

/// A history written as people tell it: each line `process call answer`, overlapping where intervals do.
func op(
  _ process: String, _ call: Call, _ answer: Answer, _ invoked: Int, _ returned: Int?, key: String = "x"
) -> Operation {
  Operation(process, key, call, answer, invoked: Moment(invoked), returned: returned.map { Moment($0) })
}

func op(_ process: String, _ call: Call, _ invoked: Int, _ returned: Int?, key: String = "x") -> Operation {
  op(process, call, .done, invoked, returned, key: key)
}

extension Judgement {
  var isViolated: Bool { if case .violated = self { true } else { false } }
  var holds: Bool { if case .holds = self { true } else { false } }
  var offence: Offence? { if case .violated(let offence) = self { offence } else { nil } }
}

/// Tries every order of the operations and every choice of the unanswered ones, without any cleverness: what the
/// search is compared with.
enum BruteForce {
  static func explains(_ operations: [Operation]) -> Bool {
    let history = operations.filter { $0.answer != .failed }
    var used = Array(repeating: false, count: history.count)
    func place(_ state: [String]) -> Bool {
      if history.indices.allSatisfy({ used[$0] || history[$0].answer == .unknown }) { return true }
      for next in history.indices where !used[next] {
        // Nothing that is left may have been over before it began.
        let mayBeNext = history.indices.allSatisfy { other in
          used[other] || other == next || history[other].returned.map { $0 >= history[next].invoked } ?? true
        }
        guard mayBeNext, let after = step(history[next], state) else { continue }
        used[next] = true
        if place(after) { return true }
        used[next] = false
      }
      return false
    }
    return place([])
  }

  /// The object as a list of values: a register's history of values, a log, a queue's content, a counter's number.
  private static func step(_ operation: Operation, _ state: [String]) -> [String]? {
    switch (operation.call, operation.answer) {
    case (.read, .value(let value)): return state.last == value ? state : nil
    case (.read, .number(let number)): return Int(state.last ?? "0") == number ? state : nil
    case (.read, _), (.scan, .unknown): return state
    case (.write(let value), _): return [value]
    case (.swap(let old, let new), _): return state.last == old ? [new] : nil
    case (.add(let number), _): return [String((Int(state.last ?? "0") ?? 0) + number)]
    case (.append(let value), .number(let at)): return at == state.count ? state + [value] : nil
    case (.append(let value), _), (.enqueue(let value), _): return state + [value]
    case (.scan(let from, let toEnd), .list(let values)):
      guard from + values.count <= state.count else { return nil }
      guard Array(state[from..<from + values.count]) == values else { return nil }
      return toEnd && from + values.count != state.count ? nil : state
    case (.dequeue, .value(let value)): return state.first == value ? Array(state.dropFirst()) : nil
    case (.dequeue, _): return Array(state.dropFirst())
    default: return nil
    }
  }
}

/// Histories made by chance: of an object that behaves, and by rolling the answers as well, so that many do not.
struct Invention {
  var dice: Dice

  init(seed: Int) { dice = Dice(seed: UInt64(seed)) }

  /// `count` operations of `processes` clients on an object that takes each at one moment of its interval.
  mutating func sound(_ kind: ObjectKind, _ count: Int, processes: Int, key: String = "x", unknown: Int = 0)
    -> [Operation]
  {
    var history: [Operation] = []
    var state: [String] = []
    var clock = 0
    /// Who is busy: the call, when it began, and its answer once it took effect.
    var busy: [Int: (call: Call, began: Int, answer: Answer?)] = [:]
    var begun = 0
    func tick() -> Int {
      clock += 1
      return clock
    }
    while begun < count || !busy.isEmpty {
      let process = Int(dice.roll(UInt64(processes)))
      guard let (call, began, answer) = busy[process] else {
        if begun < count {
          busy[process] = (self.call(kind, begun), tick(), nil)
          begun += 1
        }
        continue
      }
      if let answer {
        let isLost = dice.chance(perMille: unknown)
        history.append(op("c\(process)", call, isLost ? .unknown : answer, began, isLost ? nil : tick(), key: key))
        busy[process] = nil
      } else {
        busy[process] = (call, began, Self.take(call, &state, isCounter: kind == .counter))
      }
    }
    return history
  }

  private mutating func call(_ kind: ObjectKind, _ number: Int) -> Call {
    let roll = dice.roll(4)
    switch kind {
    case .register:
      if roll == 0 { return .write("\(number)") }
      return roll == 1 && number > 0 ? .swap(expected: "\(dice.roll(UInt64(number)))", new: "\(number)") : .read
    case .counter: return roll < 2 ? .add(1 + Int(dice.roll(3))) : .read
    case .log: return roll < 2 ? .append("\(number)") : .scan(from: 0, toEnd: true)
    case .queue: return roll < 2 ? .enqueue("\(number)") : .dequeue
    }
  }

  private static func take(_ call: Call, _ state: inout [String], isCounter: Bool) -> Answer {
    switch call {
    case .read: return isCounter ? .number(Int(state.first ?? "0") ?? 0) : .value(state.first)
    case .write(let value): state = [value]
    case .swap(let old, let new):
      guard state.first == old else { return .failed }
      state = [new]
    case .add(let number): state = [String((Int(state.first ?? "0") ?? 0) + number)]
    case .append(let value):
      state.append(value)
      return .number(state.count - 1)
    case .scan: return .list(state)
    case .enqueue(let value): state.append(value)
    case .dequeue: return .value(state.isEmpty ? nil : state.removeFirst())
    }
    return .done
  }

  /// Changes one answer.
  mutating func spoiled(_ history: [Operation]) -> [Operation] {
    var history = history
    let place = Int(dice.roll(UInt64(history.count)))
    let other = Int(dice.roll(UInt64(history.count)))
    switch history[place].answer {
    case .value: history[place].answer = dice.roll(2) == 0 ? .value(nil) : .value("\(dice.roll(6))")
    case .number(let number): history[place].answer = .number(number + 1)
    case .list(let values): history[place].answer = .list(Array(values.dropLast(1 + Int(dice.roll(2)))))
    case .done, .failed, .unknown:
      (history[place].invoked, history[other].invoked) = (history[other].invoked, history[place].invoked)
      if let end = history[place].returned, end < history[place].invoked {
        history[place].returned = history[place].invoked
      }
      if let end = history[other].returned, end < history[other].invoked {
        history[other].returned = history[other].invoked
      }
    }
    return history
  }
}
