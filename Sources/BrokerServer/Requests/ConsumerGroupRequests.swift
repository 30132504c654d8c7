import Broker
import Clockwork
import KafkaWire

// The new group protocol (KIP-848).

extension Exchange {
  func serve(_ request: ConsumerGroupHeartbeatRequest) {
    let heartbeat = ConsumerHeartbeat(
      group: request.group, member: request.member, epoch: request.memberEpoch, instance: request.instance,
      rack: request.rack,
      rebalanceTimeout: request.rebalanceTimeoutMilliseconds == -1
        ? nil : .milliseconds(Int64(max(0, request.rebalanceTimeoutMilliseconds))),
      topics: request.topicNames, pattern: request.topicRegex, assignor: request.serverAssignor,
      owned: request.topicPartitions.map { topics in
        topics.flatMap { topic in
          topic.partitions.map { OwnedPartition(TopicUUID(high: topic.topic.high, low: topic.topic.low), $0) }
        }
      },
      clientID: header.client ?? "", clientHost: "/\(connection.peer)")
    // Members choose their own ids since version 1 (KIP-1082).
    guard version == 0 || !request.member.isEmpty else { return refuse(.invalidRequest, request) }
    askGroup(.consumerHeartbeat(heartbeat)) { reply in
      guard case .reconciled(let answer) = reply else { return refuse(reply.error, request) }
      var response = ConsumerGroupHeartbeatResponse()
      response.member = answer.member
      response.memberEpoch = answer.epoch
      response.heartbeatIntervalMilliseconds = Int32(clamping: answer.interval.milliseconds)
      response.assignment = answer.assignment.map { assigned in
        var assignment = ConsumerGroupHeartbeatResponse.Assignment()
        assignment.topicPartitions = byTopic(assigned).map { topic, indices in
          var one = WireTopicPartitions()
          one.topic = WireUUID(high: topic.high, low: topic.low)
          one.partitions = indices
          return one
        }
        return assignment
      }
      respond(response, as: .consumerGroupHeartbeat)
    }
  }

  private func refuse(_ error: KafkaError, _ request: ConsumerGroupHeartbeatRequest) {
    var response = ConsumerGroupHeartbeatResponse()
    response.error = error
    response.message =
      switch error {
      case .groupIDNotFound:
        "Group \(request.group) is not a consumer group that can be joined: it does not exist, or members of the classic protocol are in it."
      case .fencedMemberEpoch:
        "Epoch \(request.memberEpoch) is not the member's. Expected: give up all partitions and join again."
      case .unreleasedInstanceID:
        "Instance \(request.instance ?? "") is taken by a member that has not left. Expected: that it leaves, or is silent for its session."
      case .unsupportedAssignor: "Assignor \(request.serverAssignor ?? "") is not known. Expected: uniform, range."
      case .invalidRegularExpression: "\(request.topicRegex ?? "") is not a regular expression that can be matched."
      case .unknownMemberID: "Member \(request.member) is not in group \(request.group)."
      default: nil
      }
    respond(response, as: .consumerGroupHeartbeat)
  }

  func serve(_ request: ConsumerGroupDescribeRequest) {
    typealias Answer = ConsumerGroupDescribeResponse.Group
    let gathering = Gathering<Answer>(request.groups.count) { answers in
      var response = ConsumerGroupDescribeResponse()
      response.groups = answers
      respond(response, as: .consumerGroupDescribe)
    }
    for (place, name) in request.groups.enumerated() {
      askGroup(.describeConsumers(group: name)) { reply in
        var answer = Answer()
        answer.group = name
        answer.error = reply.error
        if reply.error == .groupIDNotFound { answer.message = "Group \(name) is not a consumer group." }
        if case .describedConsumers(let group) = reply {
          answer.groupState = group.state
          answer.groupEpoch = group.epoch
          answer.assignmentEpoch = group.assignmentEpoch
          answer.assignorName = group.assignor
          answer.members = group.members.map(describe)
          if request.includeAuthorizedOperations { answer.authorizedOperations = operations(on: .group, name, access) }
        }
        gathering.set(answer, at: place)
      }
    }
  }

  private func describe(_ member: DescribedConsumerGroup.Member) -> ConsumerGroupDescribeResponse.Group.Member {
    var answer = ConsumerGroupDescribeResponse.Group.Member()
    answer.member = member.id
    answer.instance = member.instance
    answer.rack = member.rack
    answer.memberEpoch = member.epoch
    answer.clientID = member.client
    answer.clientHost = member.host
    answer.topicNames = member.topics
    answer.topicRegex = member.pattern
    answer.assignment = named(member.assigned)
    answer.targetAssignment = named(member.target)
    answer.memberType = 1
    return answer
  }

  /// Topics that are gone have no names, and are left out.
  private func named(_ partitions: [OwnedPartition]) -> ConsumerGroupDescribeResponse.Group.Assignment {
    var assignment = ConsumerGroupDescribeResponse.Group.Assignment()
    for (topic, indices) in byTopic(partitions) {
      guard let name = server.node.look({ $0.image.topicID(topic).flatMap($0.image.topic)?.name }) ?? nil else {
        continue
      }
      var one = ConsumerGroupDescribeResponse.Group.TopicPartitions()
      one.topic = WireUUID(high: topic.high, low: topic.low)
      one.name = name
      one.partitions = indices
      assignment.topicPartitions.append(one)
    }
    return assignment
  }

  /// Sorted partitions, topic by topic.
  private func byTopic(_ partitions: [OwnedPartition]) -> [(topic: TopicUUID, indices: [Int32])] {
    var topics: [(topic: TopicUUID, indices: [Int32])] = []
    for partition in partitions {
      if topics.last?.topic == partition.topic {
        topics[topics.count - 1].indices.append(partition.index)
      } else {
        topics.append((partition.topic, [partition.index]))
      }
    }
    return topics
  }
}
