/// How an object behaves when it is asked one thing at a time: what linearizability compares a history with.
///
/// A model is prepared for the operations of one key and asked by their places, so that it may look ahead: what no
/// operation can tell apart needs no state of its own.
protocol ObjectModel {
  associatedtype State: Hashable
  init(_ operations: [Operation])
  var start: State { get }
  /// The state after the operation, nil when it cannot have answered so in this one. An operation without an answer may
  /// have answered anything.
  func apply(_ operation: Int, to state: State) -> State?
}

/// Which object a key holds.
public enum ObjectKind: String, Hashable, Sendable, CaseIterable {
  /// Read, write, compare and set.
  case register
  case counter
  /// Append, and scans from a position.
  case log
  /// First in, first out.
  case queue
}

/// A single value. Values are numbered, 0 is "nothing yet".
struct RegisterModel: ObjectModel {
  private enum Step {
    case see(Int)
    case put(Int)
    case swap(Int, Int)
    case no
  }
  private var steps: [Step] = []
  private var numbers: [String: Int] = [:]

  init(_ operations: [Operation]) {
    for operation in operations {
      switch (operation.call, operation.answer) {
      case (.read, .value(let value)): steps.append(.see(number(value)))
      case (.write(let value), _): steps.append(.put(number(value)))
      case (.swap(let expected, let new), _): steps.append(.swap(number(expected), number(new)))
      default: steps.append(.no)
      }
    }
  }

  private mutating func number(_ value: String?) -> Int {
    guard let value else { return 0 }
    if let known = numbers[value] { return known }
    numbers[value] = numbers.count + 1
    return numbers.count
  }

  var start: Int { 0 }

  func apply(_ operation: Int, to state: Int) -> Int? {
    switch steps[operation] {
    case .see(let value): state == value ? state : nil
    case .put(let value): value
    case .swap(let expected, let new): state == expected ? new : nil
    case .no: nil
    }
  }
}

struct CounterModel: ObjectModel {
  private let operations: [Operation]

  init(_ operations: [Operation]) { self.operations = operations }

  var start: Int { 0 }

  func apply(_ operation: Int, to state: Int) -> Int? {
    switch (operations[operation].call, operations[operation].answer) {
    case (.read, .number(let number)): state == number ? state : nil
    // Wraps rather than traps: the numbers come from outside.
    case (.add(let number), _): state &+ number
    default: nil
    }
  }
}

/// A log that only grows. What any scan has shown at a position is there for good, so the state is its length alone:
/// an append that would put another value there can be no part of an explanation, and what no scan shows nobody can
/// tell apart.
struct LogModel: ObjectModel {
  private enum Step {
    case see(upTo: Int, toEnd: Bool)
    case put(Int, at: Int?)
    case no
  }
  private var steps: [Step] = []
  /// By position, the number of the value that scans show there; -1 where none does.
  private var known: [Int] = []

  init(_ operations: [Operation]) {
    var numbers: [String: Int] = [:]
    func number(_ value: String) -> Int {
      if let number = numbers[value] { return number }
      numbers[value] = numbers.count
      return numbers.count - 1
    }
    for operation in operations {
      switch (operation.call, operation.answer) {
      case (.scan(let from, let toEnd), .list(let values)):
        var fits = true
        for (place, value) in values.enumerated() {
          let position = from + place
          while known.count <= position { known.append(-1) }
          if known[position] == -1 { known[position] = number(value) }
          fits = fits && known[position] == number(value)
        }
        steps.append(fits ? .see(upTo: from + values.count, toEnd: toEnd) : .no)
      case (.append(let value), .number(let position)): steps.append(.put(number(value), at: position))
      case (.append(let value), _): steps.append(.put(number(value), at: nil))
      default: steps.append(.no)
      }
    }
  }

  var start: Int { 0 }

  func apply(_ operation: Int, to length: Int) -> Int? {
    switch steps[operation] {
    case .see(let end, let toEnd): (toEnd ? length == end : length >= end) ? length : nil
    case .put(let value, let position):
      (position == nil || position == length) && (length >= known.count || [-1, value].contains(known[length]))
        ? length + 1 : nil
    case .no: nil
    }
  }
}

struct QueueModel: ObjectModel {
  private let operations: [Operation]

  init(_ operations: [Operation]) { self.operations = operations }

  var start: [String] { [] }

  func apply(_ operation: Int, to state: [String]) -> [String]? {
    switch (operations[operation].call, operations[operation].answer) {
    case (.enqueue(let value), _): return state + [value]
    case (.dequeue, .value(let value)):
      guard state.first == value else { return nil }
      return Array(state.dropFirst())
    // Nobody told what it took: the first, or nothing from an empty queue.
    case (.dequeue, .unknown): return Array(state.dropFirst())
    default: return nil
    }
  }
}
