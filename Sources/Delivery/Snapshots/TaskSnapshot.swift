import Bytes
public import EventSourcing

/// What a task has in memory at a place in its log, so that whoever takes it over need not read what is before: a
/// shortcut, never the truth. Throw it away, and the log gives it again.
///
/// It stands for the committed log up to and with the entry at `last`, and has that entry with it: the log it belongs to
/// has the same bytes at the same offset. An entry carries the time in nanoseconds and the 128 bits of its command's name,
/// and replicas of a log that agree at an offset agree before it; so whoever reads the log on from there, that entry first,
/// finds out at once whether it is the log that was folded.
///
/// As bytes: a magic, a version, which task, `last`, the entry, the memory, and a CRC-32C over all of it.
public struct TaskSnapshot: Sendable, Equatable {
  /// The offset of the newest entry that is in it.
  public var last: Int64
  /// That entry, as it stands in the log.
  public var entry: [UInt8]
  public var memory: TaskMemory

  /// Raise it whenever a state, its bytes, or what an event makes of it changes: a snapshot of another version is dropped.
  public static let version: UInt8 = 1
  /// A longer one is neither written nor read.
  public static let mostBytes = 1 << 30

  private static let magic = Array("BDLTASK".utf8)
  private static let checksumSize = 4

  public init(last: Int64, entry: [UInt8], memory: TaskMemory) {
    self.last = last
    self.entry = entry
    self.memory = memory
  }

  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 1 << 16)
    writer.write(bytes: Self.magic)
    writer.write(fields: Self.version, memory.input.rawValue)
    writer.write(memory.partition)
    writer.write(fields: last)
    writer.write(record: entry)
    memory.write(into: &writer)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Reads a snapshot of the task whose memory this is; it knows nothing yet.
  public init(encoded bytes: [UInt8], into empty: TaskMemory) throws(SnapshotError) {
    guard bytes.count > Self.magic.count + Self.checksumSize, bytes.starts(with: Self.magic) else { throw .foreign }
    guard bytes[Self.magic.count] == Self.version else { throw .version(bytes[Self.magic.count]) }
    let body = bytes.dropLast(Self.checksumSize)
    var end = ByteReader(bytes.suffix(Self.checksumSize))
    guard (try? end.read(UInt32.self)) == CRC32C.checksum(body) else { throw .checksum }
    var reader = ByteReader(body.dropFirst(Self.magic.count + 1))
    let task: Position
    memory = empty
    do throws(SchemaError) {
      task = try reading(&reader) { r throws(ByteError) in
        Position(log: try r.read(UInt8.self), partition: try r.read(Int32.self), offset: 0)
      }
      last = try reader.read()
      entry = try reader.readRecord()
      try memory.restore(from: &reader)
      guard reader.isAtEnd else { throw .trailing(reader.remaining) }
    } catch { throw .unreadable(error) }
    guard task == Position(memory.input, memory.partition, 0) else { throw .ofAnotherTask }
  }
}

/// Why a snapshot is of no use. Nothing is lost: the log has everything.
public enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It does not begin as one.
  case foreign
  case version(UInt8)
  /// Its bytes are not those that were written.
  case checksum
  case ofAnotherTask
  case unreadable(SchemaError)
  case tooLong(Int)

  public var description: String {
    switch self {
    case .foreign: "it is no snapshot of a task"
    case .version(let version): "it is of version \(version), and this build knows \(TaskSnapshot.version)"
    case .checksum: "it is damaged"
    case .ofAnotherTask: "it is another task's"
    case .unreadable(let error): "it cannot be read: \(error)"
    case .tooLong(let count): "it has \(count) bytes, and \(TaskSnapshot.mostBytes) are most"
    }
  }
}
