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

  /// In one line where it fits; otherwise the command to try stands in a line of its own, to be copied.
  var answer: Answer {
    if DisplayWidth.of(text) <= 80 { return Answer(.refused, [Line(text, .bad)]) }
    let complaint = [what, expected].compactMap { $0 }.joined(separator: " ")
    let lines = Wrapping.lines(complaint, columns: 80).map { Line($0, .bad) }
    return Answer(.refused, lines + (attempt.map { [Line("Try: ", .bad) + .command($0)] } ?? []))
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
