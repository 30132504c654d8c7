/// How the records of a batch are compressed: bits 0 to 2 of its attributes (KIP-98). What is written and read are the
/// forms of it that Kafka's clients write and read.
public enum Codec: Int16, Hashable, Sendable, CaseIterable {
  case none, gzip, snappy, lz4, zstd

  public func compress(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
    guard self != .none else { return bytes }
    return try bytes.withUnsafeBufferPointer { input throws(CodecError) in
      let input = UnsafeRawBufferPointer(input)
      return switch self {
      case .none: bytes
      case .gzip: try Gzip.compress(input)
      case .snappy: try Snappy.compress(input)
      case .lz4: try LZ4Frame.compress(input)
      case .zstd: try Zstandard.compress(input)
      }
    }
  }

  /// The bytes are a stranger's, and few of them can stand for gigabytes: more than `limit` bytes are refused, and no more
  /// memory than a small multiple of `limit` is used to find out.
  public func decompress(_ bytes: ArraySlice<UInt8>, limit: Int) throws(CodecError) -> [UInt8] {
    // No codec writes nothing for nothing.
    guard self == .none || !bytes.isEmpty else { throw .malformed }
    var output = DecompressedBytes(limit: limit)
    try bytes.withUnsafeBufferPointer { input throws(CodecError) in
      let input = UnsafeRawBufferPointer(input)
      switch self {
      case .none: try output.append(input)
      case .gzip: try Gzip.decompress(input, into: &output)
      case .snappy: try Snappy.decompress(input, into: &output)
      case .lz4: try LZ4Frame.decompress(input, into: &output)
      case .zstd: try Zstandard.decompress(input, into: &output)
      }
    }
    return output.bytes
  }
}

public enum CodecError: Error, Hashable, Sendable {
  /// Not what the codec writes, or cut short.
  case malformed
  case tooLarge(limit: Int)
  case outOfMemory
}
