import Broker
import RecordLog

/// A replica in one word: what claims about logs need.
///
/// Bits 0–2 log end, 3–5 high watermark, 6 leads, 8–11 leader epoch; from 16, six bits a record: its epoch, its name.
struct ReplicaLabel: Hashable, Sendable {
  let word: UInt64

  init(word: UInt64) { self.word = word }

  init(_ replica: Replica, _ log: MemoryLog) {
    var word = UInt64(log.endOffset.rawValue & 7) | UInt64(replica.highWatermark.rawValue & 7) << 3
    if replica.isLeading { word |= 1 << 6 }
    word |= UInt64(replica.leaderEpoch.rawValue & 15) << 8
    for batch in (try? log.read(from: .zero, upTo: log.endOffset, maxBytes: .max)) ?? [] {
      let entry = UInt64(batch.leaderEpoch.rawValue & 7) | UInt64(batch.baseTimestamp & 7) << 3
      word |= entry << (16 + 6 * UInt64(batch.baseOffset.rawValue & 7))
    }
    self.word = word
  }

  var end: Int { Int(word & 7) }
  var highWatermark: Int { Int(word >> 3 & 7) }
  var leads: Bool { word >> 6 & 1 == 1 }
  var epoch: Int { Int(word >> 8 & 15) }
  /// The record at an offset before the end: its epoch and its name.
  func entry(_ offset: Int) -> UInt64 { word >> (16 + 6 * UInt64(offset)) & 63 }
  func name(_ offset: Int) -> Int { Int(entry(offset) >> 3) }
}

/// What replication promises, read off the labels of a space: replicas first, then the controller, then the producer.
enum ReplicationClaims {
  static func claims(replicas: Int) -> ExploredClaims {
    ExploredClaims(broken: { glance in
      ackedIsDurable(glance.labels, replicas) ?? committedLogsAgree(glance.labels, replicas)
    })
  }

  /// Whoever the controller made leader, and knows it, holds every record that a producer was told is safe.
  private static func ackedIsDurable(_ labels: [UInt64], _ replicas: Int) -> ExploredClaims.Breach? {
    let controller = labels[replicas]
    let (leader, epoch) = (Int(controller & 0xFF) - 1, Int(controller >> 8 & 0x7F))
    guard leader >= 0, leader < replicas else { return nil }
    let replica = ReplicaLabel(word: labels[leader])
    guard replica.leads, replica.epoch == epoch else { return nil }
    var acknowledged = labels[replicas + 1]
    var record = 0
    while acknowledged != 0 {
      let offset = Int(acknowledged & 7) - 1
      if offset >= 0, offset >= replica.end || replica.name(offset) != record {
        return ExploredClaims.Breach(
          "AckedIsDurable",
          "m\(record) was acknowledged at offset \(offset) with acks=all, and n\(leader + 1), leader in epoch \(epoch), "
            + (offset >= replica.end ? "has a log that ends at \(replica.end)" : "has m\(replica.name(offset)) there"))
      }
      acknowledged >>= 3
      record += 1
    }
    return nil
  }

  /// Two replicas have the same records below both their high watermarks.
  private static func committedLogsAgree(_ labels: [UInt64], _ replicas: Int) -> ExploredClaims.Breach? {
    for one in 0..<replicas {
      let a = ReplicaLabel(word: labels[one])
      for other in (one + 1)..<max(one + 1, replicas) {
        let b = ReplicaLabel(word: labels[other])
        for offset in 0..<min(a.highWatermark, b.highWatermark) where a.entry(offset) != b.entry(offset) {
          return ExploredClaims.Breach(
            "CommittedLogsAgree",
            "at offset \(offset) n\(one + 1) has committed m\(a.name(offset)) and n\(other + 1) m\(b.name(offset))")
        }
      }
    }
    return nil
  }
}
