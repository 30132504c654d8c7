import CCodecs

/// RFC 1952, by zlib.
enum Gzip {
  /// The largest window, and gzip's header and checksum around it.
  private static let windowBits: Int32 = 15 + 16
  private static let streamSize = Int32(MemoryLayout<z_stream>.size)

  static func compress(_ input: UnsafeRawBufferPointer) throws(CodecError) -> [UInt8] {
    // zlib remembers where its stream lies.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let (level, strategy) = (Z_DEFAULT_COMPRESSION, Z_DEFAULT_STRATEGY)
    guard deflateInit2_(stream, level, Z_DEFLATED, windowBits, 8, strategy, ZLIB_VERSION, streamSize) == Z_OK else {
      throw .outOfMemory
    }
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(input.count)))
    stream.pointee.take(input)
    return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      stream.pointee.give(UnsafeMutableRawBufferPointer(output))
      deflate(stream, Z_FINISH)
      count = bound - Int(stream.pointee.avail_out)
    }
  }

  /// One member, or several one after the other.
  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: inout DecompressedBytes
  ) throws(CodecError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard inflateInit2_(stream, windowBits, ZLIB_VERSION, streamSize) == Z_OK else { throw .outOfMemory }
    defer { inflateEnd(stream) }
    stream.pointee.take(input)
    while true {
      stream.pointee.give(output.chunk)
      // Where there is nothing to go on with, the status is another one.
      let status = inflate(stream, Z_NO_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END else { throw .malformed }
      try output.keep(output.chunk.count - Int(stream.pointee.avail_out))
      if status == Z_STREAM_END {
        if stream.pointee.avail_in == 0 { return }
        inflateReset(stream)
      }
    }
  }
}

extension z_stream {
  fileprivate mutating func take(_ input: UnsafeRawBufferPointer) {
    next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    avail_in = UInt32(input.count)
  }

  fileprivate mutating func give(_ output: UnsafeMutableRawBufferPointer) {
    next_out = output.bindMemory(to: UInt8.self).baseAddress
    avail_out = UInt32(output.count)
  }
}
