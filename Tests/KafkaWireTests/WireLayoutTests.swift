import Clockwork
import Foundation
import KafkaWire
import Testing

/// Messages that another program wrote by Kafka's own definitions, one for each API, direction and version: once with
/// every field set, once with everything null that may be. Numbers count up, so that no two fields look alike.
@Suite("The layout of messages is Kafka's")
struct WireLayoutTests {
  static let served = administration + security + data + groups + transactions
  static let samples = LayoutSample.all.filter { sample in
    served.contains { $0.api == sample.api } && sample.api.servedVersions.contains(sample.version)
  }

  @Test("there is a sample of every version of every message")
  func coverage() {
    for request in Self.served {
      for version in request.api.servedVersions {
        let found = Self.samples.filter { $0.api == request.api && $0.version == version && $0.isFull }
        #expect(found.count == 2, "\(request.api) \(version)")
      }
    }
  }

  @Test("it is read to its end, and written again it is the same", arguments: samples)
  func sameBytes(sample: LayoutSample) throws {
    let request = try #require(Self.served.first { $0.api == sample.api })
    #expect(try rewritten(request, sample) == sample.bytes)
  }

  @Test("every API that is advertised has its messages")
  func completeness() {
    #expect(Set(Self.served.map { $0.api }) == Set(WireAPI.allCases))
  }

  @Test("bytes changed at random are read or refused, and what is read can be written", arguments: 0..<20)
  func mutated(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    for sample in Self.samples where !sample.bytes.isEmpty {
      let request = try #require(Self.served.first { $0.api == sample.api })
      var changed = sample
      for _ in 0...dice.roll(4) {
        let place = Int(dice.roll(UInt64(changed.bytes.count)))
        switch dice.roll(4) {
        case 0: changed.bytes[place] = UInt8(dice.roll(256))
        case 1: changed.bytes[place] = 0xFF
        case 2: changed.bytes.insert(0x7F, at: place)
        default: if changed.bytes.count > 1 { changed.bytes.remove(at: place) }
        }
      }
      do { _ = try rewritten(request, changed) } catch { #expect(error != .trailingBytes(0)) }
    }
  }

  @Test("a count that the frame cannot hold reserves nothing")
  func hostileCount() {
    var reader = WireReader([0x7F, 0xFF, 0xFF, 0xFF, 0, 0], version: 0, isFlexible: false)
    #expect(throws: WireError.badLength(0x7FFF_FFFF)) { try reader.message(MetadataRequest.self) }
    let many = WireReader.itemLimit + 1
    var crowd = withUnsafeBytes(of: Int32(many).bigEndian) { Array($0) }
    crowd += Array(repeating: 0, count: many * 4)
    reader = WireReader(crowd[...], version: 4, isFlexible: false)
    #expect(throws: WireError.badLength(many)) { try reader.message(MetadataRequest.self) }
  }

  @Test("cut short anywhere it is refused", arguments: samples)
  func truncated(sample: LayoutSample) throws {
    let request = try #require(Self.served.first { $0.api == sample.api })
    for count in sample.bytes.indices {
      var cut = sample
      cut.bytes = Array(sample.bytes.prefix(count))
      #expect(throws: WireError.self) { try rewritten(request, cut) }
    }
  }

  private func rewritten<Request: WireRequest>(
    _: Request.Type, _ sample: LayoutSample
  ) throws(WireError) -> [UInt8] {
    sample.isRequest ? try reread(Request.self, sample) : try reread(Request.Response.self, sample)
  }

  private func reread<Message: WireStruct>(_: Message.Type, _ sample: LayoutSample) throws(WireError) -> [UInt8] {
    let isFlexible = sample.api.isFlexible(sample.version)
    var reader = WireReader(sample.bytes[...], version: sample.version, isFlexible: isFlexible)
    let message: Message = try reader.message()
    var writer = WireWriter(version: sample.version, isFlexible: isFlexible)
    try writer.message(message)
    return writer.bytes
  }
}

/// One line of `Golden/layouts.txt`.
struct LayoutSample: Sendable, CustomTestStringConvertible {
  let api: WireAPI
  let isRequest: Bool
  let version: Int16
  let isFull: Bool
  var bytes: [UInt8]

  var testDescription: String { "\(api) \(isRequest ? "request" : "response") \(version) \(isFull ? "full" : "null")" }

  static let all: [LayoutSample] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/layouts.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap(LayoutSample.init(line:))
  }()

  /// "key direction version full|null hex"; the hex is missing where a message has no fields.
  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 4, let api = Int16(words[0]).flatMap(WireAPI.init(rawValue:)), let version = Int16(words[2])
    else { return nil }
    self.api = api
    self.version = version
    isRequest = words[1] == "request"
    isFull = words[3] == "full"
    let hex = words.count > 4 ? Array(words[4].utf8) : []
    bytes = stride(from: 0, to: hex.count - 1, by: 2).compactMap {
      UInt8(String(decoding: hex[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
  }
}
