import ArgumentParser
import Console
import Foundation
import Notebook

/// What the program finds around it: lessons, the learner's journal, the clock on the wall.
enum Surroundings {
  static func library(_ option: LessonsOption) throws -> LessonLibrary {
    let found = LessonLibrary.find(
      asked: option.folder, workingDirectory: FileManager.default.currentDirectoryPath, executable: executable)
    guard let found else {
      throw ValidationError(
        "No lessons found: there is no folder Lessons here, above, or beside the program. Try: baedal --lessons DIR")
    }
    return LessonLibrary(folder: found)
  }

  static func journal() throws -> Journal {
    try Journal(path: Journal.standardPath(environment: ProcessInfo.processInfo.environment)) { now }
  }

  /// Seconds since 1970.
  static var now: Int64 { Int64(Date().timeIntervalSince1970) }

  static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  /// The lesson files that arguments name: files, folders, or ids; everything in the library when there are none.
  static func files(_ arguments: [String], _ option: LessonsOption) throws -> [String] {
    if arguments.isEmpty { return try library(option).entries.map(\.file) }
    return try arguments.flatMap { argument in
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder.boolValue {
        let library = LessonLibrary(folder: argument)
        if let fault = library.faults.first { throw ValidationError("\(fault)") }
        guard !library.entries.isEmpty else {
          throw ValidationError("No lessons in \(argument): expected .md files that begin with front matter.")
        }
        return library.entries.map(\.file)
      }
      return [try library(option).file(named: argument)]
    }
  }
}

extension Surroundings {
  /// Paints answers on standard output: plain on a pipe, in colour on a terminal that has some.
  static var painter: Painter {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    return Painter(
      palette: Palette.choose(isTerminal: isTerminal, environment: { ProcessInfo.processInfo.environment[$0] }),
      width: isTerminal ? Screen.size().columns : Int.max)
  }
}
