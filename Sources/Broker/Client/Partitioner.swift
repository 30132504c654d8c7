/// Which partition a key goes to: murmur2, as in Kafka's Java producer, so that the same key goes to the same partition
/// from any of its clients.
///
/// Source: org.apache.kafka.common.utils.Utils.murmur2.
public enum Partitioner {
  public static func partition(of key: [UInt8], count: Int32) -> Int32 {
    count < 2 ? 0 : Int32(bitPattern: murmur2(key) & 0x7fff_ffff) % count
  }

  static func murmur2(_ data: [UInt8]) -> UInt32 {
    let m: UInt32 = 0x5bd1_e995
    var h: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: data.count)
    var at = 0
    while at + 4 <= data.count {
      var k =
        UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16 | UInt32(data[at + 3]) << 24
      k = k &* m
      k ^= k >> 24
      k = k &* m
      h = h &* m
      h ^= k
      at += 4
    }
    let left = data.count - at
    if left >= 3 { h ^= UInt32(data[at + 2]) << 16 }
    if left >= 2 { h ^= UInt32(data[at + 1]) << 8 }
    if left >= 1 {
      h ^= UInt32(data[at])
      h = h &* m
    }
    h ^= h >> 13
    h = h &* m
    h ^= h >> 15
    return h
  }
}
