import Broker
import Clockwork
import KafkaWire

// Joining a group, staying in it and leaving it.

extension Exchange {
  func serve(_ request: JoinGroupRequest) {
    join(request, as: request.member)
  }

  private func join(_ request: JoinGroupRequest, as member: String) {
    let core = JoinRequest(
      group: request.group, member: member, instance: request.instance,
      sessionTimeout: .milliseconds(Int64(request.sessionTimeoutMilliseconds)),
      // Version 0 knew one time-out for both.
      rebalanceTimeout: .milliseconds(
        Int64(version == 0 ? request.sessionTimeoutMilliseconds : request.rebalanceTimeoutMilliseconds)),
      protocolType: request.protocolType,
      protocols: request.protocols.map { .init(name: $0.name, metadata: $0.metadata) },
      clientID: header.client ?? "", clientHost: "/\(connection.peer)")
    askGroup(.join(core)) { reply in
      // Clients of before KIP-394 do not know that they are to come back with the id they are given.
      if case .refused(.memberIDRequired, let given) = reply, version < 4, member.isEmpty {
        return join(request, as: given)
      }
      respond(response(to: reply, member), as: .joinGroup)
    }
  }

  private func response(to reply: GroupReply, _ member: String) -> JoinGroupResponse {
    var response = JoinGroupResponse()
    response.member = member
    response.protocolName = version >= 7 ? nil : ""
    switch reply {
    case .joined(let joined):
      response.generation = joined.generation
      response.protocolType = joined.protocolType
      response.protocolName = joined.protocolName
      response.leader = joined.leader
      response.skipAssignment = joined.skipAssignment
      response.member = joined.member
      response.members = joined.members.map { member in
        var one = JoinGroupResponse.Member()
        one.member = member.member
        one.instance = member.instance
        one.metadata = member.metadata
        return one
      }
    case .refused(let error, let given):
      response.error = error.wire
      if !given.isEmpty { response.member = given }
    default: response.error = .unknownServerError
    }
    return response
  }

  func serve(_ request: SyncGroupRequest) {
    let claim = GroupClaim(
      group: request.group, generation: request.generation, member: request.member, instance: request.instance)
    let assignments = request.assignments.map { MemberAssignment(member: $0.member, assignment: $0.assignment) }
    askGroup(.sync(claim, assignments: assignments)) { reply in
      var response = SyncGroupResponse()
      response.error = reply.error
      if case .synced(let assignment) = reply {
        response.assignment = assignment
        response.protocolType = request.protocolType
        response.protocolName = request.protocolName
      }
      respond(response, as: .syncGroup)
    }
  }

  func serve(_ request: HeartbeatRequest) {
    let claim = GroupClaim(
      group: request.group, generation: request.generation, member: request.member, instance: request.instance)
    askGroup(.heartbeat(claim)) { reply in
      var response = HeartbeatResponse()
      response.error = reply.error
      respond(response, as: .heartbeat)
    }
  }

  /// One member until version 2, several from 3 on.
  func serve(_ request: LeaveGroupRequest) {
    var alone = LeaveGroupRequest.Member()
    alone.member = request.member
    let leaving = version >= 3 ? request.members : [alone]
    let gathering = Gathering<LeaveGroupResponse.Member>(leaving.count) { answers in
      var response = LeaveGroupResponse()
      if version >= 3 {
        response.members = answers
        // A group that is another broker's, or not loaded, is told once for all.
        if let first = answers.first, [.notCoordinator, .coordinatorLoadInProgress].contains(first.error) {
          response.error = first.error
          response.members = []
        }
      } else {
        response.error = answers.first?.error ?? .none
      }
      respond(response, as: .leaveGroup)
    }
    for (place, member) in leaving.enumerated() {
      let claim = GroupClaim(
        group: request.group, generation: -1, member: member.member, instance: member.instance)
      askGroup(.leave(claim)) { reply in
        var answer = LeaveGroupResponse.Member()
        answer.member = member.member
        answer.instance = member.instance
        answer.error = reply.error
        gathering.set(answer, at: place)
      }
    }
  }
}
