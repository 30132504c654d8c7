public import Workbench

/// What an author has to mend, and where.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
  public var place: SourcePlace
  public var message: String
  public var detail: [String]
  /// The command that shows it again, when it showed in a run.
  public var replay: String?

  public init(_ place: SourcePlace, _ message: String, detail: [String] = [], replay: String? = nil) {
    self.place = place
    self.message = message
    self.detail = detail
    self.replay = replay
  }

  public var description: String {
    (["\(place): \(message)"] + detail.map { "    \($0)" } + (replay.map { ["    replay: \($0)"] } ?? []))
      .joined(separator: "\n")
  }
}

/// Proves a lesson over several seeds: outputs are as expected, claims hold, each prediction has exactly one right
/// answer, each solution passes, each untouched start and each wrong turn fails, the latter with its feedback. Then
/// what no run shows: links lead somewhere, and there are three review questions.
public enum Linter<Space: Workspace> {
  /// - Parameter seeds: The lesson's own seed and as many following as its front matter says, unless given.
  public static func lint(
    _ lesson: Lesson, seeds: [UInt64]? = nil, _ options: LessonRunner<Space>.Options = .init(),
    _ errand: Errand = .quiet
  ) -> [Finding] {
    var options = options
    options.provesTasks = true
    var findings = Lint.links(lesson) + Lint.reviews(lesson)
    var known: Set<String> = []
    let own = lesson.front.seed
    for seed in seeds ?? (0..<UInt64(lesson.front.seeds)).map({ own &+ $0 }) where !errand.isCancelled() {
      let run = LessonRunner<Space>.run(lesson, seed: seed, options, errand)
      for check in run.checks where check.status == .failed || check.status == .unknown {
        let finding = Finding(
          check.place, "\(check.status.rawValue) with seed \(seed): \(check.name)", detail: check.detail,
          replay: check.isProof ? "baedal lint \(LessonRun.quoted(lesson.file))" : run.replay)
        // What fails with every seed is one thing to mend.
        if known.insert("\(check.place) \(check.name)").inserted { findings.append(finding) }
      }
    }
    return findings.sorted { $0.place < $1.place }
  }
}

/// The part of the linter that runs nothing.
enum Lint {
  static let reviewQuestions = 3

  static func reviews(_ lesson: Lesson) -> [Finding] {
    let reviews = lesson.blocks.compactMap { block in
      if case .review(let cell) = block { cell } else { nil }
    }
    let count = reviews.reduce(0) { $0 + $1.questions.count }
    guard count != reviewQuestions else { return [] }
    let place = reviews.first?.place ?? SourcePlace(lesson.file, 1)
    return [Finding(place, "expected \(reviewQuestions) review questions, found \(count)")]
  }

  /// Links within the checkout must lead to a file; the web is not asked.
  static func links(_ lesson: Lesson) -> [Finding] {
    lesson.links.compactMap { link in
      let path = link.target.prefix { $0 != "#" }
      let isElsewhere = link.target.contains("://") || link.target.hasPrefix("mailto:")
      guard !isElsewhere, !path.isEmpty else { return nil }
      let full = path.hasPrefix("/") ? String(path) : File.parent(of: lesson.file) + "/" + path
      return File.exists(full) ? nil : Finding(link.place, "expected a file for the link, found none: \(full)")
    }
  }
}
