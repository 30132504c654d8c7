import Glibc
import Testing

@testable import Console

@Suite("HistoryLines")
struct HistoryLinesTests {
  @Test("keeps each line once, where it was typed last")
  func once() {
    var history = HistoryLines(limit: 10, ["a", "b", "a", " ", ""])
    #expect(history.lines == ["b", "a"])
    #expect(history.enter("b") == .reordered)
    #expect(history.enter("b") == .none)
    #expect(history.enter("c") == .appended)
    #expect(history.lines == ["a", "b", "c"])
  }

  @Test("keeps the newest within its limit, and no overlong line")
  func bounded() {
    var history = HistoryLines(limit: 3, (1...9).map { "line \($0)" })
    #expect(history.lines == ["line 7", "line 8", "line 9"])
    #expect(history.enter("line 10") == .appended)
    #expect(history.lines.count == 3)
    #expect(history.enter(String(repeating: "x", count: HistoryLines.longest + 1)) == .none)
  }
}

@Suite("HistoryFile")
struct HistoryFileTests {
  /// A folder of its own for one test, two levels below one that exists.
  private func inFolder(_ act: (HistoryFile) throws -> Void) throws {
    var template = Array("/tmp/baedal-history-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let file = HistoryFile(path: folder + "/state/baedal/history")
    defer {
      for name in ["history", "history.damaged", "history.new"] { unlink(folder + "/state/baedal/" + name) }
      for name in ["/state/baedal", "/state", ""] { rmdir(folder + name) }
    }
    try act(file)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  @Test("loads what was appended, and nothing where nothing is")
  func appends() throws {
    try inFolder { file in
      #expect(file.load(limit: 5).0.lines.isEmpty)
      #expect(file.append("cluster start 3"))
      #expect(file.append("배달"))
      let (history, warning) = file.load(limit: 5)
      #expect(history.lines == ["cluster start 3", "배달"])
      #expect(warning == nil)
    }
  }

  @Test("keeps the good lines of a damaged file and sets the file aside")
  func damaged() throws {
    try inFolder { file in
      file.append("good")
      try write(Array("good\n".utf8) + [0xFF, 0xFE, 0x0A, 0x00, 0x0A] + Array("also good".utf8), file.path)
      let (history, warning) = file.load(limit: 5)
      #expect(history.lines == ["good", "also good"])
      #expect(warning?.contains("history.damaged") == true)
      #expect(access(file.path + ".damaged", F_OK) == 0)
      let again = file.load(limit: 5)
      #expect(again.0.lines == ["good", "also good"])
      #expect(again.warning == nil)
    }
  }

  @Test("is rewritten when it has grown to more than twice its limit")
  func compacts() throws {
    try inFolder { file in
      for number in 1...11 { file.append("line \(number)") }
      #expect(file.load(limit: 5).0.lines.count == 5)
      #expect(file.load(limit: 100).0.lines == (7...11).map { "line \($0)" })
    }
  }

  @Test("reads only the newest part of a huge file, from a line's beginning")
  func huge() throws {
    try inFolder { file in
      file.append("x")
      let line = Array((String(repeating: "y", count: 1023) + "\n").utf8)
      try write(
        Array("first\n".utf8) + Array(repeating: line, count: HistoryFile.largest / 1024).flatMap { $0 }, file.path)
      let (history, warning) = file.load(limit: 5)
      #expect(history.lines == [String(repeating: "y", count: 1023)])
      #expect(warning == nil)
    }
  }

  @Test("says why a history cannot be read, and goes on without")
  func unreadable() throws {
    try inFolder { file in
      file.append("x")
      unlink(file.path)
      mkdir(file.path, 0o700)
      defer { rmdir(file.path) }
      let (history, warning) = file.load(limit: 5)
      #expect(history.lines.isEmpty)
      #expect(warning?.contains(file.path) == true)
      #expect(!file.append("y"))
    }
  }

  @Test(
    "stands where the user's state is kept",
    arguments: [
      (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/baedal/history"),
      (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/baedal/history"),
      (["HOME": "/h"], "/h/.local/state/baedal/history"), ([:], nil),
    ])
  func path(environment: [String: String], path: String?) {
    #expect(HistoryFile.standardPath { environment[$0] } == path)
  }
}
