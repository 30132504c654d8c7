/// A transaction as its client saw it. Objects are registers, lists or tables; values written are unique to their key.
public struct Transaction: Hashable, Sendable {
  public enum Step: Hashable, Sendable {
    /// Of a register; nil when there was nothing.
    case read(String, String?)
    case write(String, String)
    /// Of a list: all of it.
    case readList(String, [String])
    case append(String, String)
    /// Of a table: all its rows, in any order. Rows are added and never changed.
    case readRows(String, [String])
    case insert(String, String)
  }

  public enum End: Hashable, Sendable {
    case committed
    case aborted
    /// Nobody told: it counts as committed if anybody saw what it wrote.
    case unknown
  }

  /// `t1`: what it is called when it is told of.
  public var name: String
  /// In the order in which they were made, with what was read. A read that got no answer is left out.
  public var steps: [Step]
  public var end: End
  /// When it began and when its client heard of its end, for those who also ask for real-time order.
  public var began: Int?
  public var ended: Int?

  public init(_ name: String, _ steps: [Step], _ end: End = .committed, began: Int? = nil, ended: Int? = nil) {
    (self.name, self.steps, self.end, self.began, self.ended) = (name, steps, end, began, ended)
  }
}

/// How much transactions may notice of each other; from the weakest to the strongest.
public enum IsolationLevel: String, Hashable, Comparable, Sendable, CaseIterable {
  case readUncommitted = "read uncommitted"
  case readCommitted = "read committed"
  case snapshot = "snapshot isolation"
  case serializable = "serializable"
  case strictSerializable = "strict serializable"

  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The anomalies after Adya ("Weak consistency: a generalized theory", 1999) and Elle (Kingsbury & Alvaro, "Elle:
/// inferring isolation anomalies from experimental observations", 2020).
public enum Anomaly: String, Hashable, Comparable, Sendable, CaseIterable {
  /// A cycle of overwriting alone: dirty write.
  case g0 = "G0"
  /// Read what an aborted transaction wrote.
  case g1a = "G1a"
  /// Read what a transaction wrote and then wrote over itself.
  case g1b = "G1b"
  /// A cycle of overwriting and reading.
  case g1c = "G1c"
  /// A transaction does not see its own writes.
  case inconsistent = "internal"
  /// Reads that no one order of writes explains.
  case incompatibleOrder = "incompatible order"
  /// Two transactions read the same version of an object, and both wrote it.
  case lostUpdate = "lost update"
  /// A cycle with one read that missed a write: read skew.
  case gSingle = "G-single"
  /// A cycle with several such reads, no two of them next to each other: snapshots do not allow it either.
  case gNonadjacent = "G-nonadjacent"
  /// A cycle with several such reads: write skew.
  case g2 = "G2-item"
  /// A cycle that needs the times: one was over before another began.
  case realTime = "real-time cycle"

  /// The weakest level at which it may not happen.
  public var preventedFrom: IsolationLevel {
    switch self {
    case .g0: .readUncommitted
    case .g1a, .g1b, .g1c, .inconsistent, .incompatibleOrder: .readCommitted
    case .lostUpdate, .gSingle, .gNonadjacent: .snapshot
    case .g2: .serializable
    case .realTime: .strictSerializable
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
