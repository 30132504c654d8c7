import KafkaWire
import NIOCore

/// A response as it goes out: its length, header and body, with record batches put in where they belong.
struct ResponseFrame {
  var parts: [FramePart]

  /// `records` fill the holes that the response's `WireRecords.elsewhere` left, in order.
  init(_ response: some WireStruct, to header: RequestHeader, api: WireAPI, records: [[FramePart]] = [])
    throws(WireError)
  {
    let version = header.version
    var writer = WireWriter(version: version, isFlexible: api.isFlexible(version))
    var placeholder: Int32 = 0
    var correlation = header.correlation
    writer.number(&placeholder)
    writer.number(&correlation)
    if api.hasFlexibleResponseHeader(version) { writer.tags() }
    try writer.message(response)
    var head = ByteBuffer(bytes: writer.bytes)
    head.setInteger(Int32(truncatingIfNeeded: writer.sizeInBytes - 4), at: 0)
    guard !records.isEmpty else {
      parts = [.bytes(head)]
      return
    }
    parts = []
    for (hole, filling) in zip(writer.holes, records) {
      if let before = head.readSlice(length: hole.position - head.readerIndex) { parts.append(.bytes(before)) }
      parts += filling
    }
    if head.readableBytes > 0 { parts.append(.bytes(head)) }
  }
}
