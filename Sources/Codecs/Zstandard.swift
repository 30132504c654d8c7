import CCodecs

/// RFC 8878, by libzstd.
enum Zstandard {
  static func compress(_ input: UnsafeRawBufferPointer) throws(CodecError) -> [UInt8] {
    let bound = ZSTD_compressBound(input.count)
    var isDone = false
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      let written = ZSTD_compress(output.baseAddress, bound, input.baseAddress, input.count, ZSTD_defaultCLevel())
      isDone = ZSTD_isError(written) == 0
      count = isDone ? written : 0
    }
    guard isDone else { throw .outOfMemory }
    return bytes
  }

  /// One frame, or several one after the other.
  ///
  /// A frame may ask for a window of 128 MiB, the library's limit: that much is reserved, but no more of it is touched than
  /// bytes come out.
  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: inout DecompressedBytes
  ) throws(CodecError) {
    guard let stream = ZSTD_createDStream() else { throw .outOfMemory }
    defer { ZSTD_freeDStream(stream) }
    var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    while true {
      let before = from.pos
      var to = ZSTD_outBuffer(dst: output.chunk.baseAddress, size: output.chunk.count, pos: 0)
      let expected = ZSTD_decompressStream(stream, &to, &from)
      guard ZSTD_isError(expected) == 0 else { throw .malformed }
      try output.keep(to.pos)
      if expected == 0, from.pos == from.size { return }
      guard to.pos > 0 || from.pos > before else { throw .malformed }
    }
  }
}
