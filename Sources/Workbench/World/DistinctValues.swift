import Histories

/// A value that was written more than once, told apart by where it stands: sessions are judged by which write a read saw.
///
/// A write whose position nobody was told stays as it is, and can be told apart only if it is the one that is left.
enum DistinctValues {
  /// Nil, with the value, when a read may have seen either of several writes.
  static func of(_ history: [Operation]) -> (operations: [Operation], ambiguous: String?) {
    var known: [Place: String] = [:]
    var times: [Value: Int] = [:]
    for operation in history {
      guard case .append(let text) = operation.call else { continue }
      times[Value(operation.key, text), default: 0] += 1
      if case .number(let position) = operation.answer { known[Place(operation.key, position)] = text }
    }
    let repeated = times.filter { $0.value > 1 }
    guard !repeated.isEmpty else { return (history, nil) }
    var left: [Value: Int] = [:]
    var ambiguous: String?
    let operations = history.map { operation -> Operation in
      var operation = operation
      switch (operation.call, operation.answer) {
      case (.append(let text), .number(let position)) where repeated[Value(operation.key, text)] != nil:
        operation.call = .append("\(text) at \(position)")
      case (.append(let text), .unknown), (.append(let text), .done):
        let value = Value(operation.key, text)
        guard repeated[value] != nil else { break }
        left[value, default: 0] += 1
        if left[value] == 2 { ambiguous = ambiguous ?? text }
      case (.scan(let from, _), .list(let values)):
        operation.answer = .list(
          values.enumerated().map { offset, text in
            let isKnown = known[Place(operation.key, from + offset)] == text
            return isKnown && repeated[Value(operation.key, text)] != nil ? "\(text) at \(from + offset)" : text
          })
      default: break
      }
      return operation
    }
    return (operations, ambiguous)
  }

  private struct Place: Hashable {
    var key: String
    var position: Int

    init(_ key: String, _ position: Int) { (self.key, self.position) = (key, position) }
  }

  private struct Value: Hashable {
    var key: String
    var text: String

    init(_ key: String, _ text: String) { (self.key, self.text) = (key, text) }
  }
}
