internal import Bytes
internal import DequeModule
public import EventSourcing

/// Orders that are in the log and wait for their turn, while as many as may be are in progress.
///
/// Without it a burst would be taken in at once: every order would be at the bank, then every order at its kitchen, and
/// those at the end of each queue would run into time-outs meant for banks and kitchens that do not answer. So the log
/// holds the burst, and orders are begun as others end.
public struct AdmissionQueue: Sendable, Equatable {
  private var turns = Deque<EntityID>()
  /// Those of `turns` that still wait; whoever was let in out of turn is passed over.
  private var records: [EntityID: [UInt8]] = [:]
  /// Orders that have begun and not ended.
  public private(set) var inProgress = 0

  public init() {}

  /// How many wait.
  public var count: Int { records.count }
  public var isEmpty: Bool { records.isEmpty }

  public func holds(_ order: EntityID) -> Bool { records[order] != nil }

  /// The command that waits.
  public func record(of order: EntityID) -> [UInt8]? { records[order] }

  /// Whose turn it is.
  public var first: EntityID? { turns.first }

  mutating func wait(_ order: EntityID, _ record: [UInt8]) {
    guard records.updateValue(record, forKey: order) == nil else { return }
    turns.append(order)
  }

  /// It waits no more.
  mutating func admit(_ order: EntityID) {
    records[order] = nil
    while let first = turns.first, records[first] == nil { turns.removeFirst() }
  }

  mutating func begin() { inProgress += 1 }
  mutating func end() { inProgress -= 1 }
}

extension AdmissionQueue: Coded {
  func encode(into writer: inout ByteWriter) {
    Array(turns).encode(into: &writer)
    writer.writeUnsignedVarint(UInt32(records.count))
    for order in records.keys.sorted() {
      order.encode(into: &writer)
      writer.write(record: records[order] ?? [])
    }
    writer.writeNumber(UInt64(inProgress))
  }

  init(from reader: inout ByteReader) throws(SchemaError) {
    turns = Deque(try [EntityID](from: &reader))
    for _ in 0..<(try reader.readListCount()) {
      let order: EntityID = try reader.read()
      records[order] = try reader.readRecord()
    }
    inProgress = try reader.readTally()
  }
}
