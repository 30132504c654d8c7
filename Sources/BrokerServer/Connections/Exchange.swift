import Broker
import Clockwork
import KafkaWire

/// One request under way, from one connection. Each API's part is an extension in `Requests/`.
struct Exchange {
  let connection: ClientConnection
  let header: RequestHeader
  let slot: UInt64

  var server: NodeServer { connection.server }
  var version: Int16 { header.version }

  /// Answers the request. `records` fill what the response left for elsewhere.
  func respond(_ response: some WireStruct, as api: WireAPI, records: [[FramePart]] = []) {
    do {
      connection.complete(slot, with: try ResponseFrame(response, to: header, api: api, records: records))
    } catch {
      connection.close("a response could not be written: \(error)")
    }
  }

  /// The request is not answered: acks=0.
  func stayQuiet() { connection.complete(slot, with: nil) }

  func decode<Request: WireRequest>(_: Request.Type, _ body: ArraySlice<UInt8>) throws(WireError) -> Request {
    var reader = WireReader(body, version: version, isFlexible: Request.api.isFlexible(version))
    return try reader.message()
  }

  /// Asks the active controller, wherever it is; it answers once the decision is committed.
  func askController(_ request: ControllerRequest, _ hear: @escaping (ControllerReply) -> Void) {
    guard let controller = server.controller else {
      return hear(.refused(.notController, reason: "No controller is elected yet. Try again.", hint: nil))
    }
    connection.ask(controller, { .toController(request, $0) }) { message in
      if case .fromController(let reply, _) = message { hear(reply) }
    }
  }
}

/// A request that this server does not understand: the connection is closed, because nothing after it can be read.
struct UnservedRequest: Error, CustomStringConvertible {
  var api: Int16
  var version: Int16

  var description: String {
    guard let known = WireAPI(rawValue: api) else { return "API \(api) is not served" }
    return "\(known) version \(version) is not served; expected \(known.servedVersions)"
  }
}
