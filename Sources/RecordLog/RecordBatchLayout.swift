import Bytes

/// Where the fields of a batch lie (KIP-98). Indices count from the magic byte, which follows a base offset of 8 bytes,
/// a length of 4 and a leader epoch of 4.
enum Layout {
  /// Bytes before the magic byte.
  static let bodyStart = 16
  /// Bytes before the end that the length field counts.
  static let lengthEnd = 12

  static let magic = 0
  static let checksum = 1
  static let attributes = 5
  static let lastOffsetDelta = 7
  static let baseTimestamp = 11
  static let maxTimestamp = 19
  static let producerID = 27
  static let producerEpoch = 35
  static let baseSequence = 37
  static let recordCount = 41
  static let records = 45

  /// The least a batch takes on disk: its header.
  static let headerSize = bodyStart + records
  /// The largest base offset accepted, so that no offset inside a batch can overflow.
  static let maxBaseOffset = Int64.max - Int64(Int32.max) - 1

  /// The latest time that a header stands for. librdkafka looks for its maximum from 0 on: records that have no time (-1)
  /// come under one that says 1970, as which they would be too old for any `retention.ms`.
  static func latest(_ stored: Int64, base: Int64) -> Int64 { stored == 0 && base < 0 ? base : stored }

  /// A big-endian field of a body at least `records` long.
  static func load<Number: FixedWidthInteger>(_: Number.Type, from body: ArraySlice<UInt8>, at index: Int) -> Number {
    body.withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(fromByteOffset: index, as: Number.self)) }
  }

  static func store<Number: FixedWidthInteger>(
    _ number: Number, in header: UnsafeMutableRawBufferPointer, at index: Int
  ) {
    header.storeBytes(of: number.bigEndian, toByteOffset: index, as: Number.self)
  }

  /// The CRC-32C that belongs in a body: of everything after it.
  static func checksum(of body: ArraySlice<UInt8>) -> UInt32 {
    body.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[attributes...])) }
  }
}
