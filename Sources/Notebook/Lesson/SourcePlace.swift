/// A place in a lesson file. Lines and columns count from 1; a column counts characters.
public struct SourcePlace: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var file: String
  public var line: Int
  public var column: Int

  public init(_ file: String, _ line: Int, _ column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `Lessons/10-replication.md:42:3`, the form that editors jump to.
  public var description: String { "\(file):\(line):\(column)" }

  public static func < (a: SourcePlace, b: SourcePlace) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }
}

/// A lesson file that could not be read: where, what stands there, what should, and what to try.
public struct LessonError: Error, Hashable, Sendable, CustomStringConvertible {
  public var place: SourcePlace
  public var expected: String
  public var found: String
  /// What the author could write instead, when that is clear.
  public var advice: String?

  public init(_ place: SourcePlace, expected: String, found: String, advice: String? = nil) {
    self.place = place
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  public var description: String {
    "\(place): expected \(expected), found \(found)." + (advice.map { " \($0)" } ?? "")
  }
}

/// One line of a cell, such as a command or a claim, and where it stands.
public struct SourceLine: Hashable, Sendable {
  public var text: String
  public var place: SourcePlace
}
