import Broker
import Clockwork

// Members of the new protocol (KIP-848) at the desk.

extension GroupTopics {
  /// `orders` with six partitions, `riders` with three: their identities end in 1 and 2.
  static let town = GroupTopics(
    version: 1,
    [
      Topic(name: "orders", id: TopicUUID(high: 7, low: 1), partitions: 6),
      Topic(name: "riders", id: TopicUUID(high: 7, low: 2), partitions: 3),
    ])
}

func orders(_ indices: Int32...) -> [OwnedPartition] {
  indices.map { OwnedPartition(TopicUUID(high: 7, low: 1), $0) }
}

extension ConsumerHeartbeat {
  /// The first of a member.
  static func join(
    _ member: String, instance: String? = nil, _ topics: [String]? = ["orders"], pattern: String? = nil,
    assignor: String? = nil
  ) -> ConsumerHeartbeat {
    ConsumerHeartbeat(
      group: "riders", member: member, epoch: joining, instance: instance, rebalanceTimeout: .seconds(60),
      topics: topics, pattern: pattern, assignor: assignor, owned: [])
  }

  static func beat(_ member: String, _ epoch: Int32, _ owned: [OwnedPartition]? = nil, instance: String? = nil)
    -> ConsumerHeartbeat
  {
    ConsumerHeartbeat(group: "riders", member: member, epoch: epoch, instance: instance, owned: owned)
  }
}

extension Desk {
  static func modern(_ setup: GroupSetup = GroupSetup()) -> Desk {
    var desk = Desk(setup)
    desk.coordinator.topics = .town
    return desk
  }

  @discardableResult
  mutating func hear(_ client: Int32, _ heartbeat: ConsumerHeartbeat) -> GroupReply? {
    ask(client, .consumerHeartbeat(heartbeat))
  }

  var consumers: String {
    var copy = self
    return copy.ask(99, .describeConsumers(group: "riders"))?.summary ?? "nothing"
  }
}

extension GroupReply {
  var assignment: [OwnedPartition]? { if case .reconciled(let answer) = self { answer.assignment } else { nil } }
  var epoch: Int32? { if case .reconciled(let answer) = self { answer.epoch } else { nil } }
  var error: BrokerError? { if case .refused(let error, _) = self { error } else { nil } }
}
