/// A place in the logs: which log, which partition of it, which offset.
///
/// The number of a log is the domain's; positions compare within one partition, and otherwise only to have some order.
public struct Position: Hashable, Comparable, Sendable {
  public var log: UInt8
  public var partition: Int32
  public var offset: Int64

  @inlinable public init(log: UInt8, partition: Int32, offset: Int64) {
    self.log = log
    self.partition = partition
    self.offset = offset
  }

  @inlinable public static func < (a: Position, b: Position) -> Bool {
    (a.log, a.partition, a.offset) < (b.log, b.partition, b.offset)
  }
}
