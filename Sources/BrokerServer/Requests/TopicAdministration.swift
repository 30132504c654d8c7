import Broker
import Clockwork
import KafkaWire

// What an administrator asks of topics. Answers wait until this broker has heard of the change, so that a client that
// goes on with it here finds it.

extension Exchange {
  func serve(_ request: CreateTopicsRequest) {
    // A name that comes twice is answered once, as in Kafka.
    var known: Set<String> = []
    let repeated = request.topics.map(\.name).repeated
    let topics = request.topics.filter { known.insert($0.name).inserted }
    let gathering = Gathering<CreateTopicsResponse.Topic>(topics.count) { answers in
      var response = CreateTopicsResponse()
      response.topics = answers
      respond(response, as: .createTopics)
    }
    for (place, topic) in topics.enumerated() {
      var answer = CreateTopicsResponse.Topic()
      answer.name = topic.name
      if repeated.contains(topic.name) {
        answer.error = .invalidRequest
        answer.message = "\(topic.name) is to be created twice. Expected: each topic once."
        gathering.set(answer, at: place)
      } else {
        create(topic, request, answer) { gathering.set($0, at: place) }
      }
    }
  }

  private func create(
    _ topic: CreateTopicsRequest.Topic, _ request: CreateTopicsRequest, _ answer: CreateTopicsResponse.Topic,
    _ done: @escaping (CreateTopicsResponse.Topic) -> Void
  ) {
    var answer = answer
    let assignments = topic.assignments.sorted { $0.index < $1.index }
    guard assignments.map(\.index) == Array(0..<Int32(clamping: assignments.count)) else {
      answer.error = .invalidReplicaAssignment
      answer.message =
        "The partitions \(assignments.map(\.index)) of \(topic.name) are assigned. Expected: 0, 1, 2, …, each once."
      return done(answer)
    }
    if let empty = topic.configs.first(where: { $0.value == nil }) {
      answer.error = .invalidConfig
      answer.message = "\(empty.name) has no value. Try: leave it out, for the default"
      return done(answer)
    }
    askController(
      .createTopic(
        name: topic.name, partitions: topic.partitionCount, replication: topic.replicationFactor,
        config: topic.configs.map { TopicSetting($0.name, $0.value ?? "") },
        assignment: assignments.map { $0.brokers.map { NodeID($0) } }, validateOnly: request.validateOnly)
    ) { reply in
      answer.error = reply.error
      answer.message = reply.reason
      guard case .topicCreated(let created) = reply else { return done(answer) }
      answer.partitionCount = created.partitions
      answer.replicationFactor = created.replication
      answer.configs = TopicConfig.definitions.map { describe($0, created.config) }
      guard !request.validateOnly else { return done(answer) }
      answer.id = server.uuid(of: created.id)
      waitUntilSeen(within: request.timeoutMilliseconds, { $0.topic(created.id) != nil }) { done(answer) }
    }
  }

  private func describe(_ definition: ConfigDefinition, _ config: TopicConfig) -> CreateTopicsResponse.Config {
    var answer = CreateTopicsResponse.Config()
    answer.name = definition.name
    answer.value = config[definition.name]
    answer.isReadOnly = definition.isReadOnly
    answer.source = (config.isSet(definition.name) ? ConfigSource.topic : .builtIn).rawValue
    return answer
  }

  func serve(_ request: DeleteTopicsRequest) {
    var topics = request.topics
    if version < 6 {
      topics = request.names.map { name in
        var topic = DeleteTopicsRequest.Topic()
        topic.name = name
        return topic
      }
    }
    let repeated = topics.repeated
    let gathering = Gathering<DeleteTopicsResponse.Topic>(topics.count) { answers in
      var response = DeleteTopicsResponse()
      response.topics = answers
      respond(response, as: .deleteTopics)
    }
    for (place, topic) in topics.enumerated() {
      var answer = DeleteTopicsResponse.Topic()
      answer.name = topic.name
      answer.id = topic.id
      if repeated.contains(topic) || (topic.name == nil) == topic.id.isZero {
        answer.error = .invalidRequest
        answer.message = "Expected: each topic once, by its name or its id."
        gathering.set(answer, at: place)
      } else {
        delete(topic, request.timeoutMilliseconds, answer) { gathering.set($0, at: place) }
      }
    }
  }

  private func delete(
    _ topic: DeleteTopicsRequest.Topic, _ timeout: Int32, _ answer: DeleteTopicsResponse.Topic,
    _ done: @escaping (DeleteTopicsResponse.Topic) -> Void
  ) {
    var answer = answer
    let id = topic.name.map { server.topicID(named: $0) } ?? server.topicID(of: topic.id)
    if let id { answer.id = server.uuid(of: id) }
    let question: ControllerRequest
    if let name = topic.name {
      question = .deleteTopic(name: name)
    } else if let id {
      question = .deleteTopicByID(id)
      answer.name = server.node.look { $0.image.topic(id)?.name } ?? nil
    } else {
      answer.error = .unknownTopicID
      answer.message = "No topic has this id (any more). Try: delete it by its name"
      return done(answer)
    }
    askController(question) { reply in
      answer.error = reply.error
      answer.message = reply.reason
      guard reply == .done, let id else { return done(answer) }
      waitUntilSeen(within: timeout, { $0.topic(id) == nil }) { done(answer) }
    }
  }

  func serve(_ request: CreatePartitionsRequest) {
    let repeated = request.topics.map(\.name).repeated
    let gathering = Gathering<CreatePartitionsResponse.Topic>(request.topics.count) { answers in
      var response = CreatePartitionsResponse()
      response.topics = answers
      respond(response, as: .createPartitions)
    }
    for (place, topic) in request.topics.enumerated() {
      var answer = CreatePartitionsResponse.Topic()
      answer.name = topic.name
      guard !repeated.contains(topic.name) else {
        answer.error = .invalidRequest
        answer.message = "\(topic.name) is to grow twice. Expected: each topic once."
        gathering.set(answer, at: place)
        continue
      }
      let assignment = (topic.assignments ?? []).map { $0.brokers.map { NodeID($0) } }
      askController(
        .createPartitions(
          topic: topic.name, count: topic.count, assignment: assignment, validateOnly: request.validateOnly)
      ) { reply in
        answer.error = reply.error
        answer.message = reply.reason
        guard reply == .done, !request.validateOnly else { return gathering.set(answer, at: place) }
        waitUntilSeen(
          within: request.timeoutMilliseconds,
          { ($0.topic(named: topic.name)?.partitions.count ?? .max) >= Int(topic.count) }
        ) {
          gathering.set(answer, at: place)
        }
      }
    }
  }
}
