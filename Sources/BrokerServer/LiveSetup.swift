import Broker
import Clockwork

extension BrokerSetup {
  /// What brokers of a live cluster are set up with: Kafka's defaults, but for times and numbers that suit a few brokers
  /// on one machine. The shards must stay as they are, for clusters that have data.
  init(live voters: [NodeID], inOneProcess isWhole: Bool, _ settings: ServerSettings) {
    self.init(voters: voters)
    defaultPartitions = settings.defaultPartitions
    leaderRebalance = settings.leaderRebalance
    snapshotRecords = settings.snapshotRecords
    groups = GroupSetup(shards: 8)
    transactions = TransactionSetup(shards: 4)
    // On one machine questions cost next to nothing: a cluster should be ready at once, and a crash noticed within a second
    // or two, where Kafka's defaults take ten.
    registrationRetry = .milliseconds(1)
    heartbeatInterval = .milliseconds(300)
    sessionTimeout = .milliseconds(1500)
    electionTimeout = .milliseconds(300)
    // Others in processes of their own may still be starting: what is asked before the second call is lost.
    firstElection = isWhole ? .zero : PeerLink.shortestPause * 3 / 2
    quorumFetchTimeout = .milliseconds(800)
  }
}
