/// Which transaction must come before which, and why.
struct DependencyGraph {
  enum Kind: Hashable {
    /// Its write was replaced by the other's.
    case overwritten
    /// The other read its write.
    case read
    /// It read what the other then replaced: an anti-dependency.
    case missed
    /// It was over before the other began.
    case earlier
  }

  struct Edge: Hashable {
    var from: Int
    var to: Int
    var kind: Kind
    /// Of the first kind of reason found between the two.
    var why: String
  }

  let transactions: [Transaction]
  private(set) var edges: [[Edge]]

  init(_ orders: VersionOrders, realTime: Bool) {
    transactions = orders.transactions
    edges = Array(repeating: [], count: orders.transactions.count)
    var after: [String: [String?: [String]]] = [:]
    for (key, pairs) in orders.successors {
      for (before, value) in pairs where before != value {
        let version = orders.version(before, of: key)
        if after[key]?[version]?.contains(value) != true {
          after[key, default: [:]][version, default: []].append(value)
        }
      }
    }
    for key in after.keys.sorted() {
      let pairs = orders.successors[key] ?? []
      for (before, value) in pairs {
        guard let old = before.flatMap({ orders.writers[key]?[$0] }), let new = orders.writers[key]?[value],
          orders.isIn[old.transaction], orders.isIn[new.transaction]
        else { continue }
        let why = "\(name(new.transaction)) put \(value) in the place of \(before ?? "?") in \(key)"
        add(
          Edge(
            from: old.transaction, to: new.transaction, kind: .overwritten,
            why: "\(name(old.transaction)) wrote \(key) = \(before ?? "?"), then \(why)"))
      }
    }
    for (place, transaction) in transactions.enumerated() where orders.isIn[place] {
      for step in transaction.steps {
        if case .readRows(let table, let rows) = step { addRows(table, rows, place, orders) }
        guard let (key, value) = step.sawLast else { continue }
        if let value, let writer = orders.writers[key]?[value], orders.isIn[writer.transaction] {
          add(
            Edge(
              from: writer.transaction, to: place, kind: .read,
              why: "\(name(place)) read \(key) = \(value), which \(name(writer.transaction)) wrote"))
        }
        for next in after[key]?[orders.version(value, of: key)] ?? [] {
          guard let writer = orders.writers[key]?[next], orders.isIn[writer.transaction] else { continue }
          let read = value.map { "\(key) = \($0)" } ?? "nothing in \(key)"
          add(
            Edge(
              from: place, to: writer.transaction, kind: .missed,
              why: "\(name(place)) read \(read), before \(name(writer.transaction)) wrote \(next)"))
        }
      }
    }
    if realTime { addTimes(orders) }
  }

  /// A question about a table depends on every row that it found, and comes before every row that it did not find.
  private mutating func addRows(_ table: String, _ rows: [String], _ place: Int, _ orders: VersionOrders) {
    let found = Set(rows)
    for (row, write) in (orders.writers[table] ?? [:]).sorted(by: { $0.key < $1.key })
    where orders.isIn[write.transaction] {
      let writer = name(write.transaction)
      if found.contains(row) {
        let why = "\(name(place)) found \(row) in \(table), which \(writer) put there"
        add(Edge(from: write.transaction, to: place, kind: .read, why: why))
      } else {
        let why = "\(name(place)) did not find \(row) in \(table), which \(writer) put there later"
        add(Edge(from: place, to: write.transaction, kind: .missed, why: why))
      }
    }
  }

  private func name(_ place: Int) -> String { transactions[place].name }

  private mutating func add(_ edge: Edge) {
    guard edge.from != edge.to, !edges[edge.from].contains(where: { $0.to == edge.to && $0.kind == edge.kind }) else {
      return
    }
    edges[edge.from].append(edge)
  }

  /// Edges from each transaction to those that began after its end, but for the ones that follow from others.
  private mutating func addTimes(_ orders: VersionOrders) {
    struct Mark { var at: Int, isEnd: Bool, place: Int }
    var marks: [Mark] = []
    for (place, transaction) in transactions.enumerated() where orders.isIn[place] {
      if let began = transaction.began { marks.append(Mark(at: began, isEnd: false, place: place)) }
      if let ended = transaction.ended { marks.append(Mark(at: ended, isEnd: true, place: place)) }
    }
    marks.sort { ($0.at, $0.isEnd ? 1 : 0, $0.place) < ($1.at, $1.isEnd ? 1 : 0, $1.place) }
    var frontier: [Int] = []
    var before: [Int: [Int]] = [:]
    for mark in marks {
      if mark.isEnd {
        // What this one already follows is reached through it.
        let implied = Set(before[mark.place] ?? [])
        frontier = frontier.filter { !implied.contains($0) } + [mark.place]
      } else {
        before[mark.place] = frontier
        for earlier in frontier {
          add(
            Edge(
              from: earlier, to: mark.place, kind: .earlier,
              why: "\(name(earlier)) was over before \(name(mark.place)) began"))
        }
      }
    }
  }

  // MARK: Cycles

  /// A shortest cycle whose edges are all of these kinds, if there is one.
  func cycle(of kinds: Set<Kind>, through needed: Kind? = nil) -> [Edge]? {
    var best: [Edge]?
    let component = components(kinds)
    for place in edges.indices {
      for edge in edges[place] where kinds.contains(edge.kind) && (needed == nil || edge.kind == needed) {
        guard component[edge.from] == component[edge.to] else { continue }
        let limit = best.map { $0.count - 1 } ?? .max
        if let back = path(from: edge.to, to: edge.from, kinds, within: component, limit: limit) {
          if best == nil || back.count + 1 < best?.count ?? 0 { best = [edge] + back }
          if best?.count == 2 { return best }
        }
      }
    }
    return best
  }

  /// A shortest cycle with exactly one anti-dependency.
  func cycleWithOneMiss(_ others: Set<Kind>) -> [Edge]? {
    let component = components(others.union([.missed]))
    var best: [Edge]?
    for place in edges.indices {
      for edge in edges[place] where edge.kind == .missed && component[edge.from] == component[edge.to] {
        let limit = best.map { $0.count - 1 } ?? .max
        guard let back = path(from: edge.to, to: edge.from, others, within: component, limit: limit) else { continue }
        if best == nil || back.count + 1 < best?.count ?? 0 { best = [edge] + back }
        if best?.count == 2 { return best }
      }
    }
    return best
  }

  /// A cycle in which no two anti-dependencies are neighbours: those that snapshots rule out (Cerone & Gotsman,
  /// "Analysing snapshot isolation", 2018: every cycle of a history under it has two in a row).
  func cycleWithoutNeighbouringMisses() -> [Edge]? {
    // One step is a dependency, perhaps with one anti-dependency behind it.
    var composed = self
    var parts: [[Int: [Edge]]] = Array(repeating: [:], count: edges.count)
    for place in edges.indices {
      composed.edges[place] = []
      for edge in edges[place] where edge.kind == .overwritten || edge.kind == .read {
        if parts[place][edge.to] == nil { parts[place][edge.to] = [edge] }
        for miss in edges[edge.to] where miss.kind == .missed && parts[place][miss.to] == nil {
          parts[place][miss.to] = [edge, miss]
        }
      }
      for to in parts[place].keys.sorted() where to != place {
        composed.edges[place].append(Edge(from: place, to: to, kind: .read, why: ""))
      }
      if let own = parts[place][place] { return own }
    }
    return composed.cycle(of: [.read])?.flatMap { parts[$0.from][$0.to] ?? [] }
  }

  private func path(
    from start: Int, to goal: Int, _ kinds: Set<Kind>, within component: [Int], limit: Int
  ) -> [Edge]? {
    var came: [Int: Edge] = [:]
    var wave = [start]
    var length = 0
    while !wave.isEmpty, length < limit {
      length += 1
      var next: [Int] = []
      for place in wave {
        for edge in edges[place]
        where kinds.contains(edge.kind) && component[edge.to] == component[start] && edge.to != start
          && came[edge.to] == nil
        {
          came[edge.to] = edge
          if edge.to == goal { return walkBack(came, from: goal, to: start) }
          next.append(edge.to)
        }
      }
      wave = next
    }
    return nil
  }

  private func walkBack(_ came: [Int: Edge], from goal: Int, to start: Int) -> [Edge] {
    var path: [Edge] = []
    var place = goal
    while place != start, let edge = came[place] {
      path.append(edge)
      place = edge.from
    }
    return path.reversed()
  }

  /// For each transaction the number of its strongly connected component (Tarjan 1972, without recursion).
  private func components(_ kinds: Set<Kind>) -> [Int] {
    var (index, low, component) = (
      [Int](repeating: -1, count: edges.count), [Int](repeating: 0, count: edges.count),
      [Int](repeating: -1, count: edges.count)
    )
    var (counter, found) = (0, 0)
    var stack: [Int] = []
    for root in edges.indices where index[root] == -1 {
      var work: [(place: Int, next: Int)] = [(root, 0)]
      while let (place, next) = work.last {
        if next == 0 {
          (index[place], low[place]) = (counter, counter)
          counter += 1
          stack.append(place)
        }
        if next < edges[place].count {
          work[work.count - 1].next += 1
          let edge = edges[place][next]
          guard kinds.contains(edge.kind) else { continue }
          if index[edge.to] == -1 {
            work.append((edge.to, 0))
          } else if component[edge.to] == -1 {
            low[place] = min(low[place], index[edge.to])
          }
          continue
        }
        work.removeLast()
        if let parent = work.last?.place { low[parent] = min(low[parent], low[place]) }
        if low[place] == index[place] {
          while let top = stack.popLast() {
            component[top] = found
            if top == place { break }
          }
          found += 1
        }
      }
    }
    return component
  }
}
