public import Clockwork

/// A place on the map, in millionths of a degree: eleven centimetres, which no rider's phone tells apart.
///
/// Integers, so that a distance is the same in every build and on every machine.
public struct Location: Hashable, Sendable {
  /// North is positive; within ±90,000,000.
  public let latitude: Int32
  /// East is positive; within ±180,000,000.
  public let longitude: Int32

  /// Takes what lies beyond the poles to the pole, and beyond the date line to the line.
  @inlinable public init(latitude: Int32, longitude: Int32) {
    self.latitude = max(-90_000_000, min(90_000_000, latitude))
    self.longitude = max(-180_000_000, min(180_000_000, longitude))
  }

  /// Metres as the crow flies, on a plane that touches the globe between the two: within 0.1 % up to 50 km.
  public func distance(to other: Location) -> Int64 {
    let north = Int64(other.latitude) - Int64(latitude)
    let east = Int64(other.longitude) - Int64(longitude)
    let middle = (Int64(latitude) + Int64(other.latitude)) / 2
    // A degree of latitude is 111,195 m on the sphere of the mean radius; a millionth of it 111.195 mm.
    let up = north * 111_195 / 1_000
    let across = (east * 111_195 / 1_000) * Self.cosine(middle) / 1_000_000
    return Int64(Self.root(UInt64(up * up) &+ UInt64(across * across))) / 1_000
  }

  /// The place so many metres to the east and to the north.
  public func moved(east: Int64, north: Int64) -> Location {
    let cosine = max(1, Self.cosine(Int64(latitude)))
    let up = north * 1_000_000 / 111_195
    let across = east * 1_000_000 / 111_195 * 1_000_000 / cosine
    return Location(
      latitude: Int32(clamping: Int64(latitude) + up), longitude: Int32(clamping: Int64(longitude) + across))
  }

  /// The cosine of a latitude in millionths of a degree, in millionths: a table by degrees, straight lines between.
  static func cosine(_ latitude: Int64) -> Int64 {
    let angle = min(abs(latitude), 90_000_000)
    let (degree, rest) = (Int(angle / 1_000_000), angle % 1_000_000)
    guard degree < 90 else { return 0 }
    return cosines[degree] + (cosines[degree + 1] - cosines[degree]) * rest / 1_000_000
  }

  /// The square root, rounded down. Newton's iteration from above never passes below it.
  static func root(_ square: UInt64) -> UInt64 {
    guard square > 1 else { return square }
    var guess: UInt64 = 1 << UInt64((64 - square.leadingZeroBitCount + 1) / 2)
    while true {
      let next = (guess + square / guess) / 2
      if next >= guess { return guess }
      guess = next
    }
  }

  private static let cosines: [Int64] = [
    1_000_000, 999_848, 999_391, 998_630, 997_564, 996_195, 994_522, 992_546, 990_268, 987_688, 984_808, 981_627,
    978_148, 974_370, 970_296, 965_926, 961_262, 956_305, 951_057, 945_519, 939_693, 933_580, 927_184, 920_505,
    913_545, 906_308, 898_794, 891_007, 882_948, 874_620, 866_025, 857_167, 848_048, 838_671, 829_038, 819_152,
    809_017, 798_636, 788_011, 777_146, 766_044, 754_710, 743_145, 731_354, 719_340, 707_107, 694_658, 681_998,
    669_131, 656_059, 642_788, 629_320, 615_661, 601_815, 587_785, 573_576, 559_193, 544_639, 529_919, 515_038,
    500_000, 484_810, 469_472, 453_990, 438_371, 422_618, 406_737, 390_731, 374_607, 358_368, 342_020, 325_568,
    309_017, 292_372, 275_637, 258_819, 241_922, 224_951, 207_912, 190_809, 173_648, 156_434, 139_173, 121_869,
    104_528, 87_156, 69_756, 52_336, 34_899, 17_452, 0,
  ]
}

/// How fast one gets from place to place.
public struct Travel: Hashable, Sendable {
  /// Metres an hour along the street.
  public var metresPerHour: Int64
  /// How much longer streets are than the crow's way, in per mille. 1,300 is usual in a city on a grid of streets.
  public var detourPerMille: Int64

  public init(metresPerHour: Int64, detourPerMille: Int64 = 1_300) {
    self.metresPerHour = max(1, metresPerHour)
    self.detourPerMille = max(1_000, detourPerMille)
  }

  /// A motor scooter in a city: 20 km/h from door to door.
  public static let scooter = Travel(metresPerHour: 20_000)

  /// How long the way takes, in whole seconds, rounded up. Never negative, and zero only to where one is.
  public func time(from start: Location, to end: Location) -> Interval {
    let way = start.distance(to: end) * detourPerMille / 1_000
    return .seconds((way * 3_600 + metresPerHour - 1) / metresPerHour)
  }
}
