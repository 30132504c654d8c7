import Broker
public import Clockwork
import RecordLog

/// Every partition of a transaction says the same of its end: a committed reader sees all of it or nothing.
///
/// A transaction is known by its producer's id and epoch, so this watches clients that take a new epoch with each end
/// (KIP-890) and every transaction that a coordinator aborts on its own. An older client's transactions share an epoch
/// and cannot be told apart.
public struct TransactionsAreAtomic: Invariant {
  public var name: String { "TransactionsAreAtomic" }

  struct Transaction: Hashable {
    var producerID: Int64
    var producerEpoch: Int16
  }

  struct Ending: Hashable {
    var marker: TransactionMarker
    var partition: PartitionID
  }

  /// What of a partition has been looked at, and whose transactions are open there.
  struct Reading {
    var through = Offset.zero
    var open: [Int64: Int16] = [:]
  }

  private var readings: [PartitionID: Reading] = [:]
  /// The first ending of each that was seen.
  private(set) var endings: [Transaction: Ending] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    var broken: String?
    let replicas = world.replicas(of: id)
    for index in replicas.indices
    where replicas[index].highWatermark > readings[replicas[index].id]?.through ?? .zero {
      guard let log = world.withBroker(id, { $0.log(of: replicas[index]) }),
        let (transaction, mine, other) = read(replicas[index], log)
      else { continue }
      broken =
        "the transaction of producer \(transaction.producerID) in epoch \(transaction.producerEpoch) ends in "
        + "\(other.marker) in \(world.name(of: other.partition, on: id)) and in \(mine) in "
        + world.name(of: replicas[index].id, on: id)
    }
    // An unclean election may lose anything, decisions of coordinators too.
    guard let broken, !readings.keys.contains(where: { world.wasElectedUncleanly($0) }) else { return nil }
    return broken
  }

  /// Reads what is newly committed; tells of an ending that contradicts an earlier one.
  private mutating func read(
    _ replica: Replica, _ log: MemoryLog
  ) -> (Transaction, TransactionMarker, Ending)? {
    var reading = readings[replica.id] ?? Reading()
    defer { readings[replica.id] = reading }
    var clash: (Transaction, TransactionMarker, Ending)?
    let batches = (try? log.read(from: reading.through, upTo: replica.highWatermark, maxBytes: .max)) ?? []
    for batch in batches where batch.nextOffset <= replica.highWatermark && batch.baseOffset >= reading.through {
      reading.through = batch.nextOffset
      guard batch.attributes.isTransactional else { continue }
      guard let marker = batch.markerRecord?.marker else {
        reading.open[batch.producerID] = batch.producerEpoch
        continue
      }
      guard let epoch = reading.open.removeValue(forKey: batch.producerID), epoch < batch.producerEpoch else {
        continue
      }
      let transaction = Transaction(producerID: batch.producerID, producerEpoch: epoch)
      let ending = endings[transaction] ?? Ending(marker: marker, partition: replica.id)
      endings[transaction] = ending
      if ending.marker != marker { clash = (transaction, marker, ending) }
    }
    return clash
  }
}

extension World where N == ClusterNode {
  /// Transactions that are open in the log of a partition's present leader, each in a sentence. Long after every client
  /// has fallen silent there must be none: no committed reader would ever pass it.
  public func openTransactions() -> [String] {
    brokers.flatMap { id in
      withBroker(id) { broker in
        broker.replicas.filter(\.isLeading).compactMap { replica -> String? in
          let stable = broker.producers(of: replica).lastStableOffset(highWatermark: replica.highWatermark)
          guard stable < replica.highWatermark else { return nil }
          return "\(broker.image.name(of: replica.id)) has a transaction open since offset \(stable)"
        }
      } ?? []
    }
  }
}
