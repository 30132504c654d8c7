import Clockwork
import NIOCore
import Testing

@testable import BrokerServer

@Suite("Frames of a stream")
struct FrameReaderTests {
  private func stream(_ frames: [[UInt8]]) -> [UInt8] {
    frames.flatMap { frame in (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (24 - 8 * $0)) } + frame }
  }

  /// Feeds the bytes in pieces, and takes out the frames as soon as they are there.
  private func cut(_ bytes: [UInt8], every step: Int, _ look: (FrameReader) -> Void = { _ in }) throws -> [[UInt8]] {
    var reader = FrameReader(limit: 1 << 20)
    var frames: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      reader.append(ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)]))
      while let frame = try reader.next() { frames.append(frame) }
      look(reader)
    }
    return frames
  }

  @Test("Wherever the stream is cut, the same frames come out", arguments: [1, 2, 3, 4, 5, 7, 64, 1000])
  func pieces(step: Int) throws {
    let frames: [[UInt8]] = [[], [1], [2, 3], Array(0..<200), [], Array(repeating: 9, count: 700), [4]]
    #expect(try cut(stream(frames), every: step) == frames)
  }

  @Test("A stream that never pauses between two frames takes no more memory than a frame and a piece")
  func bounded() throws {
    let frames = (0..<500).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 10_000) }
    var most = 0
    let seen = try cut(stream(frames), every: 7_001) { most = max(most, $0.reservedBytes) }
    #expect(seen == frames)
    #expect(most < 64_000)
  }

  @Test("Any bytes in any pieces are frames or refused, and take no more memory than they are", arguments: 0..<20)
  func anything(seed: UInt64) {
    var dice = Dice(seed: seed)
    for _ in 0..<200 {
      var reader = FrameReader(limit: 4096)
      var fed = 0
      var taken = 0
      feeding: for _ in 0..<dice.roll(20) {
        var piece = (0..<dice.roll(40)).map { _ in dice.roll(4) == 0 ? UInt8(dice.roll(256)) : 0 }
        if dice.roll(20) == 0 { piece = [0x7F, 0xFF, 0xFF, 0xFF] }
        reader.append(ByteBuffer(bytes: piece))
        fed += piece.count
        do {
          while let frame = try reader.next() { taken += 4 + frame.count }
        } catch {
          break feeding
        }
        #expect(taken + reader.pendingBytes == fed)
        #expect(reader.reservedBytes <= (1 << 20) + 8192, "seed \(seed)")
      }
    }
  }

  @Test("What waits is told with its length, and that the frame is not whole")
  func pending() throws {
    var reader = FrameReader(limit: 100)
    #expect(!reader.isMidFrame && reader.pendingBytes == 0 && reader.nextLength == nil)
    reader.append(ByteBuffer(bytes: [0, 0]))
    #expect(try reader.next() == nil)
    #expect(reader.isMidFrame && reader.pendingBytes == 2 && reader.nextLength == nil)
    reader.append(ByteBuffer(bytes: [0, 3, 7]))
    #expect(reader.isMidFrame && reader.pendingBytes == 5 && reader.nextLength == 3)
    #expect(try reader.next() == nil)
    #expect(reader.isMidFrame && reader.pendingBytes == 5 && reader.nextLength == 3)
    reader.append(ByteBuffer(bytes: [8, 9]))
    #expect(try reader.next() == [7, 8, 9])
    #expect(!reader.isMidFrame && reader.pendingBytes == 0 && reader.nextLength == nil)
  }

  @Test("A length that no request has is refused", arguments: [-1, 101, Int32.max, Int32.min])
  func length(length: Int32) throws {
    var reader = FrameReader(limit: 100)
    reader.append(ByteBuffer(integer: length))
    #expect(throws: FrameError.self) { try reader.next() }
  }
}
