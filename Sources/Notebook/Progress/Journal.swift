import FoundationEssentials
import Glibc

/// The learner's memory: an append-only file, one JSON object a line, each on the disk before `append` returns.
///
/// Losing power loses at most the line being written: a last line without its line end is ignored, and cut off by the
/// next append. Any other line that cannot be read means damage: the file is then set aside whole under a new name,
/// and a new journal holds all lines that can be read. Lines of a kind that this version does not know are kept and
/// ignored.
public struct Journal: Sendable {
  public struct Entry: Hashable, Sendable {
    /// Seconds since 1970.
    public var time: Int64
    public var event: ProgressEvent

    public init(time: Int64, event: ProgressEvent) {
      self.time = time
      self.event = event
    }
  }

  public let path: String
  /// All that can be read, oldest first.
  public private(set) var entries: [Entry]
  /// What the user should know about how the journal was found; nil when all is well.
  public private(set) var notice: String?

  private let clock: @Sendable () -> Int64

  /// Opens or begins the journal at `path`. Nothing is written until something happens, except to set damage aside.
  ///
  /// - Parameter clock: Seconds since 1970.
  public init(path: String, clock: @escaping @Sendable () -> Int64) throws(FileError) {
    self.path = path
    self.clock = clock
    let bytes = try File.read(path) ?? []
    let length = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    let lines = bytes[..<length].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    let read = lines.map { JournalLine(bytes: Array($0)) }
    entries = read.compactMap { $0?.entry }
    guard read.contains(where: { $0 == nil }) else { return }
    try setAside(bytes, keeping: zip(lines, read).filter { $1 != nil }.map { Array($0.0) })
  }

  /// Writes the event down; when this returns, it is on the disk. When it throws, the journal is as it was, in memory
  /// as on disk, and the lesson can go on.
  public mutating func append(_ event: ProgressEvent) throws(FileError) {
    let entry = Entry(time: clock(), event: event)
    var bytes = try JournalLine(entry).bytes(path)
    bytes.append(UInt8(ascii: "\n"))
    try File.append(line: bytes, to: path)
    entries.append(entry)
  }

  /// `$XDG_DATA_HOME/baedal/progress.jsonl`, by default below `~/.local/share`.
  public static func standardPath(environment: [String: String]) -> String {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/baedal/progress.jsonl" }
    return (environment["HOME"] ?? "/tmp") + "/.local/share/baedal/progress.jsonl"
  }

  private mutating func setAside(_ bytes: [UInt8], keeping lines: [[UInt8]]) throws(FileError) {
    var name = ""
    for number in 1...1000 {
      name = "\(path).damaged-\(number)"
      if try File.read(name) == nil { break }
    }
    // The copy comes first: at no moment is there less on the disk than before.
    try File.replace(name, with: bytes)
    let kept = Array(lines.map { $0 + [UInt8(ascii: "\n")] }.joined())
    try File.replace(path, with: kept)
    notice =
      "Part of the progress journal could not be read. It was set aside as \(name); \(lines.count) entries were kept."
  }
}

/// A line of the journal as JSON: flat, with short names, absent where nothing is to be said.
private struct JournalLine: Codable {
  var at: Int64
  var kind: String
  var lesson: String
  var step: Int?
  var question: Int?
  var choice: String?
  var confidence: Int?
  var right: Bool?
  var belief: String?

  init?(bytes: [UInt8]) {
    guard let line = try? JSONDecoder().decode(JournalLine.self, from: Data(bytes)) else { return nil }
    self = line
  }

  init(_ entry: Journal.Entry) {
    at = entry.time
    lesson = entry.event.lesson
    switch entry.event {
    case .started: kind = "started"
    case .finished: kind = "finished"
    case .reached(_, let step): (kind, self.step) = ("reached", step)
    case .passed(_, let step): (kind, self.step) = ("passed", step)
    case .reviewed(_, let question, let right): (kind, self.question, self.right) = ("reviewed", question, right)
    case .predicted(_, let step, let made):
      (kind, self.step, choice, confidence) = ("predicted", step, made.choice, made.confidence)
      (right, belief) = (made.right, made.belief)
    }
  }

  /// Nil for a kind, or a shape of it, that this version does not know.
  var entry: Journal.Entry? { event.map { Journal.Entry(time: at, event: $0) } }

  private var event: ProgressEvent? {
    switch (kind, step, right) {
    case ("started", _, _): return .started(lesson: lesson)
    case ("finished", _, _): return .finished(lesson: lesson)
    case ("reached", let step?, _): return .reached(lesson: lesson, step: step)
    case ("passed", let step?, _): return .passed(lesson: lesson, step: step)
    case ("reviewed", _, let right?): return question.map { .reviewed(lesson: lesson, question: $0, right: right) }
    case ("predicted", let step?, let right?):
      guard let choice, let confidence else { return nil }
      let made = ProgressEvent.Prediction(choice: choice, confidence: confidence, right: right, belief: belief)
      return .predicted(lesson: lesson, step: step, made)
    default: return nil
    }
  }

  func bytes(_ path: String) throws(FileError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self))
    } catch {
      throw FileError(path, "encode", EINVAL)
    }
  }
}
