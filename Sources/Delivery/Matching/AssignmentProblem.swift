/// Who is to do what at which cost, where not everybody can do everything, and every row may also wait.
///
/// Rows are jobs, columns riders. A row's waiting is a column of its own that nobody else can take, so that scarcity is
/// part of the problem and every problem has a solution. Costs are not negative, and below 2^40.
public struct AssignmentProblem: Sendable {
  public struct Edge: Hashable, Sendable {
    public var column: Int32
    public var cost: Int64

    @inlinable public init(column: Int32, cost: Int64) {
      self.column = column
      self.cost = cost
    }
  }

  public let columns: Int
  /// What it costs each row to be left waiting.
  public let waiting: [Int64]
  /// What each row may take; any order, no column twice in a row.
  public private(set) var edges: [[Edge]]

  public init(columns: Int, waiting: [Int64]) {
    self.columns = max(0, columns)
    self.waiting = waiting.map(Self.bounded)
    edges = Array(repeating: [], count: waiting.count)
  }

  public var rows: Int { waiting.count }

  /// Lets a row take a column. What names neither is left out.
  public mutating func add(row: Int, column: Int, cost: Int64) {
    guard edges.indices.contains(row), (0..<columns).contains(column) else { return }
    edges[row].append(Edge(column: Int32(column), cost: Self.bounded(cost)))
  }

  /// The cheapest assignment over the edges that there are.
  public func solved() -> AssignmentSolution { ShortestAugmentingPaths(self).solution }

  private static func bounded(_ cost: Int64) -> Int64 { max(0, min(cost, 1 << 40)) }
}

/// What each row takes: a column, or nil to wait.
public struct AssignmentSolution: Hashable, Sendable {
  public var columnOfRow: [Int?]
  /// Of the columns taken and of waiting, together.
  public var cost: Int64

  public init(columnOfRow: [Int?], cost: Int64) {
    self.columnOfRow = columnOfRow
    self.cost = cost
  }

  public var assigned: Int { columnOfRow.count { $0 != nil } }
}
