/// The cheapest assignment over all edges at once: the Hungarian method, O(rows² × columns), with none of the sparse
/// method's economies.
///
/// What the sparse one is held against, in tests and in the benchmark. Source: Kuhn (1955) in the form with
/// potentials, after Jonker and Volgenant (1987).
public enum DenseAssignment {
  /// - Parameters:
  ///   - cost: what a row pays for a column.
  ///   - waiting: what each row pays for none.
  public static func solve(columns: Int, waiting: [Int64], cost: (_ row: Int, _ column: Int) -> Int64)
    -> AssignmentSolution
  {
    let rows = waiting.count
    // One column more for each row's waiting: it costs the other rows as much as it costs its owner, which is as good.
    let all = columns + rows
    var rowPotential = Array(repeating: Int64(0), count: rows + 1)
    var columnPotential = Array(repeating: Int64(0), count: all + 1)
    // Column 0 stands for the row that is being fitted in.
    var rowOf = Array(repeating: 0, count: all + 1)
    var cameFrom = Array(repeating: 0, count: all + 1)
    func price(_ row: Int, _ column: Int) -> Int64 { column < columns ? cost(row, column) : waiting[row] }

    for row in stride(from: 1, through: rows, by: 1) {
      rowOf[0] = row
      var at = 0
      var least = Array(repeating: Int64.max, count: all + 1)
      var used = Array(repeating: false, count: all + 1)
      repeat {
        used[at] = true
        let current = rowOf[at]
        var (step, next) = (Int64.max, 0)
        for column in 1...all where !used[column] {
          let reduced = price(current - 1, column - 1) - rowPotential[current] - columnPotential[column]
          if reduced < least[column] { (least[column], cameFrom[column]) = (reduced, at) }
          if least[column] < step { (step, next) = (least[column], column) }
        }
        for column in 0...all {
          if used[column] {
            rowPotential[rowOf[column]] += step
            columnPotential[column] -= step
          } else if least[column] != .max {
            least[column] -= step
          }
        }
        at = next
      } while rowOf[at] != 0
      repeat {
        let before = cameFrom[at]
        rowOf[at] = rowOf[before]
        at = before
      } while at != 0
    }
    var taken: [Int?] = Array(repeating: nil, count: rows)
    var total: Int64 = 0
    for column in stride(from: 1, through: all, by: 1) where rowOf[column] != 0 {
      let row = rowOf[column] - 1
      total += price(row, column - 1)
      if column <= columns { taken[row] = column - 1 }
    }
    return AssignmentSolution(columnOfRow: taken, cost: total)
  }
}
