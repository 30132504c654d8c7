import Clockwork
import Delivery
import Testing

@Suite("Geography")
struct GeographyTests {
  static let cityHall = Location(latitude: 37_566_300, longitude: 126_977_900)

  @Test("names places as geohash.org does")
  func knownNames() {
    #expect(Geohash(Location(latitude: 57_649_110, longitude: 10_407_440), length: 11).description == "u4pruydqqvj")
    #expect(Geohash(Location(latitude: 42_605_000, longitude: -5_603_000), length: 5).description == "ezs42")
    #expect(Geohash(Self.cityHall, length: 5).description == "wydm9")
  }

  @Test("a name read back is the same rectangle, and its middle lies in it", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let place = Location(
      latitude: Int32(dice.roll(180_000_001)) - 90_000_000, longitude: Int32(dice.roll(360_000_001)) - 180_000_000)
    for length in 1...9 {
      let hash = Geohash(place, length: length)
      #expect(Geohash(hash.description) == hash)
      #expect(Geohash(hash.centre, length: length) == hash)
      #expect(Geohash(place, length: 9).prefix(length) == Geohash(place, length: length))
    }
  }

  @Test("refuses what is no geohash")
  func refuses() {
    for text in ["", "wyda", "wydi", "WYDM", "wydm6wydm6wydm", "한국"] { #expect(Geohash(text) == nil) }
    #expect(Zone("wydm") == nil)
  }

  @Test("neighbours are mutual, eight of them, and go round the globe")
  func neighbours() throws {
    let zone = Zone(of: Self.cityHall)
    #expect(zone.neighbours.count == 8 && Set(zone.neighbours).count == 8)
    for other in zone.neighbours { #expect(other.neighbours.contains(zone)) }
    // The nearest share a side: a rectangle is narrower from west to east here.
    #expect(zone.neighbours[0].hash.place.row == zone.hash.place.row)
    let edge = Geohash(Location(latitude: 0, longitude: 179_999_999), length: 5)
    #expect(edge.moved(east: 1, north: 0) == Geohash(Location(latitude: 0, longitude: -180_000_000), length: 5))
    #expect(Geohash(Location(latitude: 90_000_000, longitude: 0), length: 5).moved(east: 0, north: 1) == nil)
  }

  @Test("distances are those of the sphere")
  func distances() {
    // City Hall to Gangnam station by the haversine formula: 8,794 m; to Busan's city hall 321.5 km.
    let gangnam = Location(latitude: 37_497_900, longitude: 127_027_600)
    #expect(abs(Self.cityHall.distance(to: gangnam) - 8_788) < 20)
    #expect(Self.cityHall.distance(to: gangnam) == gangnam.distance(to: Self.cityHall))
    #expect(abs(Self.cityHall.distance(to: Self.cityHall.moved(east: 3_000, north: -4_000)) - 5_000) < 10)
    #expect(Self.cityHall.distance(to: Self.cityHall) == 0)
    #expect(Travel.scooter.time(from: Self.cityHall, to: Self.cityHall) == .zero)
    // 8.79 km, a third more by the street, at 20 km/h.
    let minutes = Travel.scooter.time(from: Self.cityHall, to: gangnam).milliseconds / 60_000
    #expect(minutes == 34)
  }

  @Test("finds the nearest that looking at all of them finds", arguments: 0..<60 as Range<UInt64>)
  func nearest(seed: UInt64) {
    var dice = Dice(seed: seed)
    let spread = 500 + Int64(dice.roll(40_000))
    func place() -> Location {
      Self.cityHall.moved(east: Int64(dice.roll(UInt64(spread))), north: Int64(dice.roll(UInt64(spread))))
    }
    let places = (0..<(1 + Int(dice.roll(120)))).map { _ in place() }
    var grid = PlaceGrid(places)
    var left = Set(places.indices)
    for index in places.indices where dice.roll(4) == 0 {
      let wasThere = grid.remove(index)
      #expect(wasThere)
      left.remove(index)
    }
    for _ in 0..<10 {
      let (from, most) = (place(), 1 + Int(dice.roll(12)))
      let all = left.map { (places[$0].distance(to: from), $0) }.sorted(by: <).prefix(most)
      #expect(grid.nearest(most, to: from).map(\.index) == all.map(\.1), "seed \(seed)")
    }
  }
}
