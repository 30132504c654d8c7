import Broker
import BrokerServer
import Clockwork
import RecordLog

/// What a live cluster looks like on paper.
enum LiveTables {
  static func cluster(_ live: LiveWorld) -> [Line] {
    let facts = LiveFacts(live)
    var table = TextTable(["node", "state", "registered", "leads", "at"])
    for view in facts.views {
      let registered =
        facts.image.map { $0.isLive(view.id) ? "yes" : $0.broker(view.id) == nil ? "no" : "fenced" } ?? "?"
      let leads = (facts.partitions ?? []).filter { $0.leader == view.id && !$0.name.isInternal }.map(
        \.name.description)
      let duties = (facts.controller == view.id ? ["controller"] : []) + [leads.joined(separator: " ")]
      table.add([
        Line.Span(view.id.description, .node(Int(view.id.rawValue))),
        Line.Span(view.status.rawValue, view.status == .up ? .good : view.status == .down ? .bad : .doubtful),
        Line.Span(registered), Line.Span(duties.filter { !$0.isEmpty }.joined(separator: ", ")),
        Line.Span(live.cluster.endpoints[view.id]?.description ?? ""),
      ])
    }
    return table.lines
  }

  static func quorum(_ live: LiveWorld) -> [Line] {
    var table = TextTable(["node", "role", "epoch", "leader", "log end", "committed"])
    for view in live.views {
      let name = Line.Span(view.id.description, .node(Int(view.id.rawValue)))
      guard let voter = view.voter else {
        table.add([name, Line.Span("down", .bad)])
        continue
      }
      table.add([
        name, Line.Span(view.status == .paused ? "paused" : voter.role), Line.Span(voter.epoch.description),
        Line.Span(voter.leader?.description ?? "none"), Line.Span(String(voter.end)),
        Line.Span(String(voter.committed)),
      ])
    }
    return table.lines
  }

  static func topics(_ facts: LiveFacts) -> [Line] {
    let topics = (facts.image?.topics ?? []).filter { !$0.name.hasPrefix("__") }.sorted { $0.name < $1.name }
    guard !topics.isEmpty else { return ["No topics. A client that produces to one creates it."] }
    var table = TextTable(["topic", "partitions", "replicas", "settings"])
    for topic in topics {
      table.add([
        topic.name, String(topic.partitions.count), String(topic.partitions.first?.replicas.count ?? 0),
        topic.config.overrides.map { "\($0.key)=\($0.value)" }.joined(separator: " "),
      ])
    }
    return table.lines
  }

  static func topic(_ topic: TopicImage) -> [Line] {
    var table = TextTable(["partition", "leader", "epoch", "replicas", "in sync"])
    for (index, state) in topic.partitions.enumerated() {
      table.add([
        Line.Span("\(topic.name)/\(index)"),
        state.leader.map { Line.Span($0.description, .node(Int($0.rawValue))) } ?? Line.Span("none", .bad),
        Line.Span(state.leaderEpoch.description), Line.Span(list(state.replicas)), Line.Span(list(state.inSync)),
      ])
    }
    return table.lines
  }

  static func group(_ group: LiveGroup, _ facts: LiveFacts) -> [Line] {
    var table = TextTable(["member", "partition", "committed", "end", "lag"])
    func add(_ owner: String, _ partitions: [TopicPartition]) {
      for (place, partition) in partitions.enumerated() {
        let committed = group.committed.first { $0.partition == partition }?.offset
        let name = PartitionName(partition)
        let leader = facts.partitions?.first { $0.name == name }?.leader
        let end = facts.replicas(of: name).first { $0.node == leader }?.highWatermark
        let lag = end.map { max(0, $0 - (committed ?? 0)) }
        table.add([
          place == 0 ? owner : "", partition.description, committed.map { String($0) } ?? "none",
          end.map { String($0) } ?? "?", lag.map { String($0) } ?? "?",
        ])
      }
    }
    var owned: [TopicPartition] = []
    for member in group.described.members.sorted(by: { $0.member < $1.member }) {
      let share = (try? ConsumerProtocol.assignment(from: member.assignment)) ?? []
      owned += share
      if share.isEmpty { table.add([member.client, "none"]) } else { add(member.client, share.sorted()) }
    }
    add("nobody", group.committed.map(\.partition).filter { !owned.contains($0) }.sorted())
    return table.lines
  }
}
