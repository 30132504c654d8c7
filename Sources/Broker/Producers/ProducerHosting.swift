import Clockwork
import RecordLog

/// How a broker keeps its replicas' ledgers in step with their logs.
extension Broker {
  /// producer.id.expiration.ms, counted from when this broker last saw the producer: a record's timestamp is whatever its
  /// producer's clock said.
  private static var producerExpiration: Interval { .seconds(86_400) }

  /// What one of this broker's replicas knows of its producers.
  public func producers(of replica: Replica) -> ProducerLedger { ledgers[replica.slot] }

  /// How far a committed reader may read from the replica.
  func lastStableOffset(_ index: Int) -> Offset {
    ledgers[replicas[index].slot].lastStableOffset(highWatermark: replicas[index].highWatermark)
  }

  /// The log in the slot is new here, or was cut: reads what is left of it.
  mutating func rebuildLedger(_ slot: Int, highWatermark: Offset, at now: Instant) {
    while ledgers.count <= slot { ledgers.append(ProducerLedger()) }
    var ledger = ProducerLedger()
    // What cannot be read is not remembered; the log itself says so to whoever reads it.
    try? disk.partitions[slot].log.scan(from: .zero) { ledger.note($0, $1, at: now) }
    _ = ledger.commit(below: highWatermark)
    ledgers[slot] = ledger
  }

  /// The high watermark of the replica has moved: transactions have ended for good.
  mutating func commitTransactions(_ index: Int, _ fx: inout BrokerEffects) {
    let ended = ledgers[replicas[index].slot].commit(below: replicas[index].highWatermark)
    guard replicas[index].isLeading else { return }
    for transaction in ended { markerCommitted(transaction, in: replicas[index].id, &fx) }
  }

  /// Forgets producers that nobody has heard of for long.
  mutating func expireProducers(at now: Instant) {
    for replica in replicas {
      ledgers[replica.slot].forget(
        silentSince: Instant(nanoseconds: now.nanoseconds - Self.producerExpiration.nanoseconds),
        before: disk.partitions[replica.slot].log.startOffset)
    }
  }
}
