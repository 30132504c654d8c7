import Clockwork
import KafkaWire
import Testing

@Suite("Request headers")
struct RequestHeaderTests {
  static let headers: [RequestHeader] = WireAPI.allCases.flatMap { api in
    api.versions.flatMap { version in
      [nil, "", "rdkafka"].map { RequestHeader(api: api.rawValue, version: version, correlation: -7, client: $0) }
    }
  }

  @Test("a header written is read back, and the body is left", arguments: headers)
  func roundTrip(header: RequestHeader) throws {
    var bytes: [UInt8] = []
    try header.write(into: &bytes)
    // A frame is a slice: its first index is not zero.
    var frame = ([9, 9] + bytes + [1, 2, 3])[2...]
    #expect(try RequestHeader(reading: &frame) == header)
    #expect(Array(frame) == [1, 2, 3])
  }

  @Test("cut short anywhere it is refused", arguments: headers)
  func truncated(header: RequestHeader) throws {
    var bytes: [UInt8] = []
    try header.write(into: &bytes)
    for count in bytes.indices {
      var frame = bytes.prefix(count)
      #expect(throws: WireError.self) { try RequestHeader(reading: &frame) }
    }
  }

  @Test("the client's name has a plain length in flexible versions too, and a tag section follows")
  func layout() throws {
    let plain: [UInt8] = [0, 3, 0, 8, 0, 0, 0, 5, 0, 2, 0x61, 0x62]
    var bytes: [UInt8] = []
    try RequestHeader(api: 3, version: 8, correlation: 5, client: "ab").write(into: &bytes)
    #expect(bytes == plain)
    bytes = []
    try RequestHeader(api: 3, version: 9, correlation: 5, client: "ab").write(into: &bytes)
    #expect(bytes == [0, 3, 0, 9, 0, 0, 0, 5, 0, 2, 0x61, 0x62, 0])
  }

  @Test("of an API that is not served what identifies it is read, and the rest left alone")
  func unknown() throws {
    var frame: ArraySlice<UInt8> = [0x7F, 0xFF, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]
    let header = try RequestHeader(reading: &frame)
    #expect(header == RequestHeader(api: .max, version: 99, correlation: 1, client: nil))
    #expect(frame == [0xFF, 0xFF])
  }

  @Test("tagged fields nobody knows are skipped, in headers and in messages")
  func tags() throws {
    var frame: ArraySlice<UInt8> = [0, 12, 0, 4, 0, 0, 0, 1, 0xFF, 0xFF]
    // Two fields: tag 0 with three bytes, tag 300 with none.
    let tags: [UInt8] = [2, 0, 3, 7, 7, 7, 0xAC, 0x02, 0]
    frame += tags
    frame += [2, 0x67, 0, 0, 0, 1, 2, 0x6D, 0] + tags
    #expect(try RequestHeader(reading: &frame).api == WireAPI.heartbeat.rawValue)
    var reader = WireReader(frame, version: 4, isFlexible: true)
    let heartbeat = try reader.message(HeartbeatRequest.self)
    #expect((heartbeat.group, heartbeat.generation, heartbeat.member) == ("g", 1, "m"))
    #expect(heartbeat.instance == nil)
  }

  @Test(
    "tagged fields that claim more than the frame has are refused",
    arguments: [
      [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ] as [[UInt8]])
  func hostileTags(tags: [UInt8]) {
    var frame: ArraySlice<UInt8> = [0, 12, 0, 4, 0, 0, 0, 1, 0xFF, 0xFF]
    frame += tags
    #expect(throws: WireError.self) { try RequestHeader(reading: &frame) }
  }

  @Test("any bytes are a header or refused, and what is left is the end of what came", arguments: 0..<20)
  func anyBytes(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    for _ in 0..<500 {
      let header = Self.headers[Int(dice.roll(UInt64(Self.headers.count)))]
      var bytes: [UInt8] = []
      try header.write(into: &bytes)
      bytes += (0..<dice.roll(8)).map { _ in UInt8(dice.roll(256)) }
      for _ in 0...dice.roll(3) { bytes[Int(dice.roll(UInt64(bytes.count)))] = UInt8(dice.roll(256)) }
      var frame = bytes[...]
      guard (try? RequestHeader(reading: &frame)) != nil else { continue }
      #expect(frame.endIndex == bytes.endIndex && frame.startIndex >= 10)
    }
  }
}
