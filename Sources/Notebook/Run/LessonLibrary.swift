/// The lessons of one folder, in the order of their file names.
public struct LessonLibrary: Sendable {
  public struct Entry: Hashable, Sendable {
    public var file: String
    public var front: FrontMatter
  }

  public let folder: String
  public private(set) var entries: [Entry] = []
  /// Files that look like lessons and cannot be read.
  public private(set) var faults: [LessonError] = []

  /// The lessons of `folder`: its `.md` files that open with front matter.
  public init(folder: String) {
    self.folder = folder
    for name in File.names(in: folder) where name.hasSuffix(".md") {
      let file = "\(folder)/\(name)"
      do {
        let text = try LessonLibrary.text(of: file)
        guard text.hasPrefix("---") else { continue }
        entries.append(Entry(file: file, front: try Lesson.front(of: text, file: file)))
      } catch {
        faults.append(error)
      }
    }
  }

  /// Where lessons are looked for, the first that exists: the folder asked for; `Lessons` in the working directory or
  /// above it, which is a checkout; beside the executable; `share/baedal/Lessons` of where it was installed.
  ///
  /// A folder that was asked for is taken even when it is not there, so that the complaint names it.
  public static func find(asked: String?, workingDirectory: String, executable: String) -> String? {
    if let asked { return asked }
    var candidates: [String] = []
    var folder = workingDirectory
    // As deep as a path can be, in practice.
    for _ in 0..<64 {
      candidates.append(folder == "/" ? "/Lessons" : folder + "/Lessons")
      if folder == "/" || folder == "." { break }
      folder = File.parent(of: folder)
    }
    let bin = File.parent(of: executable)
    candidates += [bin + "/Lessons", File.parent(of: bin) + "/share/baedal/Lessons"]
    guard let found = candidates.first(where: File.isDirectory) else { return nil }
    // Shorter to read, and what the user would type.
    return found == workingDirectory + "/Lessons" ? "Lessons" : found
  }

  /// The lesson called `name`: its id, its id and title as in the file name, or a path. A complaint when there is none.
  public func file(named name: String) throws(LessonError) -> String {
    if name.hasSuffix(".md"), File.exists(name) { return name }
    let stem = name.hasSuffix(".md") ? String(name.dropLast(3)) : name
    let match = entries.first { entry in
      entry.front.id == stem || File.name(of: entry.file).dropLast(3) == stem
        || (Int(stem) != nil && Int(stem) == Int(entry.front.id))
    }
    if let match { return match.file }
    let ids = entries.map(\.front.id).joined(separator: ", ")
    throw LessonError(
      SourcePlace(folder, 1), expected: entries.isEmpty ? "lessons" : "one of the lessons \(ids)", found: "`\(name)`",
      advice: entries.isEmpty ? "Try --lessons DIR." : "Try: baedal list")
  }

  /// Reads a lesson from its file.
  public static func lesson(_ file: String) throws(LessonError) -> Lesson {
    try Lesson(text(of: file), file: file)
  }

  /// A file's text; what the operating system refuses is a complaint like any other.
  public static func text(of file: String) throws(LessonError) -> String {
    let text: String?
    do {
      text = try File.text(file)
    } catch {
      throw LessonError(SourcePlace(file, 1), expected: "a lesson file", found: error.description)
    }
    guard let text else { throw LessonError(SourcePlace(file, 1), expected: "a lesson file", found: "no such file") }
    return text
  }

  /// Writes a lesson's text back, whole or not at all.
  public static func write(_ text: String, to file: String) throws(FileError) {
    try File.replace(file, with: Array(text.utf8))
  }
}
