/// Writes Kafka's binary formats: big-endian integers, varints, lengths before bytes.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8]

  public init(capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Goes on writing at the end of `bytes`.
  public init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

  public var count: Int { bytes.count }

  /// A big-endian integer of the type's own width.
  public mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  public mutating func write(_ byte: UInt8) { bytes.append(byte) }

  public mutating func write(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// A varint length and the bytes; the length -1 for nil.
  public mutating func write(nullable more: [UInt8]?) {
    writeVarint(Int32(truncatingIfNeeded: more?.count ?? -1))
    if let more { bytes.append(contentsOf: more) }
  }

  /// Writes a big-endian integer over what stands at `index`: for a length or checksum known only afterwards. Does
  /// nothing when it would reach beyond what is written.
  public mutating func overwrite<Number: FixedWidthInteger>(_ number: Number, at index: Int) {
    let width = Number.bitWidth / 8
    guard index >= 0, index + width <= bytes.count else { return }
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: number.bigEndian, toByteOffset: index, as: Number.self) }
  }
}
