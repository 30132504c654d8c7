/// A lesson: one Markdown file that is read by a person, executed by a machine and proved by the author's tools.
///
/// Headings of the first and second level divide it into steps. Fenced blocks whose info string begins with `baedal`,
/// `terminal`, `predict`, `task`, `expect` or `review` are cells; everything else is prose.
public struct Lesson: Hashable, Sendable {
  public var file: String
  public var front: FrontMatter
  public var steps: [Step]
  /// Whether only the review questions are left: a walk through them does not touch how far the lesson itself is.
  public internal(set) var isReview = false
  /// Links in the prose, for the linter.
  public var links: [Link]

  /// A stretch of the lesson under one heading, with a snapshot of the world at its beginning.
  public struct Step: Hashable, Sendable {
    public var title: String
    public var place: SourcePlace
    public var blocks: [Block]
  }

  public enum Block: Hashable, Sendable {
    case prose(Prose)
    case commands(CommandCell)
    case prediction(PredictionCell)
    case task(TaskCell)
    case expectation(ExpectCell)
    case review(ReviewCell)
  }

  public struct Link: Hashable, Sendable {
    public var target: String
    public var place: SourcePlace
  }

  /// All blocks in order, whatever their step.
  var blocks: [Block] { steps.flatMap(\.blocks) }
}

/// The lines between `---` at the head of a lesson file, in YAML:
///
///     ---
///     id: "10"
///     title: Replication
///     minutes: 15
///     components: [RecordLog, Broker, Simulation]
///     belief: acks=all means that every replica has the record
///     seed: 1        # the world a learner gets; 1 unless said
///     seeds: 5       # how many seeds the linter proves it on; 5 unless said
///     skip: needs …  # parks the lesson: `baedal run` reports it as skipped
///     ---
public struct FrontMatter: Hashable, Sendable {
  public var id: String
  public var title: String
  /// How long a learner takes.
  public var minutes: Int
  /// The real components that the lesson runs on.
  public var components: [String]
  /// What most people believe and the lesson's experiment refutes.
  public var belief: String
  public var seed: UInt64
  public var seeds: Int
  public var skip: String?

  static let keys = ["id", "title", "minutes", "components", "belief", "seed", "seeds", "skip"]

  init(_ fields: Fields) throws(LessonError) {
    id = try fields.text("id")
    title = try fields.text("title")
    minutes = try fields.whole("minutes", in: 1...600)
    components = try fields.lines("components").map(\.text)
    belief = try fields.text("belief")
    seed = UInt64(try fields.whole("seed", in: 0...Int.max, orElse: 1))
    seeds = try fields.whole("seeds", in: 1...1000, orElse: 5)
    skip = fields.has("skip") ? try fields.text("skip") : nil
  }
}
