/// What a session may count on when copies lag behind each other (Terry et al., "Session guarantees for weakly
/// consistent replicated data", 1994). A session is all that one process did, in its order.
public enum SessionGuarantee: String, Hashable, Sendable, CaseIterable {
  case readYourWrites = "read your writes"
  case monotonicReads = "monotonic reads"
  case monotonicWrites = "monotonic writes"
  case writesFollowReads = "writes follow reads"

  /// Judges appends and scans of logs or lists, and writes and reads of registers, by key.
  ///
  /// Of a register a read shows one value. What came before it is known where a session saw both, or wrote one after
  /// the other; what nobody can tell is not held against anyone.
  public func judge(_ history: [Operation]) -> Judgement {
    let sessions = Sessions(history)
    let offence =
      switch self {
      case .readYourWrites: sessions.missedOwnWrite()
      case .monotonicReads: sessions.wentBack()
      case .monotonicWrites: sessions.writesReordered()
      case .writesFollowReads: sessions.effectWithoutCause()
      }
    if let offence { return .violated(offence) }
    return sessions.reads == 0
      ? .undecided("nobody has read anything yet")
      : .holds("\(sessions.reads) reads and \(sessions.writes) writes of \(sessions.count) sessions")
  }
}

/// A history seen as sessions.
private struct Sessions {
  /// A read, as what it shows: each value with its place, the newest last.
  private struct View {
    var operation: Int
    var from: Int
    var values: [String]
    var toEnd: Bool
    /// Of a register whose writes overlap: what else was there before, nobody can tell.
    var isPartial = false

    func shows(_ value: String) -> Bool { values.contains(value) }
    var end: Int { from + values.count }
  }

  private let history: [Operation]
  /// In order of process and invocation.
  private var sessions: [(process: String, operations: [Int])] = []
  private var views: [Int: View] = [:]

  init(_ history: [Operation]) {
    self.history = history
    var byProcess: [String: [Int]] = [:]
    for (place, operation) in history.enumerated() where operation.answer != .failed {
      byProcess[operation.process, default: []].append(place)
    }
    sessions = byProcess.keys.sorted().map { process in
      (process, (byProcess[process] ?? []).sorted { history[$0].invoked < history[$1].invoked })
    }
    let versions = Versions(history)
    for (place, operation) in history.enumerated() {
      if let (from, values, toEnd) = operation.scanned {
        views[place] = View(operation: place, from: from, values: values, toEnd: toEnd)
      } else if operation.hasRead {
        // A register shows all that its value has replaced.
        let values = versions.upTo(operation.readValue, of: operation.key)
        let isPartial = values == nil
        views[place] = View(
          operation: place, from: isPartial ? 1 : 0, values: values ?? [operation.readValue].compactMap { $0 },
          toEnd: !isPartial, isPartial: isPartial)
      }
    }
  }

  var reads: Int { views.count }
  var writes: Int { history.count { $0.value != nil && $0.answer != .failed } }
  var count: Int { sessions.count }

  func missedOwnWrite() -> Offence? {
    for session in sessions {
      for read in session.operations {
        guard let view = views[read] else { continue }
        for write in session.operations where history[write].precedes(history[read]) {
          guard let value = history[write].value, history[write].key == history[read].key else { continue }
          guard misses(view, value, history[write].position) else { continue }
          return Offence(
            "read your writes",
            [
              history[write].line, "after that \(history[read].line)",
              "\(session.process) does not see its own \(value) in \(history[read].key)",
            ], culprits: [write, read])
        }
      }
    }
    return nil
  }

  func wentBack() -> Offence? {
    for session in sessions {
      for (place, later) in session.operations.enumerated() {
        guard let after = views[later] else { continue }
        for earlier in session.operations[..<place] where history[earlier].precedes(history[later]) {
          guard let before = views[earlier], history[earlier].key == history[later].key else { continue }
          guard let (missing, position) = lost(from: before, in: after) else { continue }
          return Offence(
            "monotonic reads",
            [
              history[earlier].line, "after that \(history[later].line)",
              "\(session.process) saw \(missing) in \(history[later].key)\(position) and then does not",
            ], culprits: [earlier, later])
        }
      }
    }
    return nil
  }

  func writesReordered() -> Offence? {
    for session in sessions {
      let own = session.operations.filter { history[$0].value != nil && history[$0].returned != nil }
      for (place, second) in own.enumerated() {
        for first in own[..<place] where history[first].precedes(history[second]) {
          if let (reader, why) = shown(second, without: first) {
            return Offence(
              "monotonic writes",
              [history[first].line, "after that \(history[second].line)", history[reader].line, why],
              culprits: [first, second, reader])
          }
        }
      }
    }
    return nil
  }

  func effectWithoutCause() -> Offence? {
    for session in sessions {
      for write in session.operations where history[write].value != nil {
        for read in session.operations where history[read].precedes(history[write]) {
          guard let view = views[read] else { continue }
          for cause in view.values {
            guard
              let source = history.indices.first(where: {
                history[$0].value == cause && history[$0].key == history[read].key
              }),
              source != write, let (reader, why) = shown(write, without: source)
            else { continue }
            return Offence(
              "writes follow reads",
              [history[read].line, "after that \(history[write].line)", history[reader].line, why],
              culprits: [read, write, reader])
          }
        }
      }
    }
    return nil
  }

  // MARK: Looking

  /// A read that shows the second write and not the first, or the first behind the second.
  private func shown(_ second: Int, without first: Int) -> (reader: Int, why: String)? {
    guard let after = history[second].value, let before = history[first].value else { return nil }
    let sameKey = history[second].key == history[first].key
    for reader in views.keys.sorted() where history[reader].key == history[second].key {
      guard let view = views[reader], view.shows(after) else { continue }
      if sameKey {
        guard view.from == 0 || view.shows(before) else { continue }
        let (place, other) = (view.values.firstIndex(of: after), view.values.firstIndex(of: before))
        if other == nil { return (reader, "it shows \(after) without \(before), which came before") }
        if let place, let other, other > place { return (reader, "it shows \(before) behind \(after)") }
      } else {
        // Another key: the same process reads it afterwards and still misses the cause.
        for next in views.keys.sorted() where history[next].key == history[first].key {
          guard history[next].process == history[reader].process, history[reader].precedes(history[next]),
            let other = views[next], misses(other, before, history[first].position)
          else { continue }
          return (next, "\(history[next].process) has seen \(after) in \(history[second].key), and misses \(before)")
        }
      }
    }
    return nil
  }

  private func misses(_ view: View, _ value: String, _ position: Int?) -> Bool {
    guard !view.isPartial, !view.shows(value) else { return false }
    guard let position else { return view.from == 0 && view.toEnd }
    return position >= view.from && (view.toEnd || position < view.end)
  }

  private func lost(from before: View, in after: View) -> (String, String)? {
    if after.isPartial { return nil }
    for (place, value) in before.values.enumerated() where !after.shows(value) {
      let position = before.from + place
      guard position >= after.from, after.toEnd || position < after.end else { continue }
      return (value, history[before.operation].scanned == nil ? "" : " at \(position)")
    }
    return nil
  }
}

/// For registers, what is known of the order in which values replaced each other: one session wrote or saw the one and
/// then wrote the other, or the one write was over before the other began.
private struct Versions {
  private var order: [String: [String]] = [:]

  init(_ history: [Operation]) {
    var writes: [String: [Int]] = [:]
    for (place, operation) in history.enumerated() where operation.written != nil && operation.answer != .failed {
      writes[operation.key, default: []].append(place)
    }
    for (key, places) in writes {
      // Only where the writes follow one another is there one order to speak of.
      let sorted = places.sorted { history[$0].invoked < history[$1].invoked }
      guard zip(sorted, sorted.dropFirst()).allSatisfy({ history[$0].precedes(history[$1]) }) else { continue }
      order[key] = sorted.compactMap { history[$0].written }
    }
  }

  /// Nil where the order is not known.
  func upTo(_ value: String?, of key: String) -> [String]? {
    guard let value else { return [] }
    guard let order = order[key], let place = order.firstIndex(of: value) else { return nil }
    return Array(order[...place])
  }
}

extension Operation {
  /// What it adds to the object.
  fileprivate var value: String? { written ?? appended }

  fileprivate var position: Int? {
    if case .number(let position) = answer, appended != nil { position } else { nil }
  }
}
