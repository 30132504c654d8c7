internal import CKafkaClient

/// Where a cluster is, and librdkafka's properties for talking to it.
public struct ClientSettings: Hashable, Sendable {
  /// `host:port`, several with commas.
  public var bootstrapServers: String
  /// librdkafka's names and values; later ones go over earlier ones.
  public var properties: [Property]

  public struct Property: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The first properties suit one machine: a broker that went away is looked for often, and only what is critical is
  /// written to standard error (`log_level`).
  public init(bootstrapServers: String, _ properties: [Property] = []) {
    self.bootstrapServers = bootstrapServers
    self.properties =
      [
        Property("log_level", "2"), Property("reconnect.backoff.ms", "20"),
        Property("reconnect.backoff.max.ms", "1000"),
        Property("retry.backoff.ms", "20"), Property("topic.metadata.refresh.interval.ms", "30000"),
        Property("client.id", "baedal"),
      ] + properties
  }

  /// The same with more properties, which go over those there are.
  public func with(_ more: [Property]) -> ClientSettings {
    var settings = self
    settings.properties += more
    return settings
  }

  /// A configuration object. It belongs to whoever makes a client of it.
  func configuration() throws(ClientError) -> OpaquePointer {
    try KafkaLibrary.require()
    let configuration: OpaquePointer = rd_kafka_conf_new()
    for property in [Property("bootstrap.servers", bootstrapServers)] + properties {
      let said = Said()
      let result = said.hear { rd_kafka_conf_set(configuration, property.name, property.value, $0, $1) }
      guard result == RD_KAFKA_CONF_OK else {
        rd_kafka_conf_destroy(configuration)
        throw .unusable("\(property.name)=\(property.value): \(said.text)")
      }
    }
    return configuration
  }
}

/// Room for what librdkafka says of an error.
final class Said {
  private(set) var text = ""

  func hear<Result>(_ call: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { room in
      room.initialize(repeating: 0)
      let result = call(room.baseAddress, room.count)
      text = room.baseAddress.map { String(cString: $0) } ?? ""
      return result
    }
  }
}
