import Broker
import Clockwork
import KafkaWire

// What an administrator asks of a group's coordinator.

extension Exchange {
  func serve(_ request: DescribeGroupsRequest) {
    typealias Answer = DescribeGroupsResponse.Group
    let gathering = Gathering<Answer>(request.groups.count) { answers in
      var response = DescribeGroupsResponse()
      response.groups = answers
      respond(response, as: .describeGroups)
    }
    for (place, name) in request.groups.enumerated() {
      askGroup(.describe(group: name)) { reply in
        var answer = Answer()
        answer.group = name
        answer.error = reply.error
        if case .described(let group) = reply {
          answer.groupState = group.state
          answer.protocolType = group.protocolType
          answer.protocolData = group.protocolName
          answer.members = group.members.map(describe)
          if request.includeAuthorizedOperations { answer.authorizedOperations = operations(on: .group, name, access) }
        }
        gathering.set(answer, at: place)
      }
    }
  }

  private func describe(_ member: DescribedMember) -> DescribeGroupsResponse.Group.Member {
    var answer = DescribeGroupsResponse.Group.Member()
    answer.member = member.member
    answer.instance = member.instance
    answer.clientID = member.client
    answer.clientHost = member.host
    answer.memberMetadata = member.metadata
    answer.memberAssignment = member.assignment
    return answer
  }

  func serve(_ request: ListGroupsRequest) {
    // A kind that is not known here is asked for in vain, not ignored.
    let kinds = request.types.compactMap { GroupKind(rawValue: $0.lowercased()) }
    guard request.types.isEmpty || !kinds.isEmpty else { return respond(ListGroupsResponse(), as: .listGroups) }
    askGroup(.list(states: request.states, kinds: kinds)) { reply in
      var response = ListGroupsResponse()
      response.error = reply.error
      if case .listed(let groups) = reply {
        response.groups = groups.map { group in
          var one = ListGroupsResponse.Group()
          one.group = group.group
          one.protocolType = group.protocolType
          one.groupState = group.state
          one.groupType = group.kind == .consumer ? "Consumer" : "Classic"
          return one
        }
      }
      respond(response, as: .listGroups)
    }
  }

  func serve(_ request: DeleteGroupsRequest) {
    let gathering = Gathering<DeleteGroupsResponse.Result>(request.groupsNames.count) { answers in
      var response = DeleteGroupsResponse()
      response.results = answers
      respond(response, as: .deleteGroups)
    }
    for (place, name) in request.groupsNames.enumerated() {
      askGroup(.delete(group: name)) { reply in
        var answer = DeleteGroupsResponse.Result()
        answer.group = name
        answer.error = reply.error
        gathering.set(answer, at: place)
      }
    }
  }
}
