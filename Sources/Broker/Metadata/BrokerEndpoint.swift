internal import Clockwork

/// Where clients and other brokers reach a broker (advertised.listeners), and where it stands (broker.rack).
public struct BrokerEndpoint: Hashable, Sendable {
  public var host: String
  public var port: UInt16
  public var rack: String?

  public init(host: String, port: UInt16, rack: String? = nil) {
    self.host = host
    self.port = port
    self.rack = rack
  }
}

extension BrokerEndpoint {
  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(host)
    hasher.combine(UInt64(port))
    hasher.combine(rack ?? "")
  }
}
