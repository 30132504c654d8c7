/// Who wrote what, and in which order values replaced each other: read off the transactions themselves.
struct VersionOrders {
  struct Write: Hashable {
    var transaction: Int
    /// The last that its transaction wrote to this key.
    var isFinal: Bool
  }

  let transactions: [Transaction]
  /// By key and value.
  private(set) var writers: [String: [String: Write]] = [:]
  /// By key: pairs of values of which the second replaced the first; nil is "nothing yet".
  private(set) var successors: [String: [(before: String?, after: String)]] = [:]
  private(set) var offences: [(Anomaly, Offence)] = []
  /// Transactions that took effect, as far as anybody can tell.
  private(set) var isIn: [Bool] = []

  /// `installed` gives, where the database tells, the order in which committed values replaced each other.
  init(_ transactions: [Transaction], installed: [String: [String]]) {
    self.transactions = transactions
    for (place, transaction) in transactions.enumerated() {
      var last: [String: String] = [:]
      for step in transaction.steps {
        guard let (key, value) = step.written else { continue }
        if case .insert = step {
          // A row replaces nothing.
        } else if let earlier = last.updateValue(value, forKey: key) {
          writers[key]?[earlier]?.isFinal = false
        }
        if let other = writers[key, default: [:]].updateValue(Write(transaction: place, isFinal: true), forKey: value) {
          let names = [transactions[other.transaction].name, transaction.name]
          offences.append(
            (
              .incompatibleOrder,
              Offence(
                "not traceable",
                ["\(names[0]) and \(names[1]) both wrote \(value) to \(key): a read of it tells nothing"],
                culprits: [other.transaction, place])
            ))
        }
      }
    }
    var readers: [Seen: Set<Int>] = [:]
    for (place, transaction) in transactions.enumerated() where transaction.end != .aborted {
      for seen in transaction.steps.flatMap(\.seen) { readers[seen, default: []].insert(place) }
    }
    isIn = transactions.enumerated().map { place, transaction in
      switch transaction.end {
      case .committed: true
      case .aborted: false
      case .unknown:
        transaction.steps.contains { step in
          guard let (key, value) = step.written else { return false }
          return readers[Seen(key, value)]?.contains { $0 != place } ?? false
        }
      }
    }
    orderLists()
    orderRegisters(installed)
  }

  /// A list's longest read is the order of its appends; every other read has to begin it.
  private mutating func orderLists() {
    var longest: [String: (values: [String], transaction: Int)] = [:]
    for (place, transaction) in transactions.enumerated() where isIn[place] {
      for step in transaction.steps {
        guard case .readList(let key, let values) = step else { continue }
        let known = longest[key]?.values ?? []
        let (short, long) = known.count < values.count ? (known, values) : (values, known)
        if !long.starts(with: short), let other = longest[key] {
          offences.append(
            (
              .incompatibleOrder,
              Offence(
                "incompatible order",
                [
                  "\(transactions[other.transaction].name) read \(key) = \(Self.list(other.values))",
                  "\(transaction.name) read \(key) = \(Self.list(values)): neither begins the other",
                ], culprits: [other.transaction, place])
            ))
        }
        if values.count >= known.count { longest[key] = (values, place) }
      }
    }
    for key in longest.keys.sorted() {
      var before: String?
      for value in longest[key]?.values ?? [] {
        successors[key, default: []].append((before, value))
        before = value
      }
    }
  }

  /// Of registers it is known that nothing comes before everything, and that who reads a value and then writes another
  /// has replaced it.
  private mutating func orderRegisters(_ installed: [String: [String]]) {
    for (place, transaction) in transactions.enumerated() where isIn[place] {
      var current: [String: String?] = [:]
      for step in transaction.steps {
        switch step {
        case .read(let key, let value): if current[key] == nil { current[key] = .some(value) }
        case .write(let key, let value):
          guard installed[key] == nil else { continue }
          if let before = current[key] {
            successors[key, default: []].append((before, value))
          } else {
            successors[key, default: []].append((nil, value))
          }
          current[key] = .some(value)
        case .readList, .append, .readRows, .insert: break
        }
      }
    }
    for key in installed.keys.sorted() {
      var before: String?
      for value in installed[key] ?? [] {
        successors[key, default: []].append((before, value))
        before = value
      }
    }
  }

  /// The version that a value is; nil for what was there before anybody wrote.
  func version(_ value: String?, of key: String) -> String? {
    value.flatMap { writers[key]?[$0] == nil ? nil : $0 }
  }

  static func list(_ values: [String]) -> String { "[" + values.joined(separator: " ") + "]" }

  struct Seen: Hashable {
    var key: String
    var value: String
    init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }
  }
}

extension Transaction.Step {
  var written: (String, String)? {
    switch self {
    case .write(let key, let value), .append(let key, let value), .insert(let key, let value): (key, value)
    case .read, .readList, .readRows: nil
    }
  }

  /// The key, and the newest value seen in it.
  var sawLast: (key: String, value: String?)? {
    switch self {
    case .read(let key, let value): (key, value)
    case .readList(let key, let values): (key, values.last)
    case .write, .append, .readRows, .insert: nil
    }
  }

  var seen: [VersionOrders.Seen] {
    switch self {
    case .read(let key, let value): value.map { [VersionOrders.Seen(key, $0)] } ?? []
    case .readList(let key, let values), .readRows(let key, let values): values.map { VersionOrders.Seen(key, $0) }
    case .write, .append, .insert: []
    }
  }
}
