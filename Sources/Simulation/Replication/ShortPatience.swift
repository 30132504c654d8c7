import Broker
import Clockwork
public import Delivery
public import DeliveryEngine

// Shorter patience than in production, so that more happens in a storm: what every sweep runs with, and the evening that
// systems are compared on.

extension BrokerSetup {
  mutating func shortenPatience() {
    sessionTimeout = .seconds(2)
    heartbeatInterval = .milliseconds(500)
    replicaLagMax = .seconds(2)
    quorumFetchTimeout = .milliseconds(800)
    electionTimeout = .milliseconds(400)
    checkpointInterval = .seconds(1)
  }
}

extension EngineSetup {
  /// An instance on the brokers n1 to n3, or as many as there are.
  public static func ofShortPatience(
    _ settings: EngineSettings, _ rules: EngineRules = .sound, brokers: Int32 = 3
  ) -> EngineSetup {
    var client = ClientSetup(bootstrap: (1...brokers).map { NodeID($0) })
    client.sessionTimeout = .seconds(6)
    client.groupHeartbeat = .milliseconds(700)
    client.rebalanceTimeout = .seconds(6)
    client.requestTimeout = .seconds(1)
    var setup = EngineSetup(client: client, settings: settings)
    setup.transactionTimeout = .seconds(4)
    setup.rules = rules
    return setup
  }
}
