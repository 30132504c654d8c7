import Broker
import Bytes
import Clockwork
import RecordLog

/// A voter's vote and metadata log in a file, in a format of our own (Kafka keeps the one in `quorum-state` and the other
/// as a log with snapshots).
///
/// The file begins with eight bytes that say what it is, then holds records: the length of the body and its CRC-32C, four
/// bytes each, then the body, a `QuorumChange`. A record is on the platter before the next is written, so what a crash
/// tears can only be the last one. A change that puts the beginning of the log away takes the place of the whole file. So
/// does one at opening when much of the file is obsolete.
///
/// Version 1 knew no snapshots; its files are read, and written anew.
///
/// Used by one thread at a time: whoever carries out a `write`.
final class QuorumJournal: @unchecked Sendable {
  static let name = "journal"
  private static let signature = Array("baedalq".utf8)
  private static let head = signature + [PeerFormat.version]
  private static let recordHead = 8
  /// How much may be obsolete, beyond as much as what counts, before the journal is written anew at opening.
  private static let slack = 1 << 20

  private let directory: LogDirectory
  private var file: LogFile
  private var end: Int
  /// Where the log that is in the file begins.
  private(set) var start: Int64

  private init(_ directory: LogDirectory, _ file: LogFile, end: Int, start: Int64) {
    self.directory = directory
    self.file = file
    self.end = end
    self.start = start
  }

  /// Reads everything, cuts off what a crash tore, and drops what is obsolete when that is much.
  static func open(in directory: LogDirectory) throws -> (QuorumJournal, QuorumDisk) {
    var disk = QuorumDisk()
    var (end, isOld) = (0, false)
    if let bytes = try directory.contents(of: name) {
      guard bytes.count >= head.count, bytes.starts(with: signature), 1...PeerFormat.version ~= bytes[signature.count]
      else { throw DataError.foreignJournal }
      isOld = bytes[signature.count] < PeerFormat.version
      end = try replay(bytes, into: &disk)
    }
    let whole = record(disk.whole)
    if end == 0 || isOld || end > 2 * whole.count + slack {
      try directory.replace(name, with: head + whole)
      end = head.count + whole.count
    }
    let file = try directory.file(name)
    if try file.size() > end {
      try file.truncate(to: end)
      try file.sync()
    }
    return (QuorumJournal(directory, file, end: end, start: disk.log.startOffset), disk)
  }

  /// Where the last whole record ends.
  private static func replay(_ bytes: [UInt8], into disk: inout QuorumDisk) throws -> Int {
    var end = head.count
    while let record = frame(in: bytes[end...]) {
      let next = record.body.endIndex
      guard CRC32C.checksum(record.body) == record.checksum else {
        if next == bytes.count { break }
        throw DataError.damagedJournal(at: end)
      }
      var reader = ByteReader(record.body)
      let change = try QuorumChange(from: &reader, version: bytes[signature.count])
      guard reader.isAtEnd, disk.replay(change) else { throw DataError.damagedJournal(at: end) }
      end = next
    }
    return end
  }

  /// Nil when the bytes end before the record does.
  private static func frame(in bytes: ArraySlice<UInt8>) -> (body: ArraySlice<UInt8>, checksum: UInt32)? {
    var reader = ByteReader(bytes)
    // A body is never empty: so many zeros, which a file system may leave behind, are no record.
    guard let length = try? reader.read(UInt32.self), let checksum = try? reader.read(UInt32.self), length > 0,
      let body = try? reader.readSlice(Int(length))
    else { return nil }
    return (body, checksum)
  }

  private static func record(_ change: QuorumChange) -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.write(0 as UInt32)
    writer.write(0 as UInt32)
    change.encode(into: &writer)
    writer.overwrite(UInt32(truncatingIfNeeded: writer.count - recordHead), at: 0)
    writer.overwrite(CRC32C.checksum(writer.bytes[recordHead...]), at: 4)
    return writer.bytes
  }

  /// Returns once the change is on the platter. An error is final: what is in the file then is not known.
  func write(_ change: QuorumChange) throws(LogError) {
    let bytes = Self.record(change)
    if let snapshot = change.snapshot {
      try directory.replace(Self.name, with: Self.head + bytes)
      file = try directory.file(Self.name)
      (end, start) = (Self.head.count + bytes.count, snapshot.offset)
      return
    }
    try file.write(bytes, at: end)
    try file.sync()
    end += bytes.count
  }
}

extension QuorumChange {
  func encode(into writer: inout ByteWriter) {
    vote.encode(into: &writer)
    from.encode(into: &writer)
    entries.encode(into: &writer)
    snapshot.encode(into: &writer)
  }

  init(from reader: inout ByteReader, version: UInt8) throws(PeerError) {
    self.init(vote: try reader.next(), from: try reader.next(), entries: try reader.next())
    if version > 1 { snapshot = try reader.next() }
  }
}
