/// The cheapest assignment, exactly, by shortest augmenting paths over sparse edges.
///
/// Row by row, Dijkstra finds the cheapest way to fit the row in by moving others along; potentials keep every reduced
/// cost non-negative. O(rows × edges × log). The potentials are the proof of optimality: no edge, taken or not, can
/// improve an assignment in which every edge's cost less its two potentials is not negative, which is also how edges
/// that were left out are found (`pricing`).
///
/// Source: Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
/// problems" (1987).
struct ShortestAugmentingPaths {
  private let problem: AssignmentProblem
  private let columns: Int
  /// Of each column, riders first and then one for each row's waiting: the row that has it, or -1.
  private var rowOf: [Int32]
  private var columnOf: [Int32]
  private(set) var rowPotential: [Int64]
  /// Never above zero, and zero where nobody has the column.
  private(set) var columnPotential: [Int64]

  // Of the search at hand. `seen` holds the number of the search, so that nothing is cleared between searches.
  private var distance: [Int64]
  private var cameFrom: [Int32]
  private var seen: [Int32]
  private var done: [Int32]
  private var heap = PathHeap()

  init(_ problem: AssignmentProblem) {
    self.problem = problem
    columns = problem.columns
    let all = columns + problem.rows
    rowOf = Array(repeating: -1, count: all)
    columnOf = Array(repeating: -1, count: problem.rows)
    rowPotential = Array(repeating: 0, count: problem.rows)
    columnPotential = Array(repeating: 0, count: all)
    distance = Array(repeating: 0, count: all)
    cameFrom = Array(repeating: -1, count: all)
    seen = Array(repeating: -1, count: all)
    done = Array(repeating: -1, count: all)
    for row in 0..<problem.rows { augment(row) }
  }

  var solution: AssignmentSolution {
    var cost: Int64 = 0
    var taken: [Int?] = []
    taken.reserveCapacity(problem.rows)
    for row in 0..<problem.rows {
      let column = Int(columnOf[row])
      taken.append(column < columns ? column : nil)
      cost += column < columns ? self.cost(of: row, column) : problem.waiting[row]
    }
    return AssignmentSolution(columnOfRow: taken, cost: cost)
  }

  private func cost(of row: Int, _ column: Int) -> Int64 {
    problem.edges[row].first { $0.column == Int32(column) }?.cost ?? problem.waiting[row]
  }

  private mutating func augment(_ start: Int) {
    let search = Int32(start)
    var settled: [Int] = []
    heap.removeAll()
    var row = start
    var reached: Int64 = 0
    var end = -1
    while true {
      relax(row, at: reached, search)
      var column = -1
      while let next = heap.pop() {
        if done[Int(next.column)] != search {
          (reached, column) = (next.distance, Int(next.column))
          break
        }
      }
      // Never -1: the column of the row's own waiting is free or reaches its owner.
      guard column >= 0 else { return }
      done[column] = search
      if rowOf[column] < 0 {
        end = column
        break
      }
      settled.append(column)
      row = Int(rowOf[column])
    }
    rowPotential[start] += reached
    for column in settled {
      let slack = reached - distance[column]
      columnPotential[column] -= slack
      rowPotential[Int(rowOf[column])] += slack
    }
    while true {
      let row = Int(cameFrom[end])
      rowOf[end] = Int32(row)
      let previous = Int(columnOf[row])
      columnOf[row] = Int32(end)
      if row == start { return }
      end = previous
    }
  }

  private mutating func relax(_ row: Int, at reached: Int64, _ search: Int32) {
    let base = reached - rowPotential[row]
    for edge in problem.edges[row] { offer(Int(edge.column), base + edge.cost, from: row, search) }
    offer(columns + row, base + problem.waiting[row], from: row, search)
  }

  private mutating func offer(_ column: Int, _ raw: Int64, from row: Int, _ search: Int32) {
    let length = raw - columnPotential[column]
    if done[column] == search || (seen[column] == search && distance[column] <= length) { return }
    seen[column] = search
    distance[column] = length
    cameFrom[column] = Int32(row)
    heap.push(length, Int32(column))
  }
}

/// A binary heap of columns by distance; of equal distances the lower column first, so that ties fall the same way.
private struct PathHeap {
  private var items: [(distance: Int64, column: Int32)] = []

  mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  mutating func push(_ distance: Int64, _ column: Int32) {
    items.append((distance, column))
    var at = items.count - 1
    while at > 0 {
      let parent = (at - 1) / 2
      guard isLess(at, parent) else { return }
      items.swapAt(at, parent)
      at = parent
    }
  }

  mutating func pop() -> (distance: Int64, column: Int32)? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return first }
    items[0] = last
    var at = 0
    while true {
      var least = at
      let (left, right) = (2 * at + 1, 2 * at + 2)
      if left < items.count, isLess(left, least) { least = left }
      if right < items.count, isLess(right, least) { least = right }
      if least == at { return first }
      items.swapAt(at, least)
      at = least
    }
  }

  private func isLess(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (items[a], items[b])
    return x.distance != y.distance ? x.distance < y.distance : x.column < y.column
  }
}
