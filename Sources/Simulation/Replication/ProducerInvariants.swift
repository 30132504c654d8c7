import Broker
public import Clockwork
import RecordLog

/// Committed records of an idempotent producer are there once and in the order in which it numbered them, whatever was
/// sent again, arrived twice or changed leaders meanwhile (KIP-98).
public struct IdempotentProducersDuplicateNothing: Invariant {
  public var name: String { "IdempotentProducersDuplicateNothing" }

  private struct Line: Hashable {
    var partition: PartitionID
    var producer: Int64
    var epoch: Int16
  }

  /// How far each partition has been looked at, on whichever replica was first to have it committed.
  private var checked: [PartitionID: Offset] = [:]
  /// The number of the latest committed record.
  private var latest: [Line: Int32] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    world.withNode(id) { node in
      guard let broker = node.broker else { return nil }
      for replica in broker.replicas where replica.highWatermark > checked[replica.id] ?? .zero {
        let start = checked[replica.id] ?? .zero
        checked[replica.id] = replica.highWatermark
        let batches = try? broker.log(of: replica).read(from: start, upTo: replica.highWatermark, maxBytes: .max)
        for batch in batches ?? [] where batch.baseSequence >= 0 && batch.baseOffset >= start {
          let line = Line(partition: replica.id, producer: batch.producerID, epoch: batch.producerEpoch)
          defer { latest[line] = batch.lastSequence }
          guard let last = latest[line] else { continue }
          let next = last == .max ? 0 : last + 1
          if batch.baseSequence != next, !world.wasElectedUncleanly(replica.id) {
            return
              "\(broker.image.name(of: replica.id)) offset \(batch.baseOffset) holds number \(batch.baseSequence) of "
              + "producer \(batch.producerID), where \(next) was due"
          }
        }
      }
      return nil
    } ?? nil
  }
}
