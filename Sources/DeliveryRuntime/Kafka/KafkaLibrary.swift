internal import CKafkaClient

/// librdkafka itself. It is loaded when the first client is configured, not when the program starts: a broker or a lesson
/// needs none, and would start a third slower for it.
enum KafkaLibrary {
  private static let loading = Result { () throws(ClientError) in try load("librdkafka.so.1") }

  /// Has it loaded; every client begins with this.
  static func require() throws(ClientError) { try loading.get() }

  /// Loads a library with librdkafka's functions; none that lacks one of them is used at all.
  static func load(_ file: String) throws(ClientError) {
    guard let refusal = baedal_kafka_load(file) else { return }
    throw .unusable(
      "A client of Kafka needs librdkafka, which cannot be loaded: \(String(cString: refusal)). "
        + "Try: sudo apt-get install librdkafka1")
  }
}
