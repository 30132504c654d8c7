/// What somebody may have meant.
enum Nearest {
  /// The candidates closest to `typed` among those at most 2 edits away (and fewer edits than letters), nearest first
  /// and otherwise in the order given; after them those that `typed` is the beginning of. At most three.
  static func to(_ typed: String, among candidates: [String]) -> [String] {
    let wanted = Array(typed.lowercased())
    var ranked: [(distance: Int, place: Int, name: String)] = []
    for (place, name) in candidates.enumerated() {
      let letters = Array(name.lowercased())
      let distance = edits(from: wanted, to: letters, limit: 2)
      if let distance, distance < max(wanted.count, 1), distance < max(letters.count, 1) {
        ranked.append((distance, place, name))
      } else if wanted.count >= 2 && letters.starts(with: wanted) {
        ranked.append((3, place, name))
      }
    }
    ranked.sort { ($0.distance, $0.place) < ($1.distance, $1.place) }
    let best = ranked.first?.distance ?? 0
    return ranked.filter { $0.distance == best }.prefix(3).map(\.name)
  }

  /// How many insertions, deletions, replacements and swaps of neighbours turn one into the other; nil when more than
  /// `limit`. (Optimal string alignment: Damerau 1964.)
  static func edits(from a: [Character], to b: [Character], limit: Int) -> Int? {
    guard abs(a.count - b.count) <= limit else { return nil }
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(previous[j + 1], row[j]) + 1
        best = min(best, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = previous
      previous = row
    }
    return previous[b.count] <= limit ? previous[b.count] : nil
  }
}
