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
    let replicas = world.replicas(of: id)
    for index in replicas.indices where replicas[index].highWatermark > checked[replicas[index].id] ?? .zero {
      let (partition, mark) = (replicas[index].id, replicas[index].highWatermark)
      let start = checked.updateValue(mark, forKey: partition) ?? .zero
      guard let log = world.withBroker(id, { $0.log(of: replicas[index]) }),
        let batches = try? log.read(from: start, upTo: mark, maxBytes: .max)
      else { continue }
      for batch in batches where batch.baseSequence >= 0 && batch.baseOffset >= start {
        let line = Line(partition: partition, producer: batch.producerID, epoch: batch.producerEpoch)
        guard let last = latest.updateValue(batch.lastSequence, forKey: line) else { continue }
        let next = last == .max ? 0 : last + 1
        if batch.baseSequence != next, !world.wasElectedUncleanly(partition) {
          return
            "\(world.name(of: partition, on: id)) offset \(batch.baseOffset) holds number \(batch.baseSequence) of "
            + "producer \(batch.producerID), where \(next) was due"
        }
      }
    }
    return nil
  }
}
