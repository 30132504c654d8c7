import AtomicCommit
import Bytes
import RecordLog

/// A node's commit log in a file: records, each with its length and CRC-32C in front. What a crash tears can only be the
/// end, and is cut off.
final class CommitJournal {
  static let name = "commit.log"
  private static let head: [UInt8] = Array("baedalc1".utf8)
  private static let mostBody = 64
  /// A longer file is written anew at opening, with what still counts.
  private static let longest = 1 << 20

  private let file: LogFile
  private var end: Int
  /// Up to where the node's log is in the file.
  private var written: UInt64

  private init(_ file: LogFile, end: Int, written: UInt64) {
    self.file = file
    self.end = end
    self.written = written
  }

  static func open(in directory: LogDirectory) throws -> (CommitJournal, CommitLog<Checkout>) {
    var log = CommitLog<Checkout>()
    var end = 0
    if let bytes = try directory.contents(of: name), !bytes.isEmpty {
      guard bytes.starts(with: head) else { throw CheckoutError.foreignJournal }
      end = try replay(bytes, into: &log)
    }
    if end == 0 || end > longest {
      var bytes = head
      for entry in log.stable { for record in entry.records { bytes += frame(record) } }
      try directory.replace(name, with: bytes)
      end = bytes.count
    }
    let file = try directory.file(name)
    if try file.size() > end {
      try file.truncate(to: end)
      try file.sync()
    }
    return (CommitJournal(file, end: end, written: log.position), log)
  }

  /// Where the last whole record ends.
  private static func replay(_ bytes: [UInt8], into log: inout CommitLog<Checkout>) throws -> Int {
    var reader = ByteReader(bytes)
    try reader.skip(head.count)
    var end = reader.position
    while let length = try? reader.read(UInt32.self), let checksum = try? reader.read(UInt32.self),
      (1...UInt32(mostBody)).contains(length), let body = try? reader.readSlice(Int(length))
    {
      guard CRC32C.checksum(body) == checksum else {
        if reader.isAtEnd { break }
        throw CheckoutError.damagedJournal(at: end)
      }
      var fields = ByteReader(body)
      let record = try CommitCoding.record(from: &fields)
      guard fields.isAtEnd else { throw CheckoutError.damagedJournal(at: end) }
      log.replay(record)
      end = reader.position
    }
    return end
  }

  private static func frame(_ record: CommitRecord<Checkout>) -> [UInt8] {
    var body = ByteWriter(capacity: mostBody)
    CommitCoding.encode(record, into: &body)
    var writer = ByteWriter(capacity: body.count + 8)
    writer.write(UInt32(body.count))
    writer.write(CRC32C.checksum(body.bytes[...]))
    writer.write(bytes: body.bytes)
    return writer.bytes
  }

  /// Whether the record at this position is in the file.
  func holds(_ position: UInt64) -> Bool { position <= written }

  /// Hands what the node appended to the operating system: a process that dies loses nothing of it.
  func write(_ log: CommitLog<Checkout>) throws {
    var bytes: [UInt8] = []
    for appended in log.tail where appended.position > written { bytes += Self.frame(appended.record) }
    written = max(written, log.position)
    guard !bytes.isEmpty else { return }
    try file.write(bytes, at: end)
    end += bytes.count
  }

  /// Returns once everything written is on the platter.
  func force() throws { try file.sync() }
}

/// Why a node of the checkout cannot go on.
public enum CheckoutError: Error, CustomStringConvertible {
  case foreignJournal
  case damagedJournal(at: Int)
  case system(String, Int32)
  case database(String)

  public var description: String {
    switch self {
    case .foreignJournal: "commit.log was not written by this program. Expected an empty folder, or one of its own."
    case .damagedJournal(let place): "commit.log is damaged at byte \(place), and not at its end: it cannot be trusted."
    case .system(let what, let code): "\(what) failed (errno \(code))."
    case .database(let what): what
    }
  }
}
