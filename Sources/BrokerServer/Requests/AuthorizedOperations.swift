import Broker
import KafkaWire

// What the sender may do, for those who ask to be told (KIP-430).

extension AccessResource {
  /// What can be done to one. Source: Kafka's AclEntry.
  var operations: [AccessOperation] {
    switch self {
    case .topic: [.read, .write, .create, .describe, .delete, .alter, .describeConfigs, .alterConfigs]
    case .group: [.read, .describe, .delete, .describeConfigs, .alterConfigs]
    case .cluster:
      [.create, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite, .alter, .describe]
    case .transactionalID: [.describe, .write]
    case .delegationToken: [.describe]
    case .user: [.createTokens, .describeTokens]
    }
  }
}

extension Exchange {
  /// The ACLs as they are for the sender; nil when none are in force.
  var access: Access? {
    guard server.security.isAuthorizing else { return nil }
    let found = server.node.look { server.security.authorizer($0.image) } ?? nil
    guard let authorizer = found, let principal = connection.standing.principal else { return nil }
    return Access(authorizer: authorizer, principal: principal, host: connection.peer) { [server] id in
      server.topicID(of: id).flatMap { id in server.node.look { $0.image.topic(id)?.name } ?? nil }
    }
  }

  /// A bit for each operation, by its number on the wire. Where no ACLs are in force, everybody may do everything.
  func operations(on resource: AccessResource, _ name: String, _ access: Access?) -> Int32 {
    resource.operations.reduce(0) { bits, operation in
      access?.may(operation, resource, name) ?? true ? bits | 1 << Int32(operation.rawValue) : bits
    }
  }

  func clusterOperations(_ access: Access?) -> Int32 { operations(on: .cluster, "kafka-cluster", access) }
}
