import Broker
import Clockwork
import KafkaWire

/// Who set a setting. Numbered as in DescribeConfigs.
enum ConfigSource: Int8 {
  case topic = 1
  case broker, allBrokers, startUp, builtIn
  case group = 8
}

extension TopicConfig {
  func isSet(_ key: String) -> Bool { overrides.contains { $0.key == key } }
}

/// Resources by their number on the wire (`DescribeConfigsRequest.Resource`).
extension ConfigResource {
  init?(_ type: Int8, _ name: String) {
    switch type {
    case 2: self = .topic(name)
    case 4 where name.isEmpty: self = .broker(nil)
    case 4:
      guard let number = Int32(name) else { return nil }
      self = .broker(NodeID(number))
    case 32: self = .group(name)
    default: return nil
    }
  }

  static func refusal(_ type: Int8, _ name: String) -> String {
    type == 4
      ? "\(name) is no broker. Expected: a broker's number, or nothing for all of them."
      : "Resource type \(type) has no settings here. Expected: 2, a topic, 4, a broker, or 32, a group."
  }
}

extension Exchange {
  func serve(_ request: AlterConfigsRequest) {
    let names = request.resources.map { ResourceName($0.type, $0.name) }
    alter(
      names, replacing: true, validateOnly: request.validateOnly,
      { place in
        request.resources[place].configs.map { config in config.value.map { .set(config.name, $0) } }
      },
      { answers in
        var response = AlterConfigsResponse()
        response.resources = answers.map { answer in
          var resource = AlterConfigsResponse.Resource()
          (resource.type, resource.name) = (answer.resource.type, answer.resource.name)
          (resource.error, resource.message) = (answer.error, answer.message)
          return resource
        }
        respond(response, as: .alterConfigs)
      })
  }

  func serve(_ request: IncrementalAlterConfigsRequest) {
    let names = request.resources.map { ResourceName($0.type, $0.name) }
    alter(
      names, replacing: false, validateOnly: request.validateOnly,
      { place in request.resources[place].configs.map(\.change) },
      { answers in
        var response = IncrementalAlterConfigsResponse()
        response.resources = answers.map { answer in
          var resource = IncrementalAlterConfigsResponse.Resource()
          (resource.type, resource.name) = (answer.resource.type, answer.resource.name)
          (resource.error, resource.message) = (answer.error, answer.message)
          return resource
        }
        respond(response, as: .incrementalAlterConfigs)
      })
  }

  private struct ResourceName: Hashable {
    var type: Int8
    var name: String

    init(_ type: Int8, _ name: String) {
      self.type = type
      self.name = name
    }
  }

  private struct AlterAnswer {
    var resource: ResourceName
    var error = KafkaError.none
    var message: String?
  }

  /// Each resource for itself; `changes` has nil for a change that lacks its value.
  private func alter(
    _ names: [ResourceName], replacing: Bool, validateOnly: Bool, _ changes: (Int) -> [ConfigChange?],
    _ done: @escaping ([AlterAnswer]) -> Void
  ) {
    let repeated = names.repeated
    let gathering = Gathering<AlterAnswer>(names.count, done)
    for (place, name) in names.enumerated() {
      var answer = AlterAnswer(resource: name, error: .invalidRequest)
      let wanted = changes(place)
      guard let resource = ConfigResource(name.type, name.name) else {
        answer.message = ConfigResource.refusal(name.type, name.name)
        gathering.set(answer, at: place)
        continue
      }
      guard !repeated.contains(name), !wanted.contains(nil) else {
        answer.message =
          repeated.contains(name)
          ? "\(name.name) comes twice. Expected: each resource once."
          : "A setting has no value or an unknown operation. Expected: 0 set, 1 delete, 2 append or 3 subtract."
        gathering.set(answer, at: place)
        continue
      }
      askController(
        .alterConfigs(resource, wanted.compactMap { $0 }, replacing: replacing, validateOnly: validateOnly)
      ) { reply in
        answer.error = reply.error
        answer.message = reply.reason
        gathering.set(answer, at: place)
      }
    }
  }
}

extension IncrementalAlterConfigsRequest.Config {
  /// Nil for an unknown operation, or one that lacks its value.
  fileprivate var change: ConfigChange? {
    switch operation {
    case 0: value.map { .set(name, $0) }
    case 1: .delete(name)
    case 2: value.map { .append(name, $0) }
    case 3: value.map { .subtract(name, $0) }
    default: nil
    }
  }
}
