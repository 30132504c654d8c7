/// What a judge says of a history: three values, each with its reason.
public enum Judgement: Hashable, Sendable {
  /// It can be explained, and how much was looked at.
  case holds(String)
  case violated(Offence)
  /// Not decided: the search was cut off, or the history does not tell enough.
  case undecided(String)
}

/// Why a history cannot be explained, told to people.
public struct Offence: Hashable, Sendable {
  /// The anomaly's name where it has one: `stale read`, `lost update`, `G-single`.
  public var name: String
  /// One fact a line: what was seen, what was expected, which operations conflict.
  public var words: [String]
  /// Places in the history that was given: the smallest set found that still offends.
  public var culprits: [Int]

  public init(_ name: String, _ words: [String], culprits: [Int]) {
    (self.name, self.words, self.culprits) = (name, words, culprits)
  }
}
