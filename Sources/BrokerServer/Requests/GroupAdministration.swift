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
    askGroup(.list(states: request.states)) { reply in
      var response = ListGroupsResponse()
      response.error = reply.error
      if case .listed(let groups) = reply {
        response.groups = groups.map { group in
          var one = ListGroupsResponse.Group()
          one.group = group.group
          one.protocolType = group.protocolType
          one.groupState = group.state
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
