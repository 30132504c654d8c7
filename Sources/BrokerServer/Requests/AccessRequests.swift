import Broker
import Clockwork
import KafkaWire

// Who may do what (KIP-140, KIP-290).

extension Exchange {
  func serve(_ request: CreateACLsRequest) {
    let gathering = Gathering<CreateACLsResponse.Result>(request.rules.count) { answers in
      var response = CreateACLsResponse()
      response.results = answers
      respond(response, as: .createACLs)
    }
    for (place, rule) in request.rules.enumerated() {
      var answer = CreateACLsResponse.Result()
      guard let binding = AccessBinding(rule) else {
        answer.error = .invalidRequest
        answer.message =
          "The ACL on \"\(rule.resourceName)\" has an unknown or open part. Expected: one resource (the cluster is "
          + "kafka-cluster), literal or prefixed, one operation, allow or deny."
        gathering.set(answer, at: place)
        continue
      }
      askController(.createAccess([binding])) { reply in
        answer.error = reply.error
        answer.message = reply.reason
        guard reply == .done else { return gathering.set(answer, at: place) }
        waitUntilSeen({ $0.access.contains(binding) }) { gathering.set(answer, at: place) }
      }
    }
  }

  func serve(_ request: DescribeACLsRequest) {
    var response = DescribeACLsResponse()
    guard let filter = AccessFilter(request.filter) else {
      response.error = .invalidRequest
      response.message = AccessFilter.refusal
      return respond(response, as: .describeACLs)
    }
    for binding in server.node.look({ $0.image.access(matching: filter) }) ?? [] {
      let acl = binding.wire
      var rule = DescribeACLsResponse.Rule()
      (rule.principal, rule.host, rule.operation, rule.permission) =
        (acl.principal, acl.host, acl.operation, acl.permission)
      let same = response.resources.firstIndex {
        ($0.type, $0.name, $0.patternType) == (acl.resourceType, acl.resourceName, acl.patternType)
      }
      if let same {
        response.resources[same].rules.append(rule)
      } else {
        var resource = DescribeACLsResponse.Resource()
        (resource.type, resource.name, resource.patternType) = (acl.resourceType, acl.resourceName, acl.patternType)
        resource.rules = [rule]
        response.resources.append(resource)
      }
    }
    respond(response, as: .describeACLs)
  }

  func serve(_ request: DeleteACLsRequest) {
    let filters = request.filters.map { AccessFilter($0) }
    askController(.deleteAccess(filters.compactMap { $0 })) { reply in
      var removed: [[AccessBinding]] = []
      if case .accessDeleted(let found) = reply { removed = found }
      var rest = removed[...]
      var response = DeleteACLsResponse()
      response.results = filters.map { filter in
        var answer = DeleteACLsResponse.Result()
        answer.error = filter == nil ? .invalidRequest : reply.error
        answer.message = filter == nil ? AccessFilter.refusal : reply.reason
        if filter != nil {
          answer.matches = (rest.popFirst() ?? []).map { binding in
            var match = DeleteACLsResponse.Match()
            match.rule = binding.wire
            return match
          }
        }
        return answer
      }
      let gone = Set(removed.joined())
      waitUntilSeen({ gone.isDisjoint(with: $0.access) }) { respond(response, as: .deleteACLs) }
    }
  }
}

extension AccessBinding {
  /// The name of the one resource of type cluster.
  private static let cluster = "kafka-cluster"

  /// Nil when a part is unknown, or stands for several things.
  fileprivate init?(_ rule: WireACL) {
    guard let resource = AccessResource(rawValue: rule.resourceType),
      resource != .cluster || rule.resourceName == Self.cluster,
      let pattern = AccessPattern(rawValue: rule.patternType),
      let operation = AccessOperation(rawValue: rule.operation), rule.permission == 2 || rule.permission == 3
    else { return nil }
    self.init(
      resource, rule.resourceName, pattern, principal: rule.principal, host: rule.host, operation,
      isAllowed: rule.permission == 3)
  }

  fileprivate var wire: WireACL {
    var rule = WireACL()
    rule.resourceType = resource.rawValue
    rule.resourceName = name
    rule.patternType = pattern.rawValue
    rule.principal = principal
    rule.host = host
    rule.operation = operation.rawValue
    rule.permission = isAllowed ? 3 : 2
    return rule
  }
}

extension AccessFilter {
  fileprivate static let refusal =
    "The filter has an unknown part. Expected: Kafka's numbers for resource, pattern, operation, permission; 1 for any."

  /// Nil when a part is unknown; 1 stands for any.
  fileprivate init?(_ filter: WireACLFilter) {
    self.init()
    resource = AccessResource(rawValue: filter.resourceType)
    operation = AccessOperation(rawValue: filter.operation)
    guard resource != nil || filter.resourceType == 1, operation != nil || filter.operation == 1,
      (1...3).contains(filter.permission)
    else { return nil }
    isAllowed = filter.permission == 1 ? nil : filter.permission == 3
    switch filter.patternType {
    case 1: pattern = .any
    case 2: pattern = .match
    default:
      guard let exact = AccessPattern(rawValue: filter.patternType) else { return nil }
      pattern = .exactly(exact)
    }
    name = filter.resourceName
    principal = filter.principal
    host = filter.host
  }
}
