import Clockwork
import KafkaWire

/// What a node counts of its clients, from its start on. Plain numbers on the node's event loop: they cost next to nothing
/// when nobody looks.
struct ServedRequests {
  /// Upper bounds of the latency buckets, in seconds.
  static let bounds: [Double] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

  struct Served {
    var count = 0
    var seconds = 0.0
    /// How many took up to each bound, not counting those below the bound before.
    var buckets = [Int](repeating: 0, count: ServedRequests.bounds.count)
  }

  /// By `WireAPI.rawValue`.
  private(set) var served = [Served](repeating: Served(), count: 128)
  private(set) var bytesIn = 0
  private(set) var bytesOut = 0
  var refusedConnections = 0
  var misbehaved = 0

  /// A request was answered, or needed no answer.
  mutating func note(_ api: Int16, took time: Interval, bytesIn: Int, bytesOut: Int) {
    self.bytesIn += bytesIn
    self.bytesOut += bytesOut
    guard served.indices.contains(Int(api)) else { return }
    let seconds = Double(time.nanoseconds) / 1e9
    served[Int(api)].count += 1
    served[Int(api)].seconds += seconds
    if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { served[Int(api)].buckets[bucket] += 1 }
  }
}
