import Broker
public import RecordLog

extension World where N == ClusterNode {
  /// What a committed reader of the partition would be given, from its leader; while there is none, from whichever live
  /// replica has the highest watermark. Read without a message: for whoever looks on, not for a node.
  public func committedRecords(of topic: String, _ partition: Int32) -> [Record] {
    var best: (isLeading: Bool, highWatermark: Offset, records: [Record])?
    for id in brokers {
      _ = withBroker(id) { broker in
        guard let topicID = broker.image.topicID(named: topic),
          let replica = broker.replica(of: PartitionID(topicID, partition))
        else { return }
        if let best, (best.isLeading ? 1 : 0, best.highWatermark) >= (replica.isLeading ? 1 : 0, replica.highWatermark)
        {
          return
        }
        let records = broker.log(of: replica).committedRecords(below: replica.highWatermark)
        best = (replica.isLeading, replica.highWatermark, records)
      }
    }
    return best?.records ?? []
  }
}

extension MemoryLog {
  /// In the order of their offsets: those of transactions that committed, and those that never were in one.
  public func committedRecords(below end: Offset) -> [Record] {
    var open: [Int64: [Record]] = [:]
    var visible: [Record] = []
    for batch in (try? read(from: startOffset, upTo: end, maxBytes: .max)) ?? [] {
      if let marker = batch.markerRecord?.marker {
        if marker == .commit { visible += open[batch.producerID] ?? [] }
        open[batch.producerID] = nil
      } else if batch.attributes.isTransactional {
        open[batch.producerID, default: []] += (try? batch.records()) ?? []
      } else {
        visible += (try? batch.records()) ?? []
      }
    }
    return visible.sorted { $0.offset < $1.offset }
  }
}
