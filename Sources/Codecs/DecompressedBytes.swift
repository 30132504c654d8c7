/// What has come out of a decompressor, never more than `limit` bytes, and a place for it to write its next bytes to.
struct DecompressedBytes: ~Copyable {
  private(set) var bytes: [UInt8] = []
  let limit: Int
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  init(limit: Int) { self.limit = limit }

  deinit { chunk.deallocate() }

  /// How many more there may be.
  var room: Int { limit - bytes.count }

  /// Keeps the first `count` bytes of `chunk`.
  mutating func keep(_ count: Int) throws(CodecError) { try append(UnsafeRawBufferPointer(rebasing: chunk[..<count])) }

  mutating func append(_ more: UnsafeRawBufferPointer) throws(CodecError) {
    guard more.count <= room else { throw .tooLarge(limit: limit) }
    bytes.append(contentsOf: more)
  }
}
