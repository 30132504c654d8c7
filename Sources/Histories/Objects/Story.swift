/// The anomalies that have names. Each is two or three operations that conflict whatever the others did, and is told by
/// who asked, what was answered and what had to be.
enum Story {
  static func find(_ kind: ObjectKind, _ key: String, _ operations: [Operation]) -> Offence? {
    switch kind {
    case .register: RegisterStory(key, operations).find()
    case .log: LogStory(key, operations).find()
    case .counter, .queue: nil
    }
  }
}

private struct RegisterStory {
  private let key: String
  private let operations: [Operation]
  /// By value, who wrote it; none where a value was written twice, for then a read does not tell whom it saw.
  private var writers: [String: Int] = [:]
  private var isTraceable = true

  init(_ key: String, _ operations: [Operation]) {
    (self.key, self.operations) = (key, operations)
    for (place, operation) in operations.enumerated() {
      guard let value = operation.written else { continue }
      if writers.updateValue(place, forKey: value) != nil { isTraceable = false }
    }
  }

  func find() -> Offence? {
    guard isTraceable else { return nil }
    let reads = operations.indices.filter { operations[$0].hasRead }
    for read in reads {
      guard let value = operations[read].readValue, writers[value] == nil else { continue }
      return Offence(
        "value from nowhere", ["\(operations[read].line) from \(key)", "nobody wrote \(value)"], culprits: [read])
    }
    for read in reads {
      if let newer = overwritten(operations[read].readValue, before: operations[read].invoked) {
        return Offence(
          "stale read",
          [
            "\(operations[read].line) from \(key)",
            "expected \(operations[newer].written ?? "?") or newer: \(operations[newer].line), acknowledged before",
          ], culprits: [newer, read])
      }
    }
    for later in reads {
      for earlier in reads where operations[earlier].precedes(operations[later]) {
        guard let seen = operations[earlier].readValue, let writer = writers[seen], seen != operations[later].readValue
        else { continue }
        let old = operations[later].readValue.flatMap { writers[$0] }
        guard old.map({ operations[$0].precedes(operations[writer]) }) ?? true else { continue }
        return Offence(
          "read inversion",
          [
            operations[earlier].line, "after that \(operations[later].line), which is older",
            "once a value was seen, nobody may see an older one",
          ], culprits: [earlier, later])
      }
    }
    return nil
  }

  /// A write that was acknowledged before `moment` and began after the value's own write was over.
  private func overwritten(_ value: String?, before moment: Moment) -> Int? {
    let writer = value.flatMap { writers[$0] }
    let newer = operations.indices.filter { place in
      guard operations[place].written != nil, place != writer, let returned = operations[place].returned else {
        return false
      }
      return returned < moment && (writer.map { operations[$0].precedes(operations[place]) } ?? true)
    }
    return newer.max { operations[$0].invoked < operations[$1].invoked }
  }
}

private struct LogStory {
  private let key: String
  private let operations: [Operation]
  private let scans: [Int]
  private let appends: [Int]

  init(_ key: String, _ operations: [Operation]) {
    (self.key, self.operations) = (key, operations)
    scans = operations.indices.filter { operations[$0].scanned != nil }.sorted {
      operations[$0].invoked < operations[$1].invoked
    }
    appends = operations.indices.filter { operations[$0].appended != nil }
  }

  func find() -> Offence? {
    lostWrite() ?? disagreement() ?? fromNowhere() ?? duplicate() ?? onePlaceTwice() ?? stale() ?? inversion()
  }

  /// What was acknowledged at a position, and another value is read there later.
  private func lostWrite() -> Offence? {
    for append in appends {
      guard case .number(let position) = operations[append].answer, let value = operations[append].appended else {
        continue
      }
      for scan in scans where operations[append].precedes(operations[scan]) {
        guard let other = operations[scan].value(at: position), other != value else { continue }
        return Offence(
          "lost write",
          [
            "\(operations[append].line), acknowledged", "after that \(operations[scan].line)",
            "at \(position) of \(key) stands \(other), expected \(value)",
          ], culprits: [append, scan])
      }
    }
    return nil
  }

  private func disagreement() -> Offence? {
    var shown: [Int: (value: String, scan: Int)] = [:]
    for scan in scans {
      guard let (from, values, _) = operations[scan].scanned else { continue }
      for (place, value) in values.enumerated() {
        guard let before = shown[from + place] else {
          shown[from + place] = (value, scan)
          continue
        }
        guard before.value != value else { continue }
        return Offence(
          "diverging reads",
          [
            operations[before.scan].line, operations[scan].line,
            "at \(from + place) of \(key) the one saw \(before.value), the other \(value)",
          ], culprits: [before.scan, scan])
      }
    }
    return nil
  }

  private func fromNowhere() -> Offence? {
    let sent = Set(appends.compactMap { operations[$0].appended })
    for scan in scans {
      guard let stranger = operations[scan].scanned?.values.first(where: { !sent.contains($0) }) else { continue }
      return Offence(
        "value from nowhere", ["\(operations[scan].line) from \(key)", "nobody sent \(stranger)"], culprits: [scan])
    }
    return nil
  }

  private func duplicate() -> Offence? {
    var sent: [String: Int] = [:]
    for append in appends { sent[operations[append].appended ?? "", default: 0] += 1 }
    for scan in scans {
      var seen: [String: Int] = [:]
      for value in operations[scan].scanned?.values ?? [] {
        seen[value, default: 0] += 1
        guard let times = seen[value], times > sent[value] ?? 0 else { continue }
        let sender = appends.first { operations[$0].appended == value }
        return Offence(
          "duplicate",
          [
            sender.map { operations[$0].line }, "after that \(operations[scan].line)",
            "\(value) stands \(times) times in \(key)",
          ]
          .compactMap { $0 }, culprits: [sender, scan].compactMap { $0 })
      }
    }
    return nil
  }

  private func onePlaceTwice() -> Offence? {
    var at: [Int: Int] = [:]
    for append in appends {
      guard case .number(let position) = operations[append].answer else { continue }
      if let before = at.updateValue(append, forKey: position) {
        return Offence(
          "lost write",
          [
            operations[before].line, operations[append].line,
            "both were acknowledged at \(position) of \(key): one of them is lost",
          ], culprits: [before, append])
      }
    }
    return nil
  }

  /// Acknowledged before the read began, and the read ended below it.
  private func stale() -> Offence? {
    for scan in scans {
      guard let (from, values, toEnd) = operations[scan].scanned, toEnd else { continue }
      for append in appends.reversed() where operations[append].precedes(operations[scan]) {
        guard case .number(let position) = operations[append].answer, position >= from + values.count else { continue }
        return Offence(
          "stale read",
          [
            "\(operations[append].line), acknowledged", "after that \(operations[scan].line)",
            "expected \(operations[append].appended ?? "?") at \(position) of \(key)",
          ], culprits: [append, scan])
      }
    }
    return nil
  }

  private func inversion() -> Offence? {
    for (place, later) in scans.enumerated() {
      guard let (from, values, toEnd) = operations[later].scanned, toEnd else { continue }
      for earlier in scans[..<place] where operations[earlier].precedes(operations[later]) {
        guard let before = operations[earlier].scanned, before.from + before.values.count > from + values.count,
          !before.values.isEmpty
        else { continue }
        return Offence(
          "read inversion",
          [
            operations[earlier].line, "after that \(operations[later].line)",
            "once \(before.values[before.values.count - 1]) was seen, every later read of \(key) has to show it",
          ], culprits: [earlier, later])
      }
    }
    return nil
  }
}

extension Operation {
  /// Over before the other began.
  func precedes(_ other: Operation) -> Bool { returned.map { $0 < other.invoked } ?? false }

  var written: String? {
    switch call {
    case .write(let value), .swap(_, let value): value
    default: nil
    }
  }

  var hasRead: Bool {
    if case .value = answer, call == .read { true } else { false }
  }

  var readValue: String? {
    if case .value(let value) = answer { value } else { nil }
  }

  var appended: String? {
    if case .append(let value) = call { value } else { nil }
  }

  var scanned: (from: Int, values: [String], toEnd: Bool)? {
    guard case .scan(let from, let toEnd) = call, case .list(let values) = answer else { return nil }
    return (from, values, toEnd)
  }

  func value(at position: Int) -> String? {
    guard let (from, values, _) = scanned, position >= from, position - from < values.count else { return nil }
    return values[position - from]
  }
}
