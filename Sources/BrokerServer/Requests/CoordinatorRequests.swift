import Broker
import Clockwork
import KafkaWire

extension Exchange {
  /// Groups (type 0) and transactional ids (type 1) are looked up alike; one key until version 3, several from 4 on.
  func serve(_ request: FindCoordinatorRequest) {
    let keys = version >= 4 ? request.coordinatorKeys : [request.key]
    let gathering = Gathering<FindCoordinatorResponse.Coordinator>(keys.count) { answers in
      var response = FindCoordinatorResponse()
      response.coordinators = answers
      if version < 4, let answer = answers.first {
        response.error = answer.error
        response.message = answer.message
        response.node = answer.node
        response.host = answer.host
        response.port = answer.port
      }
      respond(response, as: .findCoordinator)
    }
    for (place, key) in keys.enumerated() {
      find(key, request.keyType) { gathering.set($0, at: place) }
    }
  }

  private func find(_ key: String, _ type: Int8, _ done: @escaping (FindCoordinatorResponse.Coordinator) -> Void) {
    var answer = FindCoordinatorResponse.Coordinator()
    answer.key = key
    answer.node = -1
    answer.port = -1
    guard type == 0 || type == 1, !key.isEmpty || type == 0 else {
      answer.error = .invalidRequest
      return done(answer)
    }
    let question: (CorrelationID) -> BrokerMessage =
      type == 0
      ? { .toGroup(.findCoordinator(group: key), $0) }
      : { .toTransactions(.findCoordinator(transactionalID: key), $0) }
    connection.ask(server.node.id, question) { message in
      switch message {
      case .fromGroup(.coordinator(let node), _), .fromTransactions(.coordinator(let node), _):
        if let endpoint = server.endpoint(of: node) {
          answer.node = node.rawValue
          answer.host = endpoint.host
          answer.port = Int32(endpoint.port)
        } else {
          answer.error = .coordinatorNotAvailable
        }
      case .fromGroup(.refused(let error, _), _), .fromTransactions(.refused(let error), _):
        answer.error = error.wire
      default: answer.error = .coordinatorNotAvailable
      }
      done(answer)
    }
  }

  /// Asks this node's own group coordinator, which refuses what is another's.
  func askGroup(_ request: GroupRequest, _ hear: @escaping (GroupReply) -> Void) {
    connection.ask(
      server.node.id, { .toGroup(request, $0) },
      hear: { message in
        if case .fromGroup(let reply, _) = message { hear(reply) }
      })
  }

  /// Asks this node's own transaction coordinator, which refuses what is another's.
  func askTransactions(_ request: TransactionRequest, _ hear: @escaping (TransactionReply) -> Void) {
    connection.ask(
      server.node.id, { .toTransactions(request, $0) },
      hear: { message in
        if case .fromTransactions(let reply, _) = message { hear(reply) }
      })
  }
}

extension GroupReply {
  var error: KafkaError { if case .refused(let error, _) = self { error.wire } else { .none } }
}

extension TransactionReply {
  var error: KafkaError { if case .refused(let error) = self { error.wire } else { .none } }
}
