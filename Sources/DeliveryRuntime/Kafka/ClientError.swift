internal import CKafkaClient

/// What librdkafka says against a call, sorted by what its caller has to do about it.
///
/// Source: KIP-360 and KIP-447, and librdkafka's "Transactional producer API" (`rd_kafka_error_is_retriable`,
/// `rd_kafka_error_txn_requires_abort`, `rd_kafka_error_is_fatal`).
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing is decided yet: the same call may be made again.
  case retriable(Refusal)
  /// The transaction cannot be committed any more: abort it, go back to the last committed offsets, and begin again.
  case abortable(Refusal)
  /// Another producer with the same transactional id, or another member of the group, has taken over. What this one
  /// had open will not be committed, and it may not go on.
  case fenced(Refusal)
  /// The client is of no more use: close it and make another.
  case fatal(Refusal)
  /// The call can never succeed: a setting, a topic or an argument is wrong.
  case refused(Refusal)

  /// librdkafka's code, its name and its words.
  public struct Refusal: Hashable, Sendable {
    public var code: Int32
    public var name: String
    public var text: String
  }

  public var refusal: Refusal {
    switch self {
    case .retriable(let refusal), .abortable(let refusal), .fenced(let refusal), .fatal(let refusal),
      .refused(let refusal):
      refusal
    }
  }

  public var description: String {
    let what =
      switch self {
      case .retriable: "not yet"
      case .abortable: "the transaction must be aborted"
      case .fenced: "another instance has taken over"
      case .fatal: "the client is broken"
      case .refused: "refused"
      }
    return "\(what): \(refusal.text) (\(refusal.name))"
  }
}

extension ClientError {
  private static let fencing: Set<Int32> = [
    RD_KAFKA_RESP_ERR__FENCED.rawValue, RD_KAFKA_RESP_ERR_PRODUCER_FENCED.rawValue,
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH.rawValue, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID.rawValue,
  ]

  private static let passing: Set<Int32> = [
    RD_KAFKA_RESP_ERR__TRANSPORT.rawValue, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue,
    RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, RD_KAFKA_RESP_ERR__WAIT_COORD.rawValue,
    RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE.rawValue,
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION.rawValue, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT.rawValue,
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE.rawValue, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS.rawValue,
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR.rawValue, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT.rawValue,
    RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS.rawValue, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION.rawValue,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue,
    RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST.rawValue,
    RD_KAFKA_RESP_ERR_NOT_CONTROLLER.rawValue, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED.rawValue,
  ]

  /// A code alone, as most calls give it.
  init(_ code: rd_kafka_resp_err_t, _ text: String? = nil) {
    let refusal = Refusal(
      code: code.rawValue, name: String(cString: rd_kafka_err2name(code)),
      text: text ?? String(cString: rd_kafka_err2str(code)))
    if Self.fencing.contains(code.rawValue) {
      self = .fenced(refusal)
    } else if code == RD_KAFKA_RESP_ERR__FATAL {
      self = .fatal(refusal)
    } else if Self.passing.contains(code.rawValue) {
      self = .retriable(refusal)
    } else {
      self = .refused(refusal)
    }
  }

  /// An error object of the transactional interface, which it uses up.
  init(consuming error: OpaquePointer) {
    defer { rd_kafka_error_destroy(error) }
    let code = rd_kafka_error_code(error)
    let refusal = Refusal(
      code: code.rawValue, name: String(cString: rd_kafka_error_name(error)),
      text: String(cString: rd_kafka_error_string(error)))
    if Self.fencing.contains(code.rawValue) {
      self = .fenced(refusal)
    } else if rd_kafka_error_is_fatal(error) != 0 {
      self = .fatal(refusal)
    } else if rd_kafka_error_txn_requires_abort(error) != 0 {
      self = .abortable(refusal)
    } else if rd_kafka_error_is_retriable(error) != 0 {
      self = .retriable(refusal)
    } else {
      self = .refused(refusal)
    }
  }

  /// A log was asked for an offset that it does not have, or not any more.
  var isOutOfRange: Bool { refusal.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue }

  /// A refusal of our own, before librdkafka was asked.
  static func unusable(_ text: String) -> ClientError {
    .refused(Refusal(code: RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, name: "_INVALID_ARG", text: text))
  }

  static func late(_ text: String) -> ClientError {
    .retriable(Refusal(code: RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, name: "_TIMED_OUT", text: text))
  }
}
