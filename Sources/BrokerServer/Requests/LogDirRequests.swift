import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  /// One directory, with every log of this broker that is asked for.
  func serve(_ request: DescribeLogDirsRequest) {
    let asked = request.topics.map { topics in
      Dictionary(topics.map { ($0.name, Set($0.partitions)) }) { $0.union($1) }
    }
    var directory = DescribeLogDirsResponse.Directory()
    directory.path = server.node.logDirectory ?? "memory"
    directory.topics =
      server.node.look { broker in
        broker.image.topics.compactMap { topic in
          let wanted = asked.map { $0[topic.name] ?? [] }
          var answer = DescribeLogDirsResponse.Topic()
          answer.name = topic.name
          answer.partitions = topic.partitions.indices.compactMap { index in
            guard wanted?.contains(Int32(index)) ?? true else { return nil }
            return broker.replica(of: PartitionID(topic.id, Int32(index))).map { describe($0, broker.log(of: $0)) }
          }
          return answer.partitions.isEmpty ? nil : answer
        }
      } ?? []
    var response = DescribeLogDirsResponse()
    response.directories = [directory]
    respond(response, as: .describeLogDirs)
  }

  private func describe(_ replica: Replica, _ log: SegmentedLog) -> DescribeLogDirsResponse.Partition {
    var answer = DescribeLogDirsResponse.Partition()
    answer.index = replica.id.index
    answer.size = Int64(log.sizeInBytes)
    answer.offsetLag = max(0, replica.highWatermark.rawValue - log.endOffset.rawValue)
    return answer
  }
}
