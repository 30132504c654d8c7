import Broker
import Clockwork
import KafkaWire
import RecordLog

/// What one node has to report at one moment. Taken on its event loop, written out beside it.
struct NodeReport: Sendable {
  struct Follower: Sendable {
    var broker: NodeID
    var lag: Int64
  }

  struct Partition: Sendable {
    var topic: String
    var index: Int32
    var start: Int64
    var end: Int64
    var highWatermark: Int64
    var isLeading: Bool
    var isUnderReplicated: Bool
    var followers: [Follower]
  }

  var node: NodeID
  var isUp = false
  var isController = false
  var connections = 0
  var requests = ServedRequests()
  var partitions: [Partition] = []
  var groups: [(name: String, members: Int)] = []
}

extension NodeServer {
  func report() -> NodeReport {
    var report = NodeReport(node: node.id)
    report.isUp = node.status == .up
    report.connections = connectionCount
    report.requests = requests
    _ = node.look { broker in
      report.isController = broker.quorum.isLeader
      report.partitions = broker.replicas.map { replica in
        let log = broker.log(of: replica)
        let followers = (replica.leadership?.followers ?? []).map {
          NodeReport.Follower(broker: $0.broker, lag: log.endOffset - ($0.logEnd ?? log.startOffset))
        }
        return NodeReport.Partition(
          topic: broker.image.topic(replica.id.topic)?.name ?? "", index: replica.id.index,
          start: log.startOffset.rawValue, end: log.endOffset.rawValue, highWatermark: replica.highWatermark.rawValue,
          isLeading: replica.isLeading,
          isUnderReplicated: replica.isLeading && replica.state.inSync.count < replica.state.replicas.count,
          followers: followers)
      }
      report.groups = broker.groups.groupNames.map { name in
        guard case .described(let group)? = broker.groups.describe(name) else { return (name, 0) }
        return (name, group.members.count)
      }
    }
    return report
  }
}

extension Exposition {
  /// Everything that the nodes of this process report, family by family.
  init(_ reports: [NodeReport]) {
    func each(_ name: String, _ kind: Kind, _ help: String, _ value: (NodeReport) -> Int) {
      family(name, kind, help)
      for report in reports { sample(name, [("node", "\(report.node)")], value(report)) }
    }
    each("baedal_up", .gauge, "1 while the broker runs.") { $0.isUp ? 1 : 0 }
    each("baedal_active_controller", .gauge, "1 for the active controller.") { $0.isController ? 1 : 0 }
    each("baedal_connections", .gauge, "Open client connections.") { $0.connections }
    each("baedal_connections_refused_total", .counter, "Connections refused.") { $0.requests.refusedConnections }
    each("baedal_connections_misbehaved_total", .counter, "Warnings about clients.") { $0.requests.misbehaved }
    each("baedal_request_bytes_total", .counter, "Bytes of requests served.") { $0.requests.bytesIn }
    each("baedal_response_bytes_total", .counter, "Bytes of responses.") { $0.requests.bytesOut }
    each("baedal_under_replicated_partitions", .gauge, "Partitions led here that lack a replica in sync.") {
      $0.partitions.count { $0.isUnderReplicated }
    }
    writeLatencies(reports)
    writePartitions(reports)
    family("baedal_group_members", .gauge, "Members of groups coordinated here.")
    for report in reports {
      for group in report.groups {
        sample("baedal_group_members", [("node", "\(report.node)"), ("group", group.name)], group.members)
      }
    }
  }

  private mutating func writeLatencies(_ reports: [NodeReport]) {
    let name = "baedal_request_seconds"
    family(name, .histogram, "From a request's last byte to its response.")
    for report in reports {
      for api in WireAPI.allCases {
        let served = report.requests.served[Int(api.rawValue)]
        guard served.count > 0 else { continue }
        let labels = [("node", "\(report.node)"), ("api", "\(api)")]
        var below = 0
        for (bound, count) in zip(ServedRequests.bounds, served.buckets) {
          below += count
          sample("\(name)_bucket", labels + [("le", "\(bound)")], below)
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], served.count)
        sample("\(name)_sum", labels, served.seconds)
        sample("\(name)_count", labels, served.count)
      }
    }
  }

  private mutating func writePartitions(_ reports: [NodeReport]) {
    func each(_ name: String, _ help: String, _ value: (NodeReport.Partition) -> Int64) {
      family(name, .gauge, help)
      for report in reports {
        for partition in report.partitions {
          sample(
            name,
            [("node", "\(report.node)"), ("topic", partition.topic), ("partition", "\(partition.index)")],
            value(partition))
        }
      }
    }
    each("baedal_log_start_offset", "The first offset that is kept.") { $0.start }
    each("baedal_log_end_offset", "The offset that the next record gets.") { $0.end }
    each("baedal_high_watermark", "The offset before which everything is committed.") { $0.highWatermark }
    family("baedal_follower_lag", .gauge, "How many offsets a follower is behind its leader.")
    for report in reports {
      for partition in report.partitions {
        for follower in partition.followers {
          sample(
            "baedal_follower_lag",
            [
              ("node", "\(report.node)"), ("topic", partition.topic), ("partition", "\(partition.index)"),
              ("follower", "\(follower.broker)"),
            ], follower.lag)
        }
      }
    }
  }
}
