/// A fenced block as it stands in the file, before it is known what cell it is.
struct Fence {
  static let kinds = ["baedal", "terminal", "predict", "task", "expect", "review"]

  var kind: String
  var flags: [String]
  /// Where the fence opens. The first line of its text is the next one.
  var place: SourcePlace
  var text: String
  var source: SourceText

  /// The text in lines, without the empty one after the last line end.
  var lines: [String] {
    var lines = text.textLines
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  func fields(_ what: String, _ keys: [String]) throws(LessonError) -> Fields {
    try Fields(text, firstLine: place.line + 1, of: source, what: what, keys: keys)
  }

  func groups(_ what: String, _ keys: [String]) throws(LessonError) -> [Fields] {
    try Fields.list(text, firstLine: place.line + 1, of: source, what: what, keys: keys)
  }

  /// A complaint about a word of the info string, placed at that word.
  func mistaken(_ flag: String, expected: String, among words: [String] = []) -> LessonError {
    var place = place
    let line = Array(source.lines[place.line - 1])
    let word = Array(flag)
    if let start = line.indices.first(where: { line[$0...].starts(with: word) }) { place.column = start + 1 }
    return LessonError(
      place, expected: expected, found: "`\(flag)`",
      advice: flag.nearest(among: words).map { "Did you mean `\($0)`?" })
  }

  /// Only `baedal` and `terminal` cells have flags.
  func refuseFlags() throws(LessonError) {
    guard let flag = flags.first else { return }
    throw mistaken(flag, expected: "nothing after `\(kind)`")
  }
}
