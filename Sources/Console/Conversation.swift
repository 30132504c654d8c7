public import Workbench

/// What talks with the user line by line: free play, a lesson.
public protocol Conversation {
  /// What stands before the cursor; asked before every line.
  var prompt: Line { get }

  /// Said before the first prompt.
  mutating func begin() -> [Line]

  /// One entered line, empty for a bare Enter. `errand` is cancelled by Ctrl-C.
  mutating func enter(_ line: String, errand: Errand) -> Reply

  /// Ways to go on at the cursor, counted in characters.
  func complete(_ line: String, cursor: Int) -> [Completion]

  /// The last call, however the conversation ends; progress is saved here. Said as farewell.
  mutating func end() -> [Line]
}

extension Conversation {
  public mutating func begin() -> [Line] { [] }
  public func complete(_ line: String, cursor: Int) -> [Completion] { [] }
  public mutating func end() -> [Line] { [] }
}

/// What is shown for one line.
public struct Reply: Hashable, Sendable {
  public var lines: [Line]
  public var isOver: Bool
  /// Empties the screen first.
  public var clearsScreen: Bool

  public init(_ lines: [Line] = [], isOver: Bool = false, clearsScreen: Bool = false) {
    self.lines = lines
    self.isOver = isOver
    self.clearsScreen = clearsScreen
  }
}
