import Broker
import KafkaWire

extension BrokerError {
  /// Kafka's code for this error: they have the same name.
  var wire: KafkaError { Self.codes[rawValue] ?? .unknownServerError }

  private static let codes: [String: KafkaError] = {
    var codes = Dictionary(uniqueKeysWithValues: KafkaError.allCases.map { (String(describing: $0), $0) })
    codes[BrokerError.invalidTopic.rawValue] = .invalidTopicException
    return codes
  }()
}
