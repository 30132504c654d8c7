import Broker
import KafkaWire

/// Who asks, and what they may do by the ACLs in force now.
struct Access {
  let authorizer: Authorizer
  let principal: String
  let host: String
  let topicName: (WireUUID) -> String?

  func may(_ operation: AccessOperation, _ resource: AccessResource, _ name: String) -> Bool {
    authorizer.allows(principal: principal, host: host, operation: operation, resource: resource, name: name)
  }

  var mayWriteSomewhere: Bool {
    authorizer.allowsSomewhere(principal: principal, host: host, operation: .write, resource: .topic)
  }

  /// `kafka-cluster` is what ACLs call the cluster itself.
  func may(_ operation: AccessOperation) -> Bool { may(operation, .cluster, "kafka-cluster") }
}

/// What becomes of a request, after what may not be done has been taken out of it.
enum Verdict<Response> {
  /// It is served as it is left; the response is completed with what was refused.
  case served(amending: ((inout Response) -> Void)?)
  /// Nothing of it is served.
  case refused(Response)

  static var allowed: Verdict { .served(amending: nil) }
}

/// A request that knows what its sender must be allowed to do. Operations and errors are Kafka's (KIP-11 and the reference
/// of its authorizer).
protocol GuardedRequest: WireRequest {
  mutating func judge(_ access: Access, version: Int16) -> Verdict<Response>
}

/// A request that is refused as a whole, with the response that says so.
struct AccessDenied: Error {
  var response: any WireStruct
  var api: WireAPI
}

extension Exchange {
  /// Holds a request to the ACLs, if there are any in force. Throws when nothing of it is to be served.
  func authorize<Request: WireRequest>(_ request: inout Request) throws {
    guard let access else { return }
    guard var guarded = request as? any GuardedRequest else {
      // Whoever adds a request must say who may send it.
      return try refuseUnguarded(Request.api)
    }
    try judge(&guarded, access)
    if let judged = guarded as? Request { request = judged }
  }

  private func judge(_ request: inout some GuardedRequest, _ access: Access) throws {
    try hold(request.judge(access, version: version), type(of: request))
  }

  private func hold<Request: GuardedRequest>(_ verdict: Verdict<Request.Response>, _: Request.Type) throws {
    switch verdict {
    case .served(amending: nil): break
    case .served(amending: let amend?):
      connection.amend(slot) { response in
        guard var typed = response as? Request.Response else { return response }
        amend(&typed)
        return typed
      }
    case .refused(let response): throw AccessDenied(response: response, api: Request.api)
    }
  }

  private func refuseUnguarded(_ api: WireAPI) throws {
    switch api {
    case .apiVersions, .saslHandshake, .saslAuthenticate: return
    default: throw UnservedRequest(api: api.rawValue, version: version)
    }
  }
}

extension Array {
  /// Leaves what `isAllowed`, returns the rest.
  mutating func takeOut(unless isAllowed: (Element) -> Bool) -> [Element] {
    let refused = filter { !isAllowed($0) }
    if !refused.isEmpty { self = filter(isAllowed) }
    return refused
  }
}
