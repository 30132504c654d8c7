internal import Bytes
public import EventSourcing
public import RecordLog
internal import Synchronization

/// A durable store of events: appends with an expected version, many writers, one wait for the disk for all who come
/// together.
///
/// The version is checked before the append waits for the disk, against all appends that came before, so two writers who
/// decided on the same version never both succeed. When the disk fails, everything that waited fails, and the store is
/// over: what is in the log is seen at the next start.
public final class EventStore: Sendable {
  private struct Stream {
    var version: UInt64 = 0
    /// Where its events lie, in order; those that still wait for the disk are missing.
    var offsets: [Int64] = []
  }

  private let journal: Journal
  private let streams: Mutex<[EntityID: Stream]>

  /// Opens the store in a directory, and reads every key once.
  public init(opening path: String, settings: SegmentedLog.Settings = SegmentedLog.Settings()) throws {
    journal = try Journal(opening: path, settings: settings)
    var found: [EntityID: Stream] = [:]
    try journal.read(from: .zero) { record in
      guard let entity = EntityID(key: record.key) else { throw StoreError.foreign(record.offset) }
      found[entity, default: Stream()].version += 1
      found[entity]?.offsets.append(record.offset.rawValue)
      return true
    }
    streams = Mutex(found)
  }

  public func version(of entity: EntityID) -> UInt64 { streams.withLock { $0[entity]?.version ?? 0 } }

  /// How many events there are.
  public var count: Int64 { journal.endOffset.rawValue }

  /// Appends the events if the entity still has the expected version (nil: whatever it has), and returns the new one once
  /// they are durable.
  public func append(
    _ events: [[UInt8]], to entity: EntityID, expecting expected: UInt64?
  ) async throws -> UInt64 {
    let version = try streams.withLock { streams in
      let actual = streams[entity]?.version ?? 0
      if let expected, expected != actual { throw StoreError.conflict(expected: expected, actual: actual) }
      streams[entity, default: Stream()].version += UInt64(events.count)
      return actual + UInt64(events.count)
    }
    let key = entity.storeKey
    let first: Offset
    do {
      first = try await journal.append(events.map { Record(key: key, value: $0) })
    } catch {
      // Refused before it was queued: as if never asked, unless somebody has built on it meanwhile, and fails too.
      if case .overloaded = error { streams.withLock { $0[entity]?.version -= UInt64(events.count) } }
      throw error
    }
    streams.withLock { streams in
      for index in events.indices { streams[entity]?.offsets.append(first.rawValue + Int64(index)) }
    }
    return version
  }

  /// The entity's events, in order.
  public func events(of entity: EntityID) throws -> [[UInt8]] {
    let offsets = streams.withLock { $0[entity]?.offsets ?? [] }.sorted()
    var events: [[UInt8]] = []
    for offset in offsets {
      try journal.read(from: Offset(offset)) { record in
        events.append(record.value ?? [])
        return false
      }
    }
    return events
  }

  /// Shows every durable event from a position on, in the order in which they came to be.
  public func replay(from offset: Int64 = 0, _ visit: (Int64, EntityID, [UInt8]) throws -> Void) throws {
    try journal.read(from: Offset(offset)) { record in
      guard let entity = EntityID(key: record.key) else { throw StoreError.foreign(record.offset) }
      try visit(record.offset.rawValue, entity, record.value ?? [])
      return true
    }
  }

  public func close() throws { try journal.close() }
}

/// What a store of events says no for.
public enum StoreError: Error, Hashable, Sendable {
  /// Somebody else appended first: read again, decide again.
  case conflict(expected: UInt64, actual: UInt64)
  /// A record that this store did not write.
  case foreign(Offset)
  /// A folder could not be made, and the system's reason.
  case folder(String, Int32)
}

extension EntityID {
  /// Nine bytes: the kind, the number.
  fileprivate var storeKey: [UInt8] {
    var writer = ByteWriter(capacity: 9)
    writer.write(kind)
    writer.write(number)
    return writer.bytes
  }

  fileprivate init?(key: [UInt8]?) {
    guard let key, key.count == 9 else { return nil }
    self.init(kind: key[0], number: key[1...].reduce(0) { $0 << 8 | UInt64($1) })
  }
}
