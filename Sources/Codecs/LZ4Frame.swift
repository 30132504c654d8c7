import CCodecs

/// LZ4's frame format, by liblz4.
enum LZ4Frame {
  static func compress(_ input: UnsafeRawBufferPointer) throws(CodecError) -> [UInt8] {
    var preferences = LZ4F_preferences_t()
    // Java's reader knows no other.
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    let bound = LZ4F_compressFrameBound(input.count, &preferences)
    var isDone = false
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      let written = LZ4F_compressFrame(output.baseAddress, bound, input.baseAddress, input.count, &preferences)
      isDone = LZ4F_isError(written) == 0
      count = isDone ? written : 0
    }
    guard isDone else { throw .outOfMemory }
    return bytes
  }

  /// One frame, or several one after the other.
  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: inout DecompressedBytes
  ) throws(CodecError) {
    var context: OpaquePointer?
    guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else { throw .outOfMemory }
    defer { LZ4F_freeDecompressionContext(context) }
    guard let start = input.baseAddress else { throw .malformed }
    var position = 0
    while true {
      var (written, read) = (output.chunk.count, input.count - position)
      let expected = LZ4F_decompress(context, output.chunk.baseAddress, &written, start + position, &read, nil)
      guard LZ4F_isError(expected) == 0 else { throw .malformed }
      try output.keep(written)
      position += read
      if expected == 0, position == input.count { return }
      guard written > 0 || read > 0 else { throw .malformed }
    }
  }
}
