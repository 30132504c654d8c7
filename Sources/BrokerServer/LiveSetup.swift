import Broker
import Clockwork

extension BrokerSetup {
  /// What brokers of a live cluster are set up with: Kafka's defaults, but for numbers that suit a few brokers on one
  /// machine. Must stay as it is for a cluster that has data.
  init(live voters: [NodeID], _ settings: ServerSettings) {
    self.init(voters: voters)
    defaultPartitions = settings.defaultPartitions
    groups = GroupSetup(shards: 8)
    transactions = TransactionSetup(shards: 4)
  }
}
