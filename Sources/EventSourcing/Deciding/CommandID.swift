public import Bytes
import Clockwork

/// Names a command, so that its second copy is known for what it is.
///
/// Whoever issues a command from outside chooses the name once and keeps it through every retry. What a process manager
/// sends is named by what made it send: process, instance, input position and index. Handling that input again, after a
/// crash or on another machine, gives the same names, and the inbox of the receiver absorbs them: a replay cannot send
/// twice.
public struct CommandID: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  @inlinable public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The `number`th command of a client outside.
  public init(client: UInt64, number: UInt64) {
    // The top bit tells chosen names from derived ones: they can never meet.
    self.init(high: client | 1 << 63, low: number)
  }

  /// The `index`th command that this process sends on hearing the input at this position.
  public init(process: String, instance: EntityID, input: Position, index: Int) {
    var high = StateHasher()
    var low = StateHasher()
    low.combine(0x5bd1_e995 as UInt64)
    func mix(_ word: UInt64) {
      high.combine(word)
      low.combine(word)
    }
    high.combine(process)
    low.combine(process)
    mix(UInt64(instance.kind))
    mix(instance.number)
    mix(UInt64(input.log))
    mix(UInt64(UInt32(bitPattern: input.partition)))
    mix(UInt64(bitPattern: input.offset))
    mix(UInt64(index))
    self.init(high: high.finalize() & ~(1 << 63), low: low.finalize())
  }

  public func encode(into writer: inout ByteWriter) {
    writer.write(high)
    writer.write(low)
  }

  public init(from reader: inout ByteReader) throws(SchemaError) {
    (high, low) = try reading(&reader) { r throws(ByteError) in (try r.read(), try r.read()) }
  }
}

extension CommandID: CustomStringConvertible {
  /// Sixteen hexadecimal digits tell commands apart well enough for a person.
  public var description: String {
    let digits = String(high ^ low, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
