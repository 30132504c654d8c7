extension GroupRequest {
  public var summary: String {
    switch self {
    case .findCoordinator(let group): "FindCoordinator \(group)"
    case .join(let request):
      "JoinGroup \(request.group)" + (request.member.isEmpty ? "" : " as \(request.member)")
        + (request.instance.map { " (instance \($0))" } ?? "")
    case .sync(let claim, let assignments):
      "SyncGroup \(claim.words)" + (assignments.isEmpty ? "" : " with \(assignments.count) assignments")
    case .heartbeat(let claim): "Heartbeat \(claim.words)"
    case .leave(let claim): "LeaveGroup \(claim.group) \(claim.member.isEmpty ? claim.instance ?? "" : claim.member)"
    case .commitOffsets(let claim, let offsets):
      "OffsetCommit \(claim.words): " + offsets.map { "\($0.partition) at \($0.offset)" }.joined(separator: ", ")
    case .commitTransactionOffsets(let claim, let transaction, let offsets):
      "TxnOffsetCommit \(claim.words) in \(transaction.words): "
        + offsets.map { "\($0.partition) at \($0.offset)" }.joined(separator: ", ")
    case .fetchOffsets(let group, _, _, _): "OffsetFetch \(group)"
    case .deleteOffsets(let group, let partitions):
      "OffsetDelete \(group): " + partitions.map(\.description).joined(separator: ", ")
    case .list: "ListGroups"
    case .describe(let group): "DescribeGroups \(group)"
    case .delete(let group): "DeleteGroups \(group)"
    case .consumerHeartbeat(let heartbeat):
      "ConsumerGroupHeartbeat \(heartbeat.group) epoch \(heartbeat.epoch)"
        + (heartbeat.member.isEmpty ? "" : " as \(heartbeat.member)")
        + (heartbeat.instance.map { " (instance \($0))" } ?? "")
        + (heartbeat.owned.map { ", has \($0.listed)" } ?? "")
    case .describeConsumers(let group): "ConsumerGroupDescribe \(group)"
    }
  }

  public var isRoutine: Bool {
    if case .heartbeat = self { true } else { false }
  }
}

extension GroupClaim {
  var words: String { member.isEmpty ? group : "\(group) generation \(generation) as \(member)" }
}

extension GroupReply {
  public var summary: String {
    switch self {
    case .coordinator(let node): "coordinator is \(node)"
    case .joined(let joined):
      "joined generation \(joined.generation) as \(joined.member)"
        + (joined.leader == joined.member ? ", leader of \(joined.members.count)" : "")
    case .synced(let bytes):
      "assigned "
        + ((try? ConsumerProtocol.assignment(from: bytes))?.map(\.description).joined(separator: ", ").nonEmpty
          ?? (bytes.isEmpty ? "nothing" : "\(bytes.count) bytes"))
    case .alive: "alive"
    case .ok: "ok"
    case .offsets(let offsets):
      "offsets: " + offsets.map { "\($0.partition) at \($0.offset)" }.joined(separator: ", ")
    case .described(let group): "\(group.state), generation \(group.generation), \(group.members.count) members"
    case .listed(let groups): "\(groups.count) groups"
    case .offsetsDeleted(let deletions):
      "deleted: " + deletions.map { "\($0.partition) \($0.error?.rawValue ?? "ok")" }.joined(separator: ", ")
    case .reconciled(let answer):
      "epoch \(answer.epoch) as \(answer.member)" + (answer.assignment.map { ": \($0.listed)" } ?? "")
    case .describedConsumers(let group):
      "\(group.state), epoch \(group.epoch), target \(group.assignmentEpoch), \(group.members.count) members"
    case .refused(.memberIDRequired, let member): "memberIDRequired: join as \(member)"
    case .refused(let error, _): error.rawValue
    }
  }

  public var isRoutine: Bool {
    if case .alive = self { true } else { false }
  }
}

extension [OwnedPartition] {
  fileprivate var listed: String {
    isEmpty ? "nothing" : map { "\($0.topic.low)/\($0.index)" }.joined(separator: " ")
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
