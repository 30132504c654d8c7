import Broker
import Clockwork
import KafkaWire
import RecordLog

extension Exchange {
  /// Answers from this broker's image. Topics that may be made on demand are made first: the answer waits until this
  /// broker has heard of them, so that a client need not ask twice.
  ///
  /// Who comes before this broker takes part is let wait: told of no brokers at all, clients give up or ask without end.
  /// What its metadata say of it may be of the process before, so its own registration must be among them.
  func serve(_ request: WireMetadataRequest) {
    let me = server.node.id
    // One that stops will not take part again, and its clients ask it who does instead.
    if server.node.look({ $0.registration.isStopping }) == true { return answer(request) }
    server.node.watch(until: server.now + server.settings.metadataPatience) {
      $0.isLive(me) && server.node.look { $0.registration.isSeen } == true
    } _: { _ in
      answer(request)
    }
  }

  private func answer(_ request: WireMetadataRequest) {
    let names = (request.topics ?? []).compactMap(\.name)
    let missing = server.missingTopics(names).filter { TopicImage.isLegal(name: $0) }
    guard !missing.isEmpty, request.allowAutoTopicCreation, server.settings.autoCreateTopics else {
      return respond(metadata(for: request), as: .metadata)
    }
    var waiting = missing.count
    for name in missing {
      askController(
        .createTopic(name: name, partitions: -1, replication: -1, config: [])
      ) { _ in
        waiting -= 1
        guard waiting == 0 else { return }
        server.node.watch(until: server.now + server.settings.metadataPatience) { image in
          missing.allSatisfy { name in image.topic(named: name).map(\.hasLeaders) ?? false }
        } _: { _ in
          respond(metadata(for: request), as: .metadata)
        }
      }
    }
  }

  private func metadata(for request: WireMetadataRequest) -> MetadataResponse {
    var response = server.node.look { broker in metadata(for: request, broker.image) } ?? MetadataResponse()
    guard request.includeTopicAuthorizedOperations || request.includeClusterAuthorizedOperations else {
      return response
    }
    let access = access
    if request.includeClusterAuthorizedOperations { response.clusterAuthorizedOperations = clusterOperations(access) }
    if request.includeTopicAuthorizedOperations {
      for place in response.topics.indices where response.topics[place].error == .none {
        response.topics[place].authorizedOperations = operations(
          on: .topic, response.topics[place].name ?? "", access)
      }
    }
    return response
  }

  private func metadata(for request: WireMetadataRequest, _ image: MetadataImage) -> MetadataResponse {
    var response = MetadataResponse()
    // A broker that has just gone is named for some seconds more. librdkafka (2.16) drops a broker that is not named, and
    // with it what it has just learnt of the new leaders of that one's partitions: it asks again only a second later.
    let gone = server.node.lately.filter { !image.isLive($0) }
    response.brokers = (image.liveBrokers + gone).sorted().compactMap { id in
      server.endpoint(of: id).map { endpoint in
        var broker = MetadataResponse.Broker()
        broker.id = id.rawValue
        broker.host = endpoint.host
        broker.port = Int32(endpoint.port)
        return broker
      }
    }
    response.clusterID = image.clusterID
    // Any broker forwards to the controller (KIP-590), so clients may take the one they are connected to for it.
    response.controllerID = image.isLive(server.node.id) ? server.node.id.rawValue : -1
    let all = request.topics == nil || (version == 0 && request.topics?.isEmpty == true)
    if all {
      response.topics = image.topics.map { describe($0, image) }
    } else {
      response.topics = (request.topics ?? []).map { asked in
        let id = asked.name.flatMap { image.topicID(named: $0) } ?? image.topicID(asked.id)
        if let id, let topic = image.topic(id) { return describe(topic, image) }
        var unknown = MetadataResponse.Topic()
        unknown.name = asked.name
        unknown.id = asked.id
        unknown.error =
          asked.name.map { TopicImage.isLegal(name: $0) ? .unknownTopicOrPartition : .invalidTopicException }
          ?? .unknownTopicID
        return unknown
      }
    }
    return response
  }

  private func describe(_ topic: TopicImage, _ image: MetadataImage) -> MetadataResponse.Topic {
    var answer = MetadataResponse.Topic()
    answer.name = topic.name
    answer.id = image.wireUUID(of: topic.id)
    answer.isInternal = topic.name.hasPrefix("__")
    answer.partitions = topic.partitions.enumerated().map { index, state in
      var partition = MetadataResponse.Partition()
      partition.index = Int32(index)
      partition.leader = state.leader?.rawValue ?? -1
      partition.error = state.leader == nil ? .leaderNotAvailable : .none
      partition.leaderEpoch = state.leaderEpoch.rawValue
      partition.replicas = state.replicas.map(\.rawValue)
      partition.inSync = state.inSync.map(\.rawValue)
      partition.offline = state.replicas.filter { !image.isLive($0) }.map(\.rawValue)
      return partition
    }
    return answer
  }
}

extension TopicImage {
  /// Every partition can be written to.
  var hasLeaders: Bool { partitions.allSatisfy { $0.leader != nil } }
}
