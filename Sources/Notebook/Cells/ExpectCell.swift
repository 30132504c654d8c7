/// A claim as an author writes it: the text that follows `expect`, and where it stands.
public struct Claim: Hashable, Sendable {
  public var text: String
  public var place: SourcePlace

  /// The word `expect` in front is allowed, since that is how the learner types it.
  init(_ line: SourceLine) {
    place = line.place
    text = line.text.hasPrefix("expect ") ? String(line.text.dropFirst("expect ".count)).trimmed : line.text
  }
}

/// Claims judged by the engine, one a line; `#` begins a comment:
///
///     ```expect
///     leader orders/0 is n2
///     single leader
///     ```
public struct ExpectCell: Hashable, Sendable {
  public var place: SourcePlace
  public var claims: [Claim]

  init(_ fence: Fence) throws(LessonError) {
    try fence.refuseFlags()
    place = fence.place
    claims = fence.lines.enumerated().compactMap { index, line in
      let text = line.trimmed
      guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
      return Claim(SourceLine(text: text, place: fence.source.place(line: fence.place.line + 1 + index)))
    }
    guard !claims.isEmpty else {
      throw LessonError(place, expected: "at least one claim", found: "an empty cell")
    }
  }
}
