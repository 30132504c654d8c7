import Broker
import Clockwork
import KafkaWire

// What a group has read: committing, fetching and forgetting offsets.

extension Exchange {
  func serve(_ request: OffsetCommitRequest) {
    let claim = GroupClaim(
      group: request.group, generation: request.generation, member: request.member, instance: request.instance)
    let unknown = unknownTopics(request.topics.map(\.name))
    let offsets = request.topics.filter { !unknown.contains($0.name) }.flatMap { topic in
      topic.partitions.map { partition in
        GroupOffset(
          partition: TopicPartition(topic.name, partition.index), offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch, metadata: partition.committedMetadata ?? "")
      }
    }
    let answer: (KafkaError) -> Void = { error in
      var response = OffsetCommitResponse()
      response.topics = request.topics.map { topic in
        var answer = OffsetCommitResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          var one = OffsetCommitResponse.Topic.Partition()
          one.index = partition.index
          one.error = unknown.contains(topic.name) ? .unknownTopicOrPartition : error
          return one
        }
        return answer
      }
      respond(response, as: .offsetCommit)
    }
    guard !offsets.isEmpty || unknown.isEmpty else { return answer(.none) }
    askGroup(.commitOffsets(claim, offsets: offsets)) { answer($0.error) }
  }

  func serve(_ request: TxnOffsetCommitRequest) {
    let claim = GroupClaim(
      group: request.group, generation: request.generation, member: request.member, instance: request.instance)
    let producer = TransactionClaim(
      transactionalID: request.transactionalID, producerID: request.producerID, producerEpoch: request.producerEpoch)
    let unknown = unknownTopics(request.topics.map(\.name))
    let offsets = request.topics.filter { !unknown.contains($0.name) }.flatMap { topic in
      topic.partitions.map { partition in
        GroupOffset(
          partition: TopicPartition(topic.name, partition.index), offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch, metadata: partition.committedMetadata ?? "")
      }
    }
    let answer: (KafkaError) -> Void = { error in
      var response = TxnOffsetCommitResponse()
      response.topics = request.topics.map { topic in
        var answer = TxnOffsetCommitResponse.Topic()
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          var one = TxnOffsetCommitResponse.Topic.Partition()
          one.index = partition.index
          one.error = unknown.contains(topic.name) ? .unknownTopicOrPartition : error
          return one
        }
        return answer
      }
      respond(response, as: .txnOffsetCommit)
    }
    guard !offsets.isEmpty || unknown.isEmpty else { return answer(.none) }
    askGroup(.commitTransactionOffsets(claim, producer, offsets: offsets)) { answer($0.error) }
  }

  /// Nobody can have read what is not there: a commit for it is a mistake, and is told so.
  private func unknownTopics(_ names: [String]) -> Set<String> {
    server.node.look { broker in Set(names.filter { broker.image.topic(named: $0) == nil }) } ?? []
  }

  /// One group until version 7, several from 8 on; no topics named means all.
  func serve(_ request: OffsetFetchRequest) {
    guard version < 8 else { return serveGroups(request) }
    let asked = request.topics.map { $0.flatMap { topic in topic.indexes.map { TopicPartition(topic.name, $0) } } }
    fetch(request.group, asked, request.requireStable) { offsets, error in
      var response = OffsetFetchResponse()
      if version >= 2 { response.error = error }
      for offset in offsets {
        if response.topics.last?.name != offset.partition.topic {
          var topic = OffsetFetchResponse.Topic()
          topic.name = offset.partition.topic
          response.topics.append(topic)
        }
        var partition = OffsetFetchResponse.Topic.Partition()
        partition.index = offset.partition.index
        partition.committedOffset = offset.offset
        partition.committedLeaderEpoch = offset.leaderEpoch
        partition.metadata = offset.metadata
        partition.error = error
        response.topics[response.topics.count - 1].partitions.append(partition)
      }
      respond(response, as: .offsetFetch)
    }
  }

  private func serveGroups(_ request: OffsetFetchRequest) {
    typealias Answer = OffsetFetchResponse.Group
    let gathering = Gathering<Answer>(request.groups.count) { answers in
      var response = OffsetFetchResponse()
      response.groups = answers
      respond(response, as: .offsetFetch)
    }
    for (place, group) in request.groups.enumerated() {
      let asked = group.topics.map { $0.flatMap { topic in topic.indexes.map { TopicPartition(topic.name, $0) } } }
      let member = group.member.map { member in
        GroupClaim(group: group.group, generation: group.memberEpoch, member: member)
      }
      fetch(group.group, asked, request.requireStable, by: member) { offsets, error in
        var answer = Answer()
        answer.group = group.group
        answer.error = error == .unstableOffsetCommit ? .none : error
        for offset in offsets where error == .none || error == .unstableOffsetCommit {
          if answer.topics.last?.name != offset.partition.topic {
            var topic = Answer.GroupTopic()
            topic.name = offset.partition.topic
            answer.topics.append(topic)
          }
          var partition = Answer.GroupTopic.GroupPartition()
          partition.index = offset.partition.index
          partition.committedOffset = offset.offset
          partition.committedLeaderEpoch = offset.leaderEpoch
          partition.metadata = offset.metadata
          partition.error = error
          answer.topics[answer.topics.count - 1].partitions.append(partition)
        }
        gathering.set(answer, at: place)
      }
    }
  }

  /// The offsets of the asked partitions, nil for all; with an error each asked one is told to be unknown.
  private func fetch(
    _ group: String, _ asked: [TopicPartition]?, _ requireStable: Bool, by member: GroupClaim? = nil,
    _ done: @escaping ([GroupOffset], KafkaError) -> Void
  ) {
    if let asked, asked.isEmpty { return done([], .none) }
    askGroup(
      .fetchOffsets(group: group, partitions: asked ?? [], requireStable: requireStable, member: member)
    ) { reply in
      if case .offsets(let offsets) = reply { return done(offsets, .none) }
      done((asked ?? []).map { GroupOffset(partition: $0, offset: -1) }, reply.error)
    }
  }

  func serve(_ request: OffsetDeleteRequest) {
    let asked = request.topics.flatMap { topic in topic.partitions.map { TopicPartition(topic.name, $0.index) } }
    askGroup(.deleteOffsets(group: request.group, partitions: asked)) { reply in
      var response = OffsetDeleteResponse()
      response.error = reply.error
      if case .offsetsDeleted(let results) = reply {
        for result in results {
          if response.topics.last?.name != result.partition.topic {
            var topic = OffsetDeleteResponse.Topic()
            topic.name = result.partition.topic
            response.topics.append(topic)
          }
          var partition = OffsetDeleteResponse.Topic.Partition()
          partition.index = result.partition.index
          partition.error = result.error?.wire ?? .none
          response.topics[response.topics.count - 1].partitions.append(partition)
        }
      }
      respond(response, as: .offsetDelete)
    }
  }
}
