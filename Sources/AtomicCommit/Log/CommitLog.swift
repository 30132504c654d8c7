public import Clockwork

/// A node's log: what is on the platter, folded by transaction, and the records after it that a power failure may take.
///
/// A forced write is an append and a sync through its position. What was not forced lies in the tail until the next sync
/// covers it.
public struct CommitLog<Work: Hashable & Sendable>: Durable {
  public struct Appended: Hashable, Sendable {
    public var position: UInt64
    public var record: CommitRecord<Work>
  }

  /// How many transactions a log remembers: the oldest that are done with make room. One older than the oldest kept is
  /// refused, never taken for new.
  public static var mostEntries: Int { 10_000 }

  public private(set) var position: UInt64 = 0
  /// On the platter, by transaction.
  public private(set) var stable: [CommitEntry<Work>] = []
  /// Not yet, oldest first.
  public private(set) var tail: [Appended] = []
  /// Up to where the platter has it.
  private var platter: UInt64 = 0
  /// Transactions up to this one may have been forgotten.
  public private(set) var forgottenThrough = TransactionID(0)
  /// Counted for whoever compares with theory; decides nothing, and outlives crashes because a count should.
  public internal(set) var tally = CommitTally()

  public init() {}

  @discardableResult
  public mutating func append(_ record: CommitRecord<Work>) -> UInt64 {
    position += 1
    tail.append(Appended(position: position, record: record))
    return position
  }

  public mutating func synced(through position: UInt64) {
    var count = 0
    while count < tail.count, tail[count].position <= position {
      let record = tail[count].record
      if record.transaction > forgottenThrough { Self.fold(record, into: &stable) }
      count += 1
    }
    tail.removeFirst(count)
    platter = max(platter, position)
    if stable.count > Self.mostEntries { forget() }
  }

  public mutating func losePower(_ choices: inout Choices) {
    let kept = choices.choose(tail.count + 1)
    tail.removeLast(tail.count - kept)
    position = tail.last?.position ?? platter
  }

  /// Everything that was written, on the platter or not: what the next boot finds after a mere crash.
  public var entries: [CommitEntry<Work>] {
    var entries = stable
    for appended in tail { Self.fold(appended.record, into: &entries) }
    return entries
  }

  private static func fold(_ record: CommitRecord<Work>, into entries: inout [CommitEntry<Work>]) {
    let id = record.transaction
    var place = entries.count
    while place > 0, entries[place - 1].transaction > id { place -= 1 }
    if place == 0 || entries[place - 1].transaction != id {
      entries.insert(CommitEntry(id), at: place)
      place += 1
    }
    entries[place - 1].fold(record)
  }

  private mutating func forget() {
    guard let oldest = stable.first, oldest.settled != nil || oldest.decision != nil else { return }
    forgottenThrough = oldest.transaction
    stable.removeFirst()
  }

  mutating func rename(_ names: ParticipantRenaming) {
    for at in tail.indices { tail[at].record = tail[at].record.renamed(names) }
    for at in stable.indices {
      stable[at].members = names(stable[at].members)
      stable[at].acceptedVotes = names(stable[at].acceptedVotes)
    }
  }

  /// Reads back what a file held, record by record: everything in it is on the platter.
  public mutating func replay(_ record: CommitRecord<Work>) { synced(through: append(record)) }
}

/// What a node has sent and forced so far.
public struct CommitTally: Hashable, Sendable {
  public var messages = 0
  public var forcedWrites = 0

  public init(messages: Int = 0, forcedWrites: Int = 0) {
    self.messages = messages
    self.forcedWrites = forcedWrites
  }

  public static func + (a: CommitTally, b: CommitTally) -> CommitTally {
    CommitTally(messages: a.messages + b.messages, forcedWrites: a.forcedWrites + b.forcedWrites)
  }

  public static func - (a: CommitTally, b: CommitTally) -> CommitTally {
    CommitTally(messages: a.messages - b.messages, forcedWrites: a.forcedWrites - b.forcedWrites)
  }
}
