/// Which states never come to rest: from which no state in which everybody has what they wait for can be reached.
///
/// Backwards over the edges of the whole graph: what reaches a settled state is marked, what is left does not. This is
/// the question of liveness under fairness: in a finite graph a run that is fair to every move gets, from wherever it
/// always can get, to a settled state in the end.
struct Blocking: Sendable {
  private let starts: [UInt32]
  private let edges: [UInt32]
  private let settled: [Bool]
  /// For each state, where those that lead to it begin in `sources`; the last entry is the end.
  private var into: [UInt32] = []
  private var sources: [UInt32] = []

  init(_ search: borrowing Search) {
    starts = search.edgeStarts
    edges = search.edges
    settled = search.settled
    into = Array(repeating: 0, count: settled.count + 1)
    for edge in edges { into[Int(edge & ~Exploration.repairBit) + 1] += 1 }
    for state in 1..<max(1, into.count) { into[state] += into[state - 1] }
    sources = Array(repeating: 0, count: edges.count)
    var filled = into
    for state in starts.indices {
      let end = state + 1 < starts.count ? Int(starts[state + 1]) : edges.count
      for edge in Int(starts[state])..<end {
        let target = Int(edges[edge] & ~Exploration.repairBit)
        sources[Int(filled[target])] = UInt32(state) | (edges[edge] & Exploration.repairBit)
        filled[target] += 1
      }
    }
  }

  /// What working this out takes, in bytes.
  static func bytes(_ search: borrowing Search) -> Int { search.edges.count * 4 + search.settled.count * 13 }

  /// The states that never settle, in the order in which they were met. With `repairing`, not even if the dead come
  /// back and cuts heal.
  func unsettled(repairing: Bool) -> [UInt32] {
    var reaches = settled
    var waiting = settled.indices.filter { settled[$0] }.map { UInt32($0) }
    while let state = waiting.popLast() {
      for place in Int(into[Int(state)])..<Int(into[Int(state) + 1]) {
        let source = sources[place]
        if source & Exploration.repairBit != 0, !repairing { continue }
        let before = source & ~Exploration.repairBit
        if !reaches[Int(before)] {
          reaches[Int(before)] = true
          waiting.append(before)
        }
      }
    }
    return reaches.indices.filter { !reaches[$0] }.map { UInt32($0) }
  }
}
