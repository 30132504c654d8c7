/// A part of a message: described once, by `code`, and both read and written by that description.
///
/// The order of the calls in `code` is the order on the wire; the `from` and `in` of each call say in which versions of
/// the message the field exists. A field that a version lacks keeps the value it had.
public protocol WireStruct: Hashable, Sendable {
  init()
  mutating func code(_ c: inout some WireCoder) throws(WireError)
}

/// Reads fields into variables (`WireReader`), or writes them out (`WireWriter`): the same calls describe both.
///
/// Lengths and counts take their compact form in flexible versions (KIP-482).
public protocol WireCoder {
  /// The message's version.
  var version: Int16 { get }
  /// Compact lengths and tagged fields are in use (KIP-482).
  var isFlexible: Bool { get }

  mutating func number<Number: FixedWidthInteger & Sendable>(_ value: inout Number) throws(WireError)
  /// The text's length and bytes; a nil where `nullable` is false is an error.
  mutating func text(_ value: inout String?, nullable: Bool) throws(WireError)
  mutating func blob(_ value: inout [UInt8]?, nullable: Bool) throws(WireError)
  /// Record batches: large, so neither copied on reading nor needed on writing.
  mutating func records(_ value: inout WireRecords) throws(WireError)
  /// Codes an array's count; returns how many items follow, nil for a null array.
  mutating func count(_ count: Int?, nullable: Bool) throws(WireError) -> Int?
  /// What ends every struct of a flexible version. Unknown tagged fields are skipped; none are written.
  mutating func tags() throws(WireError)
  /// True in `WireReader`: arrays are then filled, not walked.
  var isReading: Bool { get }
}

extension WireCoder {
  private func exists(_ first: Int16, _ last: Int16) -> Bool { version >= first && version <= last }

  public mutating func int8(_ value: inout Int8, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    if exists(from, to) { try number(&value) }
  }

  public mutating func int16(_ value: inout Int16, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    if exists(from, to) { try number(&value) }
  }

  public mutating func int32(_ value: inout Int32, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    if exists(from, to) { try number(&value) }
  }

  public mutating func int64(_ value: inout Int64, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    if exists(from, to) { try number(&value) }
  }

  public mutating func uint16(_ value: inout UInt16, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    if exists(from, to) { try number(&value) }
  }

  /// One byte: 0 is false, anything else true.
  public mutating func bool(_ value: inout Bool, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    var byte: Int8 = value ? 1 : 0
    try number(&byte)
    value = byte != 0
  }

  public mutating func float64(_ value: inout Double, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    var bits = value.bitPattern
    try number(&bits)
    value = Double(bitPattern: bits)
  }

  public mutating func uuid(_ value: inout WireUUID, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    try number(&value.high)
    try number(&value.low)
  }

  /// An error code; one that this table lacks is an unknown server error.
  public mutating func error(_ value: inout KafkaError, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    var code = value.rawValue
    try number(&code)
    value = KafkaError(rawValue: code) ?? .unknownServerError
  }

  public mutating func string(_ value: inout String, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    var text: String? = value
    try self.text(&text, nullable: false)
    if let text { value = text }
  }

  public mutating func nullableString(
    _ value: inout String?, from: Int16 = 0, to: Int16 = .max, nullableFrom: Int16 = 0
  ) throws(WireError) {
    guard exists(from, to) else { return }
    try text(&value, nullable: version >= nullableFrom)
  }

  public mutating func bytes(_ value: inout [UInt8], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    var blob: [UInt8]? = value
    try self.blob(&blob, nullable: false)
    if let blob { value = blob }
  }

  public mutating func nullableBytes(_ value: inout [UInt8]?, from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to) else { return }
    try blob(&value, nullable: true)
  }

  public mutating func array<Item: WireStruct>(
    _ items: inout [Item], from: Int16 = 0, to: Int16 = .max
  ) throws(WireError) {
    guard exists(from, to), let count = try count(items.count, nullable: false) else { return }
    try walk(&items, count)
  }

  public mutating func nullableArray<Item: WireStruct>(
    _ items: inout [Item]?, from: Int16 = 0, to: Int16 = .max, nullableFrom: Int16 = 0
  ) throws(WireError) {
    guard exists(from, to) else { return }
    guard let count = try count(items?.count, nullable: version >= nullableFrom) else {
      items = nil
      return
    }
    var some = items ?? []
    try walk(&some, count)
    items = some
  }

  private mutating func walk<Item: WireStruct>(_ items: inout [Item], _ count: Int) throws(WireError) {
    if isReading {
      items.removeAll()
      items.reserveCapacity(min(count, 1024))
      for _ in 0..<count {
        var item = Item()
        try item.code(&self)
        items.append(item)
      }
    } else {
      for index in items.indices { try items[index].code(&self) }
    }
  }

  public mutating func int32s(_ items: inout [Int32], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    var some: [Int32]? = items
    try nullableInt32s(&some, from: from, to: to, nullable: false)
    if let some { items = some }
  }

  public mutating func nullableInt32s(
    _ items: inout [Int32]?, from: Int16 = 0, to: Int16 = .max, nullable: Bool = true
  ) throws(WireError) {
    guard exists(from, to) else { return }
    guard let count = try count(items?.count, nullable: nullable) else {
      items = nil
      return
    }
    var some = isReading ? Array(repeating: 0, count: count) : items ?? []
    for index in some.indices { try number(&some[index]) }
    items = some
  }

  public mutating func int64s(_ items: inout [Int64], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to), let count = try count(items.count, nullable: false) else { return }
    if isReading { items = Array(repeating: 0, count: count) }
    for index in items.indices { try number(&items[index]) }
  }

  public mutating func int8s(_ items: inout [Int8], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to), let count = try count(items.count, nullable: false) else { return }
    if isReading { items = Array(repeating: 0, count: count) }
    for index in items.indices { try number(&items[index]) }
  }

  public mutating func strings(_ items: inout [String], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    var some: [String]? = items
    try nullableStrings(&some, from: from, to: to, nullable: false)
    if let some { items = some }
  }

  public mutating func nullableStrings(
    _ items: inout [String]?, from: Int16 = 0, to: Int16 = .max, nullable: Bool = true
  ) throws(WireError) {
    guard exists(from, to) else { return }
    guard let count = try count(items?.count, nullable: nullable) else {
      items = nil
      return
    }
    var some = isReading ? Array(repeating: "", count: count) : items ?? []
    for index in some.indices { try string(&some[index]) }
    items = some
  }

  public mutating func uuids(_ items: inout [WireUUID], from: Int16 = 0, to: Int16 = .max) throws(WireError) {
    guard exists(from, to), let count = try count(items.count, nullable: false) else { return }
    if isReading { items = Array(repeating: WireUUID(), count: count) }
    for index in items.indices { try uuid(&items[index]) }
  }
}

/// Sixteen bytes; all zero means none.
public struct WireUUID: Hashable, Sendable {
  public var high: UInt64 = 0
  public var low: UInt64 = 0

  public init() {}

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public var isZero: Bool { high == 0 && low == 0 }
}

/// The record batches of one partition in a produce or fetch.
public enum WireRecords: Hashable, Sendable {
  case none
  /// As they came, still part of the frame they came in; or to be written out.
  case bytes(ArraySlice<UInt8>)
  /// So many bytes that whoever sends the message puts in by itself (see `WireWriter.holes`).
  case elsewhere(Int)

  public var isEmpty: Bool {
    switch self {
    case .none: true
    case .bytes(let bytes): bytes.isEmpty
    case .elsewhere(let count): count == 0
    }
  }
}

/// Why bytes are not the message they claim to be.
public enum WireError: Error, Hashable, Sendable {
  case truncated
  /// A length or count that is negative or beyond what the rest of the frame, or the limit on items, allows.
  case badLength(Int)
  case unexpectedNull
  case notUTF8
  case overlongVarint
  /// The message ended before its frame did.
  case trailingBytes(Int)
}
