import Broker
import Clockwork
import KafkaWire

extension Exchange {
  func serve(_ request: DescribeConfigsRequest) {
    var response = DescribeConfigsResponse()
    response.resources = request.resources.map { resource in
      var answer = DescribeConfigsResponse.Resource()
      answer.type = resource.type
      answer.name = resource.name
      switch settings(of: resource) {
      case .failure(let refusal):
        answer.error = refusal.error
        answer.message = refusal.message
      case .success(let settings):
        let wanted = resource.keys.map { Set($0) }
        answer.configs = settings.filter { wanted?.contains($0.definition.name) ?? true }.map { $0.answer(request) }
      }
      return answer
    }
    respond(response, as: .describeConfigs)
  }

  private struct Refusal: Error {
    var error: KafkaError
    var message: String
  }

  private func settings(of resource: DescribeConfigsRequest.Resource) -> Result<[Setting], Refusal> {
    guard let which = ConfigResource(resource.type, resource.name) else {
      return .failure(
        Refusal(error: .invalidRequest, message: ConfigResource.refusal(resource.type, resource.name)))
    }
    switch which {
    case .topic(let name):
      guard let config = server.node.look({ $0.image.topic(named: name)?.config }) ?? nil else {
        return .failure(
          Refusal(error: .unknownTopicOrPartition, message: "No topic \(name). Try: list the topics, or create it"))
      }
      return .success(TopicConfig.definitions.map { Setting($0, [.topic: config.overrides]) })
    case .group(let group):
      let overrides = server.node.look { $0.image.groupOverrides(of: group) } ?? []
      return .success(GroupConfig.definitions.map { Setting($0, [.group: overrides]) })
    case .broker(nil):
      // What nobody set for all brokers is each broker's own affair.
      let overrides = server.node.look { $0.image.brokerOverrides(of: nil) } ?? []
      return .success(
        BrokerConfig.definitions.filter { definition in overrides.contains { $0.key == definition.name } }
          .map { Setting($0, [.allBrokers: overrides]) })
    case .broker(let broker):
      guard broker == server.node.id else {
        return .failure(
          Refusal(
            error: .invalidRequest,
            message: "This is broker \(server.node.id.rawValue), which knows its own settings only. "
              + "Try: ask broker \(resource.name)"))
      }
      return .success(brokerSettings())
    }
  }

  private func brokerSettings() -> [Setting] {
    let found = server.node.look { broker in
      [
        ConfigSource.broker: broker.image.brokerOverrides(of: broker.id),
        .allBrokers: broker.image.brokerOverrides(of: nil),
        .startUp: startUpSettings(broker.setup),
      ]
    }
    return BrokerConfig.definitions.map { Setting($0, found ?? [:]) }
  }

  /// What this process was started with.
  private func startUpSettings(_ setup: BrokerSetup) -> [TopicSetting] {
    let id = String(server.node.id.rawValue)
    var settings = [
      TopicSetting("auto.create.topics.enable", String(server.settings.autoCreateTopics)),
      TopicSetting("auto.leader.rebalance.enable", String(setup.leaderRebalance != nil)),
      TopicSetting("broker.id", id),
      TopicSetting("default.replication.factor", String(setup.usualReplication)),
      TopicSetting(
        "leader.imbalance.check.interval.seconds",
        String((setup.leaderRebalance ?? .seconds(300)).milliseconds / 1000)),
      TopicSetting("max.connections", String(server.limits.connections)),
      TopicSetting("node.id", id),
      TopicSetting("num.partitions", String(setup.defaultPartitions)),
    ]
    if let endpoint = server.endpoint(of: server.node.id) {
      settings.append(TopicSetting("advertised.listeners", "PLAINTEXT://\(endpoint)"))
      settings.append(TopicSetting("listeners", "PLAINTEXT://\(endpoint)"))
    }
    if let rack = setup.endpoint?.rack { settings.append(TopicSetting("broker.rack", rack)) }
    return settings
  }
}

/// One setting with every value it has from somewhere; the first is in force.
private struct Setting {
  let definition: ConfigDefinition
  let values: [(source: ConfigSource, value: String)]

  init(_ definition: ConfigDefinition, _ given: [ConfigSource: [TopicSetting]]) {
    self.definition = definition
    values =
      [ConfigSource.topic, .group, .broker, .allBrokers, .startUp].compactMap { source in
        given[source]?.first { $0.key == definition.name }.map { (source, $0.value) }
      } + [(.builtIn, definition.defaultValue)]
  }

  func answer(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse.Config {
    var answer = DescribeConfigsResponse.Config()
    answer.name = definition.name
    answer.value = values[0].value
    answer.source = values[0].source.rawValue
    answer.isReadOnly = definition.isReadOnly
    answer.type = definition.type.rawValue
    if request.includeDocumentation { answer.documentation = definition.documentation }
    if request.includeSynonyms {
      answer.synonyms = values.map { source, value in
        var synonym = DescribeConfigsResponse.Synonym()
        synonym.name = definition.name
        synonym.value = value
        synonym.source = source.rawValue
        return synonym
      }
    }
    return answer
  }
}
