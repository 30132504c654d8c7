import CChecksum

/// CRC-32C (Castagnoli), the checksum of Kafka's record batches. Source: RFC 3720, appendix B.4.
public enum CRC32C {
  /// The checksum of `bytes`, continuing from `crc` (0 to begin), by the processor's instruction where there is one.
  public static func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
    baedal_crc32c(crc, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// The checksum of `bytes`, continuing from `crc` (0 to begin).
  public static func checksum(_ bytes: some Collection<UInt8>, continuing crc: UInt32 = 0) -> UInt32 {
    bytes.withContiguousStorageIfAvailable { checksum(UnsafeRawBufferPointer($0), continuing: crc) }
      ?? Array(bytes).withUnsafeBytes { checksum($0, continuing: crc) }
  }

  /// The same checksum by table: what `checksum` falls back on, public so that the two can be held against each other.
  public static func checksumByTable(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { baedal_crc32c_table(0, $0.baseAddress, $0.count) }
  }

  /// Whether `checksum` uses the processor's own instruction (SSE 4.2, ARMv8 CRC).
  public static var usesInstruction: Bool { baedal_crc32c_has_instruction() }
}
