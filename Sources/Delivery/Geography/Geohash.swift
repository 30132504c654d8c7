/// A rectangle of the map, named so that places near each other mostly share the beginning of their names.
///
/// The bits of longitude and latitude alternate, longitude first, five to a letter. Source: Niemeyer, geohash.org (2008).
public struct Geohash: Hashable, Sendable, CustomStringConvertible {
  /// How many letters: 1 … 12.
  public let length: Int
  /// 5 × length bits, the last letter's lowest.
  public let bits: UInt64

  /// The rectangle of that size in which a place lies. `length` is taken into 1 … 12.
  public init(_ place: Location, length: Int) {
    self.length = max(1, min(12, length))
    let (columns, rows) = Self.widths(self.length)
    bits = Self.interleave(
      column: Self.cell(Int64(place.longitude) + 180_000_000, of: 360_000_000, bits: columns),
      row: Self.cell(Int64(place.latitude) + 90_000_000, of: 180_000_000, bits: rows), length: self.length)
  }

  /// Reads a name such as `wydm6`; nil when it is empty, longer than 12, or has a letter that geohash does not use.
  public init?(_ text: some StringProtocol) {
    let letters = Array(text.utf8)
    guard (1...12).contains(letters.count) else { return nil }
    var bits: UInt64 = 0
    for letter in letters {
      guard let value = Self.alphabet.firstIndex(of: letter) else { return nil }
      bits = bits << 5 | UInt64(value)
    }
    self.init(length: letters.count, bits: bits)
  }

  fileprivate init(length: Int, bits: UInt64) {
    self.length = length
    self.bits = bits
  }

  /// The middle of the rectangle.
  public var centre: Location {
    let (columns, rows) = Self.widths(length)
    let (column, row) = place
    return Location(
      latitude: Int32(Self.middle(row, of: 180_000_000, bits: rows) - 90_000_000),
      longitude: Int32(Self.middle(column, of: 360_000_000, bits: columns) - 180_000_000))
  }

  /// The rectangle so many columns to the east and rows to the north: round the globe, nil beyond a pole.
  public func moved(east: Int, north: Int) -> Geohash? {
    let (columns, rows) = Self.widths(length)
    let (column, row) = place
    let moved = Int64(row) + Int64(north)
    guard moved >= 0, moved < 1 << Int64(rows) else { return nil }
    let round = UInt64(bitPattern: Int64(column) &+ Int64(east)) & (1 << UInt64(columns) - 1)
    return Geohash(length: length, bits: Self.interleave(column: round, row: UInt64(moved), length: length))
  }

  /// The up to eight rectangles around it, row by row from the south-west.
  public var neighbours: [Geohash] { ring(1) }

  /// The rectangles exactly so many steps away, a step being to any of eight sides; row by row from the south-west.
  public func ring(_ steps: Int) -> [Geohash] {
    let steps = max(0, steps)
    return (-steps...steps).flatMap { north in
      (-steps...steps).compactMap { east in
        max(abs(east), abs(north)) == steps ? moved(east: east, north: north) : nil
      }
    }
  }

  /// Its larger rectangle with fewer letters; itself when it has no more than that.
  public func prefix(_ letters: Int) -> Geohash {
    let kept = max(1, min(length, letters))
    return Geohash(length: kept, bits: bits >> UInt64(5 * (length - kept)))
  }

  /// Its column counted from the date line eastward and its row from the south pole northward.
  public var place: (column: UInt64, row: UInt64) {
    var (column, row): (UInt64, UInt64) = (0, 0)
    for bit in (0..<(5 * length)).reversed() {
      let value = bits >> UInt64(bit) & 1
      // Counted from the top, even bits are longitude's.
      if (5 * length - 1 - bit) % 2 == 0 { column = column << 1 | value } else { row = row << 1 | value }
    }
    return (column, row)
  }

  public var description: String {
    let letters = (0..<length).reversed().map { Self.alphabet[Int(bits >> UInt64(5 * $0) & 31)] }
    return String(decoding: letters, as: UTF8.self)
  }

  // MARK: Bits

  private static let alphabet = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)

  /// How many bits longitude and latitude have.
  private static func widths(_ length: Int) -> (columns: Int, rows: Int) { ((5 * length + 1) / 2, 5 * length / 2) }

  private static func cell(_ value: Int64, of whole: Int64, bits: Int) -> UInt64 {
    let cells: UInt64 = 1 << UInt64(bits)
    let (high, low) = UInt64(value).multipliedFullWidth(by: cells)
    return min(cells - 1, UInt64(whole).dividingFullWidth((high, low)).quotient)
  }

  private static func middle(_ cell: UInt64, of whole: Int64, bits: Int) -> Int64 {
    let (high, low) = (2 * cell + 1).multipliedFullWidth(by: UInt64(whole))
    return Int64((UInt64(2) << UInt64(bits)).dividingFullWidth((high, low)).quotient)
  }

  private static func interleave(column: UInt64, row: UInt64, length: Int) -> UInt64 {
    var bits: UInt64 = 0
    var (columnBit, rowBit) = (widths(length).columns, widths(length).rows)
    for place in 0..<(5 * length) {
      if place % 2 == 0 {
        columnBit -= 1
        bits = bits << 1 | (column >> UInt64(columnBit) & 1)
      } else {
        rowBit -= 1
        bits = bits << 1 | (row >> UInt64(rowBit) & 1)
      }
    }
    return bits
  }
}

/// A region that one matcher owns: a geohash of five letters, about 4.9 km each way at the equator, 3.9 × 4.9 in Seoul.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
  public let hash: Geohash

  public init(of place: Location) { hash = Geohash(place, length: 5) }

  /// Nil unless it is a geohash of exactly five letters.
  public init?(_ text: some StringProtocol) {
    guard let hash = Geohash(text), hash.length == 5 else { return nil }
    self.hash = hash
  }

  /// The zone of a number as `hash.bits` gives it; what is beyond 25 bits is dropped.
  public init(bits: UInt64) { hash = Geohash(length: 5, bits: bits & 0x1FF_FFFF) }

  private init(_ hash: Geohash) { self.hash = hash }

  public var centre: Location { hash.centre }

  /// Where backup riders are looked for, nearest first; of equally near ones in the order of their names.
  public var neighbours: [Zone] {
    let ranked = hash.neighbours.map { (zone: Zone($0), away: centre.distance(to: $0.centre)) }
    return ranked.sorted { ($0.away, $0.zone.hash.bits) < ($1.away, $1.zone.hash.bits) }.map(\.zone)
  }

  /// The zones exactly so many steps away, row by row from the south-west.
  public func ring(_ steps: Int) -> [Zone] { hash.ring(steps).map { Zone($0) } }

  public var description: String { hash.description }
}

extension Zone: Comparable {
  public static func < (a: Zone, b: Zone) -> Bool { a.hash.bits < b.hash.bits }
}
