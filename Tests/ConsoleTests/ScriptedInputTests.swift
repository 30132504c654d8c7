import Glibc
import Testing

@testable import Console

@Suite("ScriptedInput")
struct ScriptedInputTests {
  private func lines(_ bytes: [UInt8]) throws -> [String] {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    // Below a pipe's capacity, so that writing does not wait for reading.
    let wrote = write(ends[1], bytes, bytes.count)
    close(ends[1])
    try #require(wrote == bytes.count)
    return Array(ScriptedInput(descriptor: ends[0]))
  }

  @Test(
    "gives each line without its end",
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb\n\nc", ["a", "b", "", "c"]), ("배달\n", ["배달"]),
    ])
  func gives(text: String, expected: [String]) throws {
    #expect(try lines(Array(text.utf8)) == expected)
  }

  @Test("repairs what is not UTF-8 and takes a long line whole")
  func repairs() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    #expect(try lines([0x61, 0xFF, 0x0A] + long).map(\.utf8.count) == [4, 60_000])
  }

  @Test("counts lines from 1")
  func counts() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    try #require(write(ends[1], "a\nb\n", 4) == 4)
    close(ends[1])
    var input = ScriptedInput(descriptor: ends[0])
    #expect(input.number == 0)
    while input.next() != nil {}
    #expect(input.number == 2)
  }
}
