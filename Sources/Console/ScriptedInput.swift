public import Glibc

/// Lines of standard input when it is no terminal: no prompt, no echo, nothing waits for an answer.
public struct ScriptedInput: Sequence, IteratorProtocol {
  /// A longer line is cut here, which no command survives; so a binary stream does not fill the memory.
  public static let longest = 1 << 16

  private let descriptor: Int32
  private var bytes: [UInt8] = []
  private var position = 0
  private var isOver = false
  /// Of the line last returned, counted from 1.
  public private(set) var number = 0

  public init(descriptor: Int32 = STDIN_FILENO) { self.descriptor = descriptor }

  public mutating func next() -> String? {
    var line: [UInt8] = []
    while let byte = nextByte() {
      if byte == UInt8(ascii: "\n") { return finish(line) }
      if line.count < ScriptedInput.longest { line.append(byte) }
    }
    return line.isEmpty ? nil : finish(line)
  }

  private mutating func finish(_ line: [UInt8]) -> String {
    number += 1
    let isWindows = line.last == UInt8(ascii: "\r")
    return String(decoding: isWindows ? line.dropLast() : line[...], as: UTF8.self)
  }

  private mutating func nextByte() -> UInt8? {
    if position == bytes.count, !fill() { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func fill() -> Bool {
    if isOver { return false }
    var got = 0
    bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      repeat { got = read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
      count = Swift.max(got, 0)
    }
    position = 0
    isOver = got <= 0
    return got > 0
  }
}
