public import Clockwork

/// A record on its way into a topology or out of it.
public struct StreamRecord: Hashable, Sendable {
  public var topic: String
  public var key: [UInt8]?
  /// Nil deletes the key, where the topic is a table's.
  public var value: [UInt8]?
  /// When what it tells of happened, by whoever wrote it: the time that windows go by.
  public var time: Instant

  public init(topic: String, key: [UInt8]?, value: [UInt8]?, time: Instant) {
    self.topic = topic
    self.key = key
    self.value = value
    self.time = time
  }

  /// A record of text.
  public init(_ topic: String, _ key: String, _ value: String?, at time: Instant) {
    self.init(topic: topic, key: Array(key.utf8), value: value.map { Array($0.utf8) }, time: time)
  }
}

/// What a task has done since its last commit. To be written in one transaction with the positions of its input: then a
/// task that dies is as if it had never begun what it did not commit.
public struct StreamCommit: Hashable, Sendable {
  /// For topics of results, and for topics that carry records to other keys.
  public var output: [StreamRecord] = []
  /// For the stores' changelogs.
  public var changelog: [StreamRecord] = []

  public var isEmpty: Bool { output.isEmpty && changelog.isEmpty }
}

/// What a task has seen.
public struct StreamCounts: Hashable, Sendable {
  public var records = 0
  /// Records that came when a window of theirs was over, and were counted in it all the same.
  public var lateCounted = 0
  /// Records that came when a window of theirs was closed, and were left out of it.
  public var lateDropped = 0
  /// Records whose key or value could not be read; they are passed over.
  public var unreadable = 0

  public init() {}
}
