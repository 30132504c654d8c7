import Broker
import KafkaWire
import Logging
import NIOCore
import NIOPosix
import Scram

extension Exchange {
  /// Whether the connection has come far enough for this request.
  func checkAdmitted(_ api: WireAPI) throws {
    guard connection.standing.principal == nil else { return }
    switch api {
    case .apiVersions, .saslHandshake, .saslAuthenticate: return
    default: throw UnadmittedRequest(api: api)
    }
  }

  func serve(_ request: SaslHandshakeRequest) {
    var response = SaslHandshakeResponse()
    response.mechanisms = server.security.mechanisms.map(\.name)
    if case .unknown = connection.standing {
      if let mechanism = server.security.mechanisms.first(where: { $0.name == request.mechanism }) {
        connection.standing = .proving(server.security.exchange(mechanism), isBare: version == 0)
      } else {
        response.error = .unsupportedSaslMechanism
      }
    } else {
      response.error = .illegalSaslState
    }
    respond(response, as: .saslHandshake)
  }

  func serve(_ request: SaslAuthenticateRequest) {
    var response = SaslAuthenticateResponse()
    guard case .proving = connection.standing else {
      response.error = .illegalSaslState
      response.message = "Expected: a handshake first, and one proof for each connection."
      return respond(response, as: .saslAuthenticate)
    }
    connection.prove(request.bytes) { result in
      switch result {
      case .success(let answer): response.bytes = answer
      case .failure(let error):
        response.error = .saslAuthenticationFailed
        response.message = "\(error)"
      }
      respond(response, as: .saslAuthenticate)
    }
  }
}

extension ClientConnection {
  /// A message of the mechanism without a request around it; refusing it is closing.
  func acceptBare(_ message: [UInt8], _ slot: UInt64) {
    prove(message) { [self] result in
      if case .success(let answer) = result { complete(slot, with: ResponseFrame(bare: answer)) }
    }
  }

  /// Takes the next message of the mechanism, and calls back with the answer. After a refusal the connection closes.
  func prove(_ message: [UInt8], _ done: @escaping (Result<[UInt8], SaslError>) -> Void) {
    guard case .proving(let exchange, let isBare) = standing else { return done(.failure(.ended)) }
    do throws(SaslError) {
      switch exchange {
      case .plain: check(try PlainMessage(message), done)
      case .scram(var scram):
        let (server, mechanism) = (server, scram.mechanism)
        let answer = try scram.answer(message) { user in
          server.node.look { server.security.credential(of: user, mechanism, $0.image) } ?? nil
        }
        standing = scram.user.map { .known(principal: "User:\($0)") } ?? .proving(.scram(scram), isBare: isBare)
        done(.success(answer))
      }
    } catch {
      refuse(error, done)
    }
  }

  /// On another thread: it takes thousands of rounds on purpose, and the node has others to serve.
  private func check(_ message: PlainMessage, _ done: @escaping (Result<[UInt8], SaslError>) -> Void) {
    let found = server.node.look { server.security.passwordCredential(of: message.user, $0.image) } ?? nil
    guard let (credential, isReal) = found else { return refuse(.wrongCredentials, done) }
    isChecking = true
    let work = NIOThreadPool.singleton.runIfActive(eventLoop: server.node.loop) {
      credential.matches(message.password) && isReal
    }
    work.assumeIsolated().whenComplete { [self] result in
      isChecking = false
      guard case .success(true) = result else { return refuse(.wrongCredentials, done) }
      standing = .known(principal: "User:\(message.user)")
      done(.success([]))
    }
  }

  private func refuse(_ error: SaslError, _ done: (Result<[UInt8], SaslError>) -> Void) {
    server.warn("somebody is not let in", ["peer": "\(peer)", "reason": "\(error)"])
    let wasBare = standing.isBare
    standing = .unknown
    done(.failure(error))
    if wasBare { close("not authenticated") } else { finish() }
  }
}

/// A request of somebody who has not said who he is.
struct UnadmittedRequest: Error, CustomStringConvertible {
  var api: WireAPI

  var description: String { "\(api) before authentication; expected SASL, as this listener requires it" }
}
