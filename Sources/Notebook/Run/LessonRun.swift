/// What came of one run of a lesson.
public struct LessonRun: Hashable, Sendable {
  public var file: String
  public var id: String
  public var title: String
  public var seed: UInt64
  public var checks: [Check]

  /// One thing that was proved or not: a cell, a claim, a prediction, a task.
  public struct Check: Hashable, Sendable {
    public var name: String
    public var place: SourcePlace
    public var status: Status
    /// What was observed, when it did not pass.
    public var detail: [String]
    public var seconds: Double
    /// Whether the check is one of the linter's, about attempts that a plain run does not make.
    public var isProof: Bool

    init(_ name: String, _ place: SourcePlace, _ status: Status, _ detail: [String] = [], isProof: Bool = false) {
      self.name = name
      self.isProof = isProof
      self.place = place
      self.status = status
      self.detail = detail
      seconds = 0
    }
  }

  public enum Status: String, Hashable, Sendable {
    case passed, failed, skipped, unknown
  }

  /// A lesson that could not be read, as a run that failed, so that every report has it.
  public static func unreadable(_ error: LessonError, seed: UInt64) -> LessonRun {
    let check = Check("the lesson can be read", error.place, .failed, [error.description])
    return LessonRun(file: error.place.file, id: "", title: error.place.file, seed: seed, checks: [check])
  }

  /// Failed when anything failed, unknown when anything is unknown, skipped when nothing ran.
  public var status: Status { LessonRun.summary(checks.map(\.status)) }

  /// The command that runs exactly this again.
  public var replay: String { "baedal run \(LessonRun.quoted(file)) --seed \(seed)" }

  /// What a process says at its end: 0 true, 1 false, 2 unknown (Maelstrom's), 80 when all was skipped (cram's).
  public static func exitCode(_ runs: [LessonRun]) -> Int32 {
    switch summary(runs.map(\.status)) {
    case .passed: 0
    case .failed: 1
    case .unknown: 2
    case .skipped: 80
    }
  }

  private static func summary(_ statuses: [Status]) -> Status {
    if statuses.contains(.failed) { return .failed }
    if statuses.contains(.unknown) { return .unknown }
    return statuses.contains(.passed) || statuses.isEmpty ? .passed : .skipped
  }

  /// The path as a shell takes it.
  static func quoted(_ path: String) -> String {
    let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
    return isPlain
      ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
