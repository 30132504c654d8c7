/// Numbered places in small rectangles, to find the nearest without looking at all of them.
///
/// Rectangles are geohashes of six letters (about 1.0 × 0.6 km in Seoul). Rings of them are searched outwards until no
/// place further out can be nearer than what was found.
public struct PlaceGrid: Sendable {
  /// A place, by its number in what the grid was made of.
  public struct Found: Hashable, Sendable {
    public var index: Int
    /// Metres.
    public var distance: Int64
  }

  private let places: [Location]
  private var cells: [Cell: [Int32]] = [:]
  /// How many places are still in the grid.
  public private(set) var count: Int
  private static let bits: Int64 = 15

  private struct Cell: Hashable {
    var column: Int32
    var row: Int32
  }

  public init(_ places: [Location]) {
    self.places = places
    count = places.count
    for index in places.indices { cells[cell(of: places[index]), default: []].append(Int32(index)) }
  }

  /// Takes a place out. False when it was not in.
  @discardableResult
  public mutating func remove(_ index: Int) -> Bool {
    guard places.indices.contains(index) else { return false }
    let cell = cell(of: places[index])
    guard let at = cells[cell]?.firstIndex(of: Int32(index)) else { return false }
    cells[cell]?.remove(at: at)
    count -= 1
    return true
  }

  /// The `most` nearest places, nearest first; of equally near ones those of lower number.
  public func nearest(_ most: Int, to place: Location) -> [Found] {
    guard most > 0, count > 0 else { return [] }
    let middle = cell(of: place)
    var found: [Found] = []
    var seen = 0
    var ring: Int32 = 0
    while seen < count, ring <= Self.widestRing {
      visit(ring: ring, around: middle) { index in
        seen += 1
        keep(Found(index: index, distance: place.distance(to: places[index])), among: &found, most)
      }
      if found.count == most, let worst = found.last, worst.distance < reach(of: ring, at: place) { return found }
      ring += 1
    }
    if seen < count { searchAll(place, most, &found) }
    return found
  }

  /// Beyond so many rings (60 km in Seoul) every place is looked at instead.
  private static let widestRing: Int32 = 64

  private func searchAll(_ place: Location, _ most: Int, _ found: inout [Found]) {
    found = []
    for index in places.indices where cells[cell(of: places[index])]?.contains(Int32(index)) == true {
      keep(Found(index: index, distance: place.distance(to: places[index])), among: &found, most)
    }
  }

  private func keep(_ one: Found, among found: inout [Found], _ most: Int) {
    if found.count == most, let last = found.last, (last.distance, last.index) < (one.distance, one.index) { return }
    var at = found.count
    while at > 0, (one.distance, one.index) < (found[at - 1].distance, found[at - 1].index) { at -= 1 }
    found.insert(one, at: at)
    if found.count > most { found.removeLast() }
  }

  private func visit(ring: Int32, around middle: Cell, _ body: (Int) -> Void) {
    for row in -ring...ring {
      let isEdge = abs(row) == ring
      for column in stride(from: -ring, through: ring, by: isEdge || ring == 0 ? 1 : Int(2 * ring)) {
        for index in cells[Cell(column: middle.column + Int32(column), row: middle.row + row)] ?? [] {
          body(Int(index))
        }
      }
    }
  }

  /// Metres within which every place lies in the rings up to this one.
  private func reach(of ring: Int32, at place: Location) -> Int64 {
    // 360° and 180° in 2^15 parts, less what rounding may take away.
    let height = Int64(610)
    let width = Int64(1_220) * Location.cosine(Int64(place.latitude)) / 1_000_000
    return Int64(ring) * min(height, width) * 99 / 100
  }

  private func cell(of place: Location) -> Cell {
    let column = (Int64(place.longitude) + 180_000_000) << Self.bits / 360_000_000
    let row = (Int64(place.latitude) + 90_000_000) << Self.bits / 180_000_000
    return Cell(column: Int32(column), row: Int32(row))
  }
}
