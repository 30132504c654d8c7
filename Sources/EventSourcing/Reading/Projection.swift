/// A read model: a fold of the log into tables that somebody queries.
///
/// `apply` writes in the transaction that the runtime also writes the checkpoint in, so that a crash leaves both or
/// neither. A projection that changes its shape raises `version`: the new one is built beside the live one from the
/// beginning of the log, and the two are switched when it has caught up.
public protocol Projection: Sendable {
  associatedtype Input: Sendable
  associatedtype Tx
  associatedtype Failure: Error
  static var name: String { get }
  static var version: Int { get }
  func apply(_ recorded: Recorded<Input>, in tx: inout Tx) throws(Failure)
}

/// How far a read model has come, by partition of its log.
public struct Checkpoint: Hashable, Sendable {
  /// The next offset to apply, by partition; in the order of the partitions.
  private var next: [(partition: Int32, offset: Int64)] = []

  public init() {}

  public func offset(of partition: Int32) -> Int64 { next.first { $0.partition == partition }?.offset ?? 0 }

  /// False, and nothing changes, when the position was applied before.
  @discardableResult
  public mutating func advance(past position: Position) -> Bool {
    guard position.offset >= offset(of: position.partition) else { return false }
    if let at = next.firstIndex(where: { $0.partition == position.partition }) {
      next[at].offset = position.offset + 1
    } else {
      next.append((position.partition, position.offset + 1))
      next.sort { $0.partition < $1.partition }
    }
    return true
  }

  /// Whether what stands at the position is in the read model.
  public func includes(_ position: Position) -> Bool { offset(of: position.partition) > position.offset }

  /// How many offsets the read model is short of the position; 0 when it is there.
  public func lag(behind position: Position) -> Int64 { max(0, position.offset + 1 - offset(of: position.partition)) }

  public static func == (a: Checkpoint, b: Checkpoint) -> Bool { a.next.elementsEqual(b.next, by: ==) }

  public func hash(into hasher: inout Hasher) {
    for entry in next {
      hasher.combine(entry.partition)
      hasher.combine(entry.offset)
    }
  }
}
