/// Why a command cannot be carried out, in our way of saying it: what, what was expected, what to try.
///
/// Thrown before anything has changed.
struct Refusal: Error, Hashable, Sendable {
  /// `No topic orders.`
  var what: String
  /// `Topics: riders.`
  var expected: String?
  /// A command to type, without `Try:`.
  var attempt: String?

  init(_ what: String, expected: String? = nil, attempt: String? = nil) {
    self.what = what
    self.expected = expected
    self.attempt = attempt
  }

  var text: String {
    var parts = [what]
    if let expected { parts.append(expected) }
    if let attempt { parts.append("Try: \(attempt)") }
    return parts.joined(separator: " ")
  }

  var answer: Answer {
    Answer(.refused, Wrapping.lines(text, columns: 80).map { Line($0, .bad) })
  }

  /// `Did you mean topic or trace?`, nil when nothing is near.
  static func didYouMean(_ typed: String, among candidates: [String]) -> String? {
    let near = Nearest.to(typed, among: candidates)
    return near.isEmpty ? nil : "Did you mean \(list(near, last: "or"))?"
  }

  /// `a, b or c`.
  static func list(_ names: [String], last: String = "and") -> String {
    guard let final = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " \(last) " + final
  }
}
