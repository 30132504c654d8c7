/// Judges whether every operation can have taken effect at one moment between its invocation and its return, so that
/// all together behave like one object asked one thing at a time (Herlihy & Wing 1990).
public struct Linearizability: Sendable {
  public var kind: ObjectKind
  /// How often an operation is tried in a configuration before the search gives up, for each key. The problem is
  /// NP-complete in the number of operations at a time.
  public var mostLooks: Int

  public init(_ kind: ObjectKind, mostLooks: Int = 2_000_000) { (self.kind, self.mostLooks) = (kind, mostLooks) }

  /// Judges each key alone; the first one that offends, in order of key, is told.
  public func judge(_ history: [Operation]) -> Judgement {
    var byKey: [String: [Int]] = [:]
    for (place, operation) in history.enumerated() where operation.answer != .failed {
      byKey[operation.key, default: []].append(place)
    }
    var undecided: String?
    for key in byKey.keys.sorted() {
      let places = byKey[key] ?? []
      switch judge(key, places.map { history[$0] }) {
      case .holds: continue
      case .undecided(let reason): undecided = undecided ?? reason
      case .violated(var offence):
        offence.culprits = offence.culprits.map { places[$0] }
        return .violated(offence)
      }
    }
    if let undecided { return .undecided(undecided) }
    let count = byKey.values.reduce(0) { $0 + $1.count }
    let keys = byKey.count == 1 ? "" : ", of \(byKey.count) keys each judged alone"
    return .holds("one order explains all \(count) operations\(keys)")
  }

  private func judge(_ key: String, _ operations: [Operation]) -> Judgement {
    switch search(operations, mostLooks).found {
    case .explained: return .holds("")
    case .stuck(let operation, _):
      if let story = Story.find(kind, key, operations) { return .violated(story) }
      return .violated(offence(key, operations, stuckAt: operation))
    case .tooMany, .tooWide:
      // A story needs no search, and what it finds is wrong in any order.
      if let story = Story.find(kind, key, operations) { return .violated(story) }
      let open = operations.count { $0.returned == nil && !$0.isPureRead }
      return .undecided(
        "too many orders of \(key)'s operations to try: \(open) got no answer and may have happened at any time")
    }
  }

  private func search(_ operations: [Operation], _ mostLooks: Int) -> (found: Search, looked: Int) {
    func run<Model: ObjectModel>(_ model: Model.Type) -> (found: Search, looked: Int) {
      var search = LinearizationSearch<Model>(operations, mostLooks: mostLooks)
      let found: Search =
        switch search.run() {
        case .explained: .explained
        case .stuck(let operation, let open): .stuck(operation: operation, open: open)
        case .tooMany: .tooMany
        case .tooWide: .tooWide
        }
      return (found, search.looked)
    }
    switch kind {
    case .register: return run(RegisterModel.self)
    case .counter: return run(CounterModel.self)
    case .log: return run(LogModel.self)
    case .queue: return run(QueueModel.self)
    }
  }

  private enum Search {
    case explained
    case stuck(operation: Int, open: [Int])
    case tooMany, tooWide
  }

  // MARK: The smallest part that offends

  /// Leaves out what is not needed for the contradiction. Only weakening is allowed, so that whatever still offends is
  /// an offence of the whole: a read is dropped, a write becomes one that may have happened at any time or never.
  private func offence(_ key: String, _ operations: [Operation], stuckAt stuck: Int) -> Offence {
    let end = operations[stuck].returned ?? operations[stuck].invoked
    var candidate = operations.map { operation -> Operation? in
      if operation.isPureRead { return operation.returned.map { $0 <= end } ?? false ? operation : nil }
      return operation.returned.map { $0 > end } ?? false ? operation.unanswered : operation
    }
    var kept = Set(candidate.indices.filter { candidate[$0] != nil })
    // What is told may be longer than it must be, but is told soon.
    var looksLeft = min(mostLooks, 200_000)
    var chunk = max(1, kept.count / 2)
    while looksLeft > 0 {
      var rest = kept.sorted().filter { $0 != stuck }[...]
      while !rest.isEmpty, looksLeft > 0 {
        let part = rest.prefix(chunk)
        rest = rest.dropFirst(part.count)
        var weaker = candidate
        for place in part { weaker[place] = operations[place].weakest }
        let (found, looked) = search(weaker.compactMap { $0 }, min(looksLeft, 5_000))
        looksLeft -= looked
        if case .stuck = found {
          candidate = weaker
          kept.subtract(part)
        }
      }
      if chunk == 1 { break }
      chunk /= 2
    }
    let culprits = kept.union([stuck]).sorted { operations[$0].invoked < operations[$1].invoked }
    var words = ["no order of these operations on \(key) explains their answers:"]
    words += culprits.map { "  \(operations[$0].line)" }
    words.append("\(operations[stuck].words): impossible in each order that the times allow")
    return Offence("not linearizable", words, culprits: culprits)
  }
}

extension Operation {
  /// The same without an answer.
  fileprivate var unanswered: Operation {
    var copy = self
    (copy.answer, copy.returned) = (.unknown, nil)
    return copy
  }

  /// Of a read nothing is left; a write may have happened at any time, or never.
  fileprivate var weakest: Operation? {
    guard !isPureRead else { return nil }
    var copy = unanswered
    copy.invoked = Moment(.min, copy.invoked.time)
    return copy
  }
}
