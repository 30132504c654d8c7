public import Clockwork

/// Why an append did not happen.
public enum AppendRefusal<Rejection: Error & Equatable & Sendable>: Error, Equatable {
  /// Somebody else appended first: the entity has another version than the caller decided on. Read again and decide
  /// again.
  case conflict(expected: UInt64, actual: UInt64)
  case rejected(Rejection)
}

/// The embedded log of one kind of entity: append with an expected version, read, fold.
///
/// Kafka has no conditional append, so there the owner of the partition is the single writer, and the version is checked
/// in its memory. Here the log itself checks: two writers that decided on the same version cannot both append.
public struct EventStream<D: Decider>: Sendable {
  public private(set) var entries: [Recorded<D.Event>] = []
  private var versions: [EntityID: UInt64] = [:]
  private var inbox: Inbox
  /// The number of this log in positions.
  public let log: UInt8

  public init(log: UInt8 = 0, inbox: Inbox = Inbox()) {
    self.log = log
    self.inbox = inbox
  }

  public func version(of entity: EntityID) -> UInt64 { versions[entity] ?? 0 }

  /// Appends if the entity still has the expected version. A cause that was appended before is absorbed: nothing is
  /// appended, and the answer is empty.
  @discardableResult
  public mutating func append(
    _ events: [D.Event], to entity: EntityID, expected: UInt64, cause: CommandID, at: Instant
  ) throws(AppendRefusal<D.Rejection>) -> [Recorded<D.Event>] {
    if inbox.has(cause) { return [] }
    let actual = version(of: entity)
    guard actual == expected else { throw .conflict(expected: expected, actual: actual) }
    inbox.admit(cause)
    let start = entries.count
    for (index, event) in events.enumerated() {
      entries.append(
        Recorded(
          position: Position(log: log, partition: 0, offset: Int64(start + index)), entity: entity,
          version: actual + UInt64(index) + 1, cause: cause, at: at, event: event))
    }
    versions[entity] = actual + UInt64(events.count)
    return Array(entries[start...])
  }

  /// Reads, decides and appends in one go.
  @discardableResult
  public mutating func carryOut(
    _ command: D.Command, on entity: EntityID, id: CommandID, at: Instant
  ) throws(AppendRefusal<D.Rejection>) -> [Recorded<D.Event>] {
    if inbox.has(id) { return [] }
    let events: [D.Event]
    do throws(D.Rejection) { events = try D.decide(command, state(of: entity), at: at) } catch {
      throw .rejected(error)
    }
    return try append(events, to: entity, expected: version(of: entity), cause: id, at: at)
  }

  /// The entity's events, from the version after `version` up to `through`.
  public func events(
    of entity: EntityID, after version: UInt64 = 0, through: UInt64 = .max
  ) -> [Recorded<D.Event>] {
    entries.filter { $0.entity == entity && $0.version > version && $0.version <= through }
  }

  /// The entity's state, now or as it was at an earlier version; from a snapshot, if one is not too new.
  public func state(
    of entity: EntityID, at version: UInt64 = .max, from snapshot: Snapshot<D>? = nil
  ) -> D.State {
    let start = snapshot.flatMap { $0.entity == entity && $0.version <= version ? $0 : nil }
    let rest = events(of: entity, after: start?.version ?? 0, through: version)
    return D.fold(rest.lazy.map(\.event), from: start?.state)
  }

  /// The state as it stands, to fold on from instead of from the beginning.
  public func snapshot(of entity: EntityID) -> Snapshot<D> {
    Snapshot(entity: entity, version: version(of: entity), state: state(of: entity))
  }
}

/// An entity's state at a version: a shortcut, never the truth. Throw it away, and the log gives it again.
public struct Snapshot<D: Decider>: Sendable, Equatable {
  public var entity: EntityID
  public var version: UInt64
  public var state: D.State

  public init(entity: EntityID, version: UInt64, state: D.State) {
    self.entity = entity
    self.version = version
    self.state = state
  }

  public static func == (a: Snapshot, b: Snapshot) -> Bool {
    a.entity == b.entity && a.version == b.version && a.state == b.state
  }
}
