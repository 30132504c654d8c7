import Glibc
import Notebook
import Testing
import Workbench

/// A folder of its own for a test, gone when the test is.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/baedal-test-XXXXXX\0".utf8CString.dropLast())
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var names: [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func write(_ text: String, to name: String) throws { try LessonLibrary.write(text, to: "\(path)/\(name)") }
  func text(_ name: String) throws -> String { try LessonLibrary.text(of: "\(path)/\(name)") }
}

@Suite struct JournalTests {
  private let folder = Folder()
  private var path: String { folder.path + "/progress.jsonl" }

  static let events: [ProgressEvent] = [
    .started(lesson: "10"), .reached(lesson: "10", step: 1),
    .predicted(lesson: "10", step: 2, .init(choice: "b", confidence: 3, right: false, belief: "a \"shelf\"\nkeeps 배달")),
    .passed(lesson: "10", step: 3), .reviewed(lesson: "10", question: 1, right: true), .finished(lesson: "10"),
  ]

  private func open() throws -> Journal { try Journal(path: path, clock: { 1_000 }) }

  private func filled() throws -> String {
    var journal = try open()
    for event in Self.events { try journal.append(event) }
    return try folder.text("progress.jsonl")
  }

  @Test("what was written is read again, one line each")
  func readsBack() throws {
    let text = try filled()
    #expect(text.split(separator: "\n").count == Self.events.count)
    let journal = try open()
    #expect(journal.entries.map(\.event) == Self.events)
    #expect(journal.entries.allSatisfy { $0.time == 1_000 })
    #expect(journal.notice == nil)
  }

  @Test("cut at any byte, a journal loses at most the last line, and takes the next one")
  func tornAnywhere() throws {
    let bytes = Array(try filled().utf8)
    for length in 0...bytes.count {
      let cut = Array(bytes[..<length])
      let descriptor = Glibc.open(path, O_WRONLY | O_TRUNC)
      #expect(write(descriptor, cut, cut.count) == cut.count)
      close(descriptor)
      let whole = cut.count { $0 == UInt8(ascii: "\n") }

      var journal = try open()
      #expect(journal.entries.map(\.event) == Array(Self.events.prefix(whole)))
      #expect(journal.notice == nil)
      try journal.append(.finished(lesson: "11"))
      #expect(try open().entries.map(\.event) == Array(Self.events.prefix(whole)) + [.finished(lesson: "11")])
    }
    #expect(folder.names == ["progress.jsonl"])
  }

  @Test("a damaged line sets the journal aside, and all other lines are kept", arguments: 0..<6)
  func damaged(_ line: Int) throws {
    var lines = try filled().split(separator: "\n").map(String.init)
    lines[line] = "{\"at\":12,\u{1}"
    let damaged = lines.joined(separator: "\n") + "\n"
    try folder.write(damaged, to: "progress.jsonl")

    let journal = try open()
    var kept = Self.events
    kept.remove(at: line)
    #expect(journal.entries.map(\.event) == kept)
    #expect(journal.notice?.contains("progress.jsonl.damaged-1") == true)
    #expect(try folder.text("progress.jsonl.damaged-1") == damaged)
    #expect(try open().notice == nil)
    #expect(try open().entries.map(\.event) == kept)
  }

  @Test("lines of a kind from a later version are kept and ignored")
  func laterVersion() throws {
    let line = "{\"at\":1,\"kind\":\"certified\",\"lesson\":\"10\",\"mark\":5}\n"
    try folder.write(line, to: "progress.jsonl")
    var journal = try open()
    #expect(journal.entries.isEmpty && journal.notice == nil)
    try journal.append(.started(lesson: "10"))
    #expect(try folder.text("progress.jsonl").hasPrefix(line))
  }

  @Test("a full disk is an error that says so, and nothing is remembered that was not written")
  func fullDisk() throws {
    #expect(symlink("/dev/full", path) == 0)
    var journal = try open()
    let error = #expect(throws: FileError.self) { try journal.append(.started(lesson: "10")) }
    #expect(error?.description.contains("No space left on device") == true)
    #expect(error?.description.contains("Free some space") == true)
    #expect(journal.entries.isEmpty)
  }

  @Test("two processes that append do not write over each other")
  func twoWriters() throws {
    var one = try open()
    var two = try open()
    try one.append(.started(lesson: "10"))
    try two.append(.started(lesson: "11"))
    try one.append(.finished(lesson: "10"))
    #expect(try open().entries.map(\.event.lesson) == ["10", "11", "10"])
  }

  @Test("the folder is made when it is not there")
  func makesFolder() throws {
    var journal = try Journal(path: folder.path + "/a/b/progress.jsonl", clock: { 1 })
    try journal.append(.started(lesson: "10"))
    #expect(try folder.text("a/b/progress.jsonl").contains("started"))
    for name in ["a/b/progress.jsonl", "a/b", "a"] { remove(folder.path + "/" + name) }
  }

  @Test("the journal's place follows XDG")
  func place() {
    #expect(Journal.standardPath(environment: ["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d/baedal/progress.jsonl")
    #expect(
      Journal.standardPath(environment: ["XDG_DATA_HOME": "", "HOME": "/h"]) == "/h/.local/share/baedal/progress.jsonl")
  }
}

@Suite struct ProgressTests {
  private func entries(_ events: [(Int64, ProgressEvent)]) -> [Journal.Entry] {
    events.map { .init(time: $0.0, event: $0.1) }
  }

  @Test("a lesson resumes at the step last reached, until it is finished")
  func resumes() {
    let begun = entries([
      (0, .started(lesson: "10")), (1, .reached(lesson: "10", step: 4)), (2, .reached(lesson: "9", step: 2)),
    ])
    #expect(Progress(of: "10", in: begun).resumesAt == 4)
    #expect(Progress(of: "11", in: begun).resumesAt == nil)
    #expect(Progress(of: "10", in: begun + entries([(3, .finished(lesson: "10"))])).resumesAt == nil)
  }

  @Test("review comes back after one day, then later each time, and at once after an error")
  func due() {
    let day: Int64 = 86_400
    var log = entries([(0, .finished(lesson: "10"))])
    #expect(Progress(of: "10", in: log).reviewDue == day)
    log += entries([(day, .reviewed(lesson: "10", question: 1, right: true)), (day, .finished(lesson: "10"))])
    #expect(Progress(of: "10", in: log).reviewDue == 4 * day)
    log += entries([(4 * day, .reviewed(lesson: "10", question: 1, right: false)), (4 * day, .finished(lesson: "10"))])
    #expect(Progress(of: "10", in: log).reviewDue == 5 * day)
  }

  @Test("a review that is left half-way leaves the lesson finished")
  func reviewWalk() throws {
    let review = try #require(try Lesson(Texts.whole, file: "Lessons/10.md").review)
    var walk = Walkthrough<Shelf>(review)
    var events: [ProgressEvent] = [.finished(lesson: "10")]
    events += walk.begin().events + walk.enter("a").events
    let log = entries(events.map { (5, $0) })
    #expect(events.last == .reviewed(lesson: "10", question: 1, right: true))
    #expect(Progress(of: "10", in: log).isFinished)
    #expect(Progress.unfinished(in: log) == nil)
    #expect(Progress.due(among: ["9", "10"], in: log, at: 5 + 86_399) == [])
    #expect(Progress.due(among: ["9", "10"], in: log, at: 5 + 86_400) == ["10"])
  }

  @Test("the menu tells where the learner is in each lesson and what is due")
  func menu() throws {
    let folder = Folder()
    for (id, title) in [("10", "The shelf"), ("11", "배달"), ("12", "New")] {
      let text = Texts.whole.replacing("id: \"10\"\ntitle: The shelf", with: "id: \"\(id)\"\ntitle: \(title)")
      try folder.write(text, to: "\(id).md")
    }
    let log = entries([(0, .finished(lesson: "10")), (1, .started(lesson: "11")), (2, .reached(lesson: "11", step: 3))])
    let lines = Menu.lines(LessonLibrary(folder: folder.path), log, now: 90_000).map(\.plain)
    #expect(
      lines == [
        "  10  The shelf  done", "  11  배달       at step 3", "  12  New        10 min",
        "Due for review: 10",
      ])
  }

  @Test("confident errors come first in the summary")
  func calibration() {
    let lines = Calibration([
      .init(choice: "a", confidence: 1, right: false, belief: "guessed"),
      .init(choice: "b", confidence: 3, right: true),
      .init(choice: "c", confidence: 3, right: false, belief: "certain"),
    ]).lines.map(\.plain)
    #expect(
      lines == [
        "Predictions: 1 of 3 right.", "  certain: 1 of 2 right", "  a guess: 0 of 1 right",
        "What you believed, and saw refuted:", "  - certain (you were certain)", "  - guessed",
      ])
    #expect(Calibration([]).lines.isEmpty)
  }
}

func removeFile(_ path: String) -> Bool { remove(path) == 0 }
