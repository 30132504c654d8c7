import CCodecs

/// Snappy's block, by libsnappy: alone, as librdkafka writes it, or one of several in the frame of Java's xerial library.
/// Every client reads both.
enum Snappy {
  /// Followed by two versions of four bytes each, and then by blocks with their lengths.
  static let xerialMagic: [UInt8] = [0x82] + Array("SNAPPY".utf8) + [0]
  private static let xerialHeader = 16

  static func compress(_ input: UnsafeRawBufferPointer) throws(CodecError) -> [UInt8] {
    let bound = snappy_max_compressed_length(input.count)
    var isDone = false
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      count = bound
      let text = UnsafeMutableRawBufferPointer(output).bindMemory(to: CChar.self).baseAddress
      isDone = snappy_compress(input.bindMemory(to: CChar.self).baseAddress, input.count, text, &count) == SNAPPY_OK
      if !isDone { count = 0 }
    }
    guard isDone else { throw .outOfMemory }
    return bytes
  }

  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: inout DecompressedBytes
  ) throws(CodecError) {
    guard input.starts(with: xerialMagic) else { return try decompress(block: input, into: &output) }
    guard input.count >= xerialHeader else { throw .malformed }
    var rest = UnsafeRawBufferPointer(rebasing: input[xerialHeader...])
    while !rest.isEmpty {
      guard rest.count >= 4 else { throw .malformed }
      let size = Int(UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self)))
      guard size <= rest.count - 4 else { throw .malformed }
      try decompress(block: UnsafeRawBufferPointer(rebasing: rest[4..<4 + size]), into: &output)
      rest = UnsafeRawBufferPointer(rebasing: rest[(4 + size)...])
    }
  }

  private static func decompress(
    block: UnsafeRawBufferPointer, into output: inout DecompressedBytes
  ) throws(CodecError) {
    let text = block.bindMemory(to: CChar.self).baseAddress
    var size = 0
    // Three bytes stand for 64 at most: a length beyond that is a lie that need not be given memory.
    guard snappy_uncompressed_length(text, block.count, &size) == SNAPPY_OK, size / 22 <= block.count else {
      throw .malformed
    }
    guard size <= output.room else { throw .tooLarge(limit: output.limit) }
    var isDone = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { place, count in
      count = size
      let place = UnsafeMutableRawBufferPointer(place).bindMemory(to: CChar.self).baseAddress
      isDone = snappy_uncompress(text, block.count, place, &count) == SNAPPY_OK
      if !isDone { count = 0 }
    }
    guard isDone else { throw .malformed }
    try bytes.withUnsafeBufferPointer { bytes throws(CodecError) in try output.append(UnsafeRawBufferPointer(bytes)) }
  }
}
