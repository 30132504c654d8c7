import Broker
import Clockwork
import RecordLog
import Testing

/// The in-sync set, elections, and the bugs that the fences mended.
@Suite("Controller: partitions")
struct ControllerPartitionTests {
  static let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3)

  /// Three brokers and one partition `[n1, n2, n3]` that n1 leads; n1 is the controller.
  final class Cluster {
    var world: QuorumWorld
    var epochs: [NodeID: BrokerEpoch] = [:]
    var orders = PartitionID(TopicID(0), 0)

    init(rules: ReplicationRules = .kafka, minInSync: Int = 1) {
      world = QuorumWorld(3, rules: rules)
      world.elect(n1)
      for id in world.setup.voters { epochs[id] = world.join(id) }
      orders = world.create("orders", minInSync: minInSync)
    }

    var state: PartitionState? { world.image.partition(orders) }

    /// The leader proposes `inSync`, with what it knows of the state unless told otherwise.
    func propose(
      _ inSync: [NodeID], from sender: NodeID? = nil, leaderEpoch: Int32? = nil, partitionEpoch: Int32? = nil,
      epochs known: [NodeID: BrokerEpoch]? = nil
    ) -> BrokerError? {
      guard let state, let leader = sender ?? state.leader, let epoch = epochs[leader] else { return .invalidRequest }
      let reply = world.ask(
        .alterPartition(
          epoch, orders, leaderEpoch: leaderEpoch.map { LeaderEpoch($0) } ?? state.leaderEpoch,
          partitionEpoch: partitionEpoch.map { PartitionEpoch($0) } ?? state.partitionEpoch,
          inSync: inSync.map { InSyncMember($0, (known ?? epochs)[$0]) }), from: leader)
      if case .refused(let error, _, _) = reply { return error }
      return reply == .partitionAltered(orders, self.state ?? state) ? nil : .invalidRequest
    }

    func stop(_ broker: NodeID) {
      guard let epoch = epochs[broker] else { return }
      _ = world.ask(.heartbeat(epoch, caughtUpTo: 1000, wantsToStop: true), from: broker)
    }

    func start(_ broker: NodeID, cleanly: Bool) {
      epochs[broker] = world.join(broker, cleanShutdown: cleanly)
    }

    func elect(unclean: Bool) -> BrokerError? {
      let reply = world.ask(.electLeader(orders, unclean: unclean))
      if case .refused(let error, _, _) = reply { return error }
      return nil
    }
  }

  @Test("the leader shrinks and grows the in-sync set; each change is a partition epoch, none a leader epoch")
  func altersInSyncSet() {
    let cluster = Cluster()
    #expect(cluster.propose([Self.n1, Self.n3]) == nil)
    #expect(cluster.state?.inSync == [Self.n1, Self.n3])
    #expect(cluster.state?.partitionEpoch == PartitionEpoch(1))
    #expect(cluster.propose([Self.n3, Self.n2, Self.n1]) == nil)
    #expect(cluster.state?.inSync == [Self.n1, Self.n2, Self.n3])
    #expect(cluster.state?.partitionEpoch == PartitionEpoch(2))
    #expect(cluster.state?.leaderEpoch == LeaderEpoch(0))
  }

  @Test("who does not lead, knows an old state or proposes nonsense is refused")
  func refusesAlterations() {
    let cluster = Cluster()
    #expect(cluster.propose([Self.n1, Self.n2], from: Self.n2) == .notLeaderOrFollower)
    #expect(cluster.propose([Self.n1, Self.n2], leaderEpoch: -1) == .fencedLeaderEpoch)
    #expect(cluster.propose([Self.n1, Self.n2], leaderEpoch: 1) == .unknownLeaderEpoch)
    #expect(cluster.propose([Self.n1, Self.n2], partitionEpoch: 5) == .invalidUpdateVersion)
    #expect(cluster.propose([Self.n1, Self.n1]) == .invalidRequest)
    #expect(cluster.propose([Self.n1, NodeID(9)]) == .invalidRequest)
    #expect(cluster.propose([Self.n2, Self.n3]) == .invalidRequest)
    #expect(cluster.propose([]) == .invalidRequest)
    #expect(cluster.state?.partitionEpoch == PartitionEpoch(0))
  }

  @Test("without compare-and-set two proposals from the same state overwrite each other", arguments: [true, false])
  func comparesAndSets(rule: Bool) {
    var rules = ReplicationRules.kafka
    rules.partitionEpochFencing = rule
    let cluster = Cluster(rules: rules)
    #expect(cluster.propose([Self.n1, Self.n3]) == nil)
    #expect(cluster.propose([Self.n1, Self.n2], partitionEpoch: 0) == (rule ? .invalidUpdateVersion : nil))
    #expect(cluster.state?.inSync == (rule ? [Self.n1, Self.n3] : [Self.n1, Self.n2]))
    if !rule {
      print("| partition-epoch=off | directed schedule: a proposal on a stale state overwrites a newer one |")
    }
  }

  @Test("a fenced broker does not join")
  func refusesFencedMember() {
    let cluster = Cluster()
    cluster.stop(Self.n3)
    #expect(cluster.state?.inSync == [Self.n1, Self.n2])
    #expect(cluster.propose([Self.n1, Self.n2, Self.n3]) == .ineligibleReplica)
  }

  /// K8: the proposal is under way while n3 loses its disk and registers anew.
  @Test("a broker that registered anew since it was proposed does not join (KIP-903)", arguments: [true, false])
  func fencesBrokerEpochs(rule: Bool) {
    var rules = ReplicationRules.kafka
    rules.brokerEpochFencing = rule
    let cluster = Cluster(rules: rules)
    #expect(cluster.propose([Self.n1, Self.n2]) == nil)
    let known = cluster.epochs
    cluster.start(Self.n3, cleanly: false)
    let refused = cluster.propose([Self.n1, Self.n2, Self.n3], epochs: known)
    #expect(refused == (rule ? .ineligibleReplica : nil))
    #expect(cluster.state?.inSync.contains(Self.n3) == !rule)
    if !rule { print("| broker-epoch=off | directed schedule K8: a broker that lost its disk is taken in sync |") }
  }

  /// K9: the last replica standing loses its unflushed tail; the ones that left before it may have more.
  @Test("who may have lost its tail is not elected over who left complete (KIP-966)", arguments: [true, false])
  func keepsEligibleReplicas(rule: Bool) {
    var rules = ReplicationRules.kafka
    rules.eligibleLeaderReplicas = rule
    let cluster = Cluster(rules: rules, minInSync: 2)
    cluster.stop(Self.n1)
    cluster.stop(Self.n2)
    #expect(cluster.state?.leader == Self.n3)
    #expect(cluster.state?.inSync == [Self.n3])
    #expect(cluster.state?.eligible == (rule ? [Self.n2] : []))

    cluster.start(Self.n3, cleanly: false)
    #expect(cluster.state?.leader == (rule ? nil : Self.n3))
    cluster.start(Self.n2, cleanly: true)
    #expect(cluster.state?.leader == (rule ? Self.n2 : Self.n3))
    if !rule { print("| eligible-replicas=off | directed schedule K9: who lost its tail leads again |") }
    #expect(cluster.state?.electedUncleanly == false)
  }

  @Test("a minimum that is lowered ends the eligibility of who left")
  func loweringTheMinimumClearsEligible() {
    let cluster = Cluster(minInSync: 2)
    cluster.stop(Self.n1)
    cluster.stop(Self.n2)
    #expect(cluster.state?.eligible == [Self.n2])
    _ = cluster.world.ask(.alterConfig(topic: "orders", key: "min.insync.replicas", value: "1"))
    #expect(cluster.state?.eligible == [])
  }

  @Test("with nobody left, the last leader is taken as the best guess and said to be unclean")
  func takesLastLeader() {
    let cluster = Cluster()
    #expect(cluster.propose([Self.n1]) == nil)
    cluster.start(Self.n1, cleanly: false)
    #expect(cluster.state?.leader == Self.n1)
    #expect(cluster.state?.electedUncleanly == true)
  }

  @Test("an out-of-sync replica leads only when that is allowed", arguments: [true, false])
  func electsUncleanly(allowed: Bool) {
    let cluster = Cluster()
    if allowed {
      _ = cluster.world.ask(.alterConfig(topic: "orders", key: "unclean.leader.election.enable", value: "true"))
    }
    #expect(cluster.propose([Self.n1]) == nil)
    cluster.stop(Self.n1)
    #expect(cluster.state?.leader == (allowed ? Self.n2 : nil))
    #expect(cluster.state?.electedUncleanly == allowed)
    #expect(cluster.elect(unclean: true) == (allowed ? .electionNotNeeded : nil))
    #expect(cluster.state?.leader == Self.n2)
    #expect(cluster.state?.inSync == [Self.n2])
    #expect(cluster.state?.electedUncleanly == true)
  }

  @Test("the preferred replica leads again on request, once it is back in sync")
  func electsPreferred() {
    let cluster = Cluster()
    #expect(cluster.elect(unclean: false) == .electionNotNeeded)
    cluster.stop(Self.n1)
    cluster.start(Self.n1, cleanly: true)
    #expect(cluster.state?.leader == Self.n2)
    #expect(cluster.elect(unclean: false) == .eligibleLeadersNotAvailable)
    #expect(cluster.propose([Self.n1, Self.n2, Self.n3]) == nil)
    #expect(cluster.elect(unclean: false) == nil)
    #expect(cluster.state?.leader == Self.n1)
    #expect(cluster.state?.leaderEpoch == LeaderEpoch(2))
  }
}
