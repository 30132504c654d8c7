import Broker
import Clockwork
import KafkaWire
import Scram

// Passwords of users, which no broker ever sees (KIP-554).

extension Exchange {
  func serve(_ request: DescribeUserScramCredentialsRequest) {
    let known = server.node.look { $0.image.scramUsers } ?? []
    let asked = (request.users ?? []).map(\.name)
    let repeated = asked.repeated
    var seen: Set<String> = []
    let names = (asked.isEmpty ? known.map(\.name) : asked).filter { seen.insert($0).inserted }
    var response = DescribeUserScramCredentialsResponse()
    response.users = names.map { name in
      var answer = DescribeUserScramCredentialsResponse.User()
      answer.name = name
      let own = known.filter { $0.name == name }
      if repeated.contains(name) {
        answer.error = .duplicateResource
        answer.message = "\(name) is asked for twice. Expected: each user once."
      } else if own.isEmpty {
        answer.error = .resourceNotFound
        answer.message = "User \(name) has no SCRAM credentials. Try: describe all users"
      } else {
        answer.credentials = own.map { user in
          var credential = DescribeUserScramCredentialsResponse.Credential()
          credential.mechanism = user.mechanism.rawValue
          credential.iterations = user.iterations
          return credential
        }
      }
      return answer
    }
    respond(response, as: .describeUserScramCredentials)
  }

  /// A user whose changes are not all acceptable is left as it is; the others' are made.
  func serve(_ request: AlterUserScramCredentialsRequest) {
    let changes = request.deletions.map { ScramChange($0) } + request.upsertions.map { ScramChange($0) }
    let twice = changes.map(\.target).repeated
    let byUser = Dictionary(grouping: changes) { $0.target.name }
    var seen: Set<String> = []
    let names = changes.map(\.target.name).filter { seen.insert($0).inserted }
    let gathering = Gathering<AlterUserScramCredentialsResponse.User>(names.count) { answers in
      var response = AlterUserScramCredentialsResponse()
      response.users = answers
      respond(response, as: .alterUserScramCredentials)
    }
    for (place, name) in names.enumerated() {
      var answer = AlterUserScramCredentialsResponse.User()
      answer.name = name
      let own = byUser[name] ?? []
      let isTwice = own.contains { twice.contains($0.target) }
      if let refusal = isTwice ? .duplicate : own.lazy.compactMap(\.refusal).first {
        answer.error = refusal.error
        answer.message = refusal.message
        gathering.set(answer, at: place)
        continue
      }
      let replies = Gathering<ControllerReply>(own.count) { replies in
        let refused = replies.first { $0.error != .none }
        answer.error = refused?.error ?? .none
        answer.message = refused?.reason
        gathering.set(answer, at: place)
      }
      for (index, change) in own.enumerated() { ask(change) { replies.set($0, at: index) } }
    }
  }

  private func ask(_ change: ScramChange, _ done: @escaping (ControllerReply) -> Void) {
    let name = change.target.name
    guard case .success(let user) = change.wanted,
      let mechanism = ScramUser.Mechanism(rawValue: change.target.mechanism)
    else { return }
    askController(.alterScramUser(name: name, mechanism, user)) { reply in
      guard reply == .done else { return done(reply) }
      waitUntilSeen({ $0.scramUser(name, mechanism) == user }) { done(reply) }
    }
  }
}

private struct ScramRefusal: Error {
  var error: KafkaError
  var message: String

  static let duplicate = ScramRefusal(
    error: .duplicateResource, message: "A credential is changed twice. Expected: each user and mechanism once.")
}

/// One credential that is to be set, or with nil to go.
private struct ScramChange {
  struct Target: Hashable {
    var name: String
    var mechanism: Int8
  }

  let target: Target
  let wanted: Result<ScramUser?, ScramRefusal>

  var refusal: ScramRefusal? { if case .failure(let refusal) = wanted { refusal } else { nil } }

  init(_ deletion: AlterUserScramCredentialsRequest.Deletion) {
    target = Target(name: deletion.name, mechanism: deletion.mechanism)
    let isKnown = ScramUser.Mechanism(rawValue: deletion.mechanism) != nil
    wanted = isKnown ? .success(nil) : .failure(.unknown(deletion.mechanism))
  }

  init(_ upsertion: AlterUserScramCredentialsRequest.Upsertion) {
    target = Target(name: upsertion.name, mechanism: upsertion.mechanism)
    guard let mechanism = ScramUser.Mechanism(rawValue: upsertion.mechanism) else {
      wanted = .failure(.unknown(upsertion.mechanism))
      return
    }
    do throws(SaslError) {
      let credential = try ScramCredential(
        mechanism == .sha256 ? .sha256 : .sha512, saltedPassword: upsertion.saltedPassword, salt: upsertion.salt,
        iterations: Int(upsertion.iterations))
      wanted = .success(
        ScramUser(
          name: upsertion.name, mechanism: mechanism, salt: credential.salt, storedKey: credential.storedKey,
          serverKey: credential.serverKey, iterations: upsertion.iterations))
    } catch {
      wanted = .failure(ScramRefusal(error: .unacceptableCredential, message: "\(error)"))
    }
  }
}

extension ScramRefusal {
  fileprivate static func unknown(_ mechanism: Int8) -> ScramRefusal {
    ScramRefusal(
      error: .unsupportedSaslMechanism,
      message: "No mechanism \(mechanism). Expected: 1, SCRAM-SHA-256, or 2, SCRAM-SHA-512.")
  }
}
