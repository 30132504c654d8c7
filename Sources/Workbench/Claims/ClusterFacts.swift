import Broker
import Clockwork
import Delivery
import Simulation

/// What claims are judged by: everything that an all-seeing observer of the world can look up.
///
/// A protocol, so that judging is tested on facts staged by hand and works on the world without copying its logs.
protocol ClusterFacts {
  /// The brokers, in order of id.
  var brokers: [BrokerFact] { get }
  /// Instances of the delivery engine, in order of id.
  var engines: [BrokerFact] { get }
  /// What the newest cluster metadata on a live broker says, in order of name; nil when no broker is alive to tell.
  var partitions: [PartitionFact]? { get }
  /// The active controller, if there is one.
  var controller: NodeID? { get }
  /// The logs of the partition's replicas, in order of node; of a node that is down, what is on its disk.
  func replicas(of partition: PartitionName) -> [ReplicaFact]
  func record(_ offset: Int64, of partition: PartitionName, on node: NodeID) -> RecordFact?
  /// The node's records, in order, that count: of no transaction, or of one that was committed. No markers.
  func counting(_ partition: PartitionName, on node: NodeID) -> [RecordFact]
  /// How many offsets of the node's log are taken up by transactions' markers.
  func markers(_ partition: PartitionName, on node: NodeID) -> Int64
  /// Every record of which a producer has been told that it was written, oldest first.
  var acknowledged: [AcknowledgedFact] { get }
  /// Whether exactly what was acknowledged stands in the node's log.
  func holds(_ acked: AcknowledgedFact, on node: NodeID) -> Bool
  /// Every reign that began, oldest first.
  var reigns: [ReignFact] { get }
  /// What consumers have been given, oldest first.
  var consumed: [ConsumedFact] { get }
  /// What a group's coordinator knows of it; nil when no coordinator can tell.
  func group(_ name: String) -> GroupFact?
  /// As the coordinators know them, in order of id; nil while one of them cannot tell.
  var transactions: [TransactionFact]? { get }
  /// The delivery engine's logs, folded; nil where there is no engine.
  var deliveries: EngineJudgement? { get }
  /// Rows of the engine's read model that are not a fold of the log; nil where there is none.
  var strayRows: [UInt64]? { get }
  /// The orders that were accepted into the topic of commands; nil when no broker is alive to tell.
  var acceptedOrders: [UInt64]? { get }
  /// Entries of the log of orders that the engine's read model has not applied; nil where there is none.
  var readModelLag: Int? { get }
  /// What clients asked and were told; nil where nobody records it.
  var clientHistory: ClientHistory? { get }
  /// What stands beside the cluster; nothing beside a live one.
  var apparatus: Apparatus { get }
  /// What the discount that is given has brought, measured now.
  var uplift: DiscountTrial.Uplift? { get }
}

extension ClusterFacts {
  var clientHistory: ClientHistory? { nil }
  var apparatus: Apparatus { Apparatus() }
  var uplift: DiscountTrial.Uplift? { nil }
}

/// Facts that whole logs can be shown from.
protocol ReadableFacts: ClusterFacts {
  /// Records on a node in order of offset, at most `count`.
  func records(from offset: Int64, count: Int, of partition: PartitionName, on node: NodeID) -> [(
    offset: Int64, fact: RecordFact
  )]
}

struct BrokerFact: Hashable {
  enum Condition: String, Hashable { case up, down, paused }
  var id: NodeID
  var condition: Condition
}

struct PartitionFact: Hashable {
  var name: PartitionName
  var leader: NodeID?
  var epoch: Int32
  var replicas: [NodeID]
  var inSync: [NodeID]
}

struct ReplicaFact: Hashable {
  var node: NodeID
  var condition: BrokerFact.Condition
  /// The epoch in which the node itself believes that it leads; nil when it believes it follows, or is down.
  var leadsIn: Int32?
  var start: Int64
  var end: Int64
  /// Nil when the node is down and its disk does not tell.
  var highWatermark: Int64?
  /// How far transactions are decided; nil when the node is down.
  var lastStable: Int64?
}

struct RecordFact: Hashable {
  var epoch: Int32
  var key: String?
  var value: String
  /// The producer in whose transaction it is.
  var producer: Int64?

  var text: String { key.map { "\($0)=\(value)" } ?? value }
}

struct TransactionFact: Hashable {
  enum Condition: String, Hashable { case empty, open, committed, aborted }
  var id: String
  var condition: Condition
  /// Kafka's word: `Ongoing`, `PrepareCommit`, …
  var state: String
  var producer: Int64
  var epoch: Int16
  var partitions: [PartitionName]
  var coordinator: NodeID

  /// Decided, and the markers that say so are still being written.
  var isEnding: Bool { state.hasPrefix("Prepare") }
}

struct AcknowledgedFact: Hashable {
  /// Who was told so.
  var client = NodeID.client(1)
  var partition: PartitionName
  /// Of the first of `count` records.
  var offset: Int64
  var count: Int64 = 1
  /// `1` or `all`. With acks=0 nothing is acknowledged.
  var acks: String
  /// What the broker promised, for the facts to compare with; nil for facts that were staged by hand.
  var original: Acknowledgement?

  var text: String {
    let offsets = count == 1 ? "offset \(offset)" : "offsets \(offset) to \(offset + count - 1)"
    return "\(partition) \(offsets) (acks=\(acks))"
  }
}

struct ReignFact: Hashable {
  var partition: PartitionName
  var epoch: Int32
  var leader: NodeID
}

struct ConsumedFact: Hashable {
  var client: NodeID
  /// The group as whose member it read; nil when it read on demand.
  var group: String?
  var partition: PartitionName
  var offset: Int64
  var key: String?
  var value: String

  var text: String { key.map { "\($0)=\(value)" } ?? value }
}

struct GroupFact: Hashable {
  struct Member: Hashable {
    var client: NodeID
    var condition: BrokerFact.Condition
    /// What the coordinator gave it.
    var assigned: [PartitionName]
    /// What the client itself reads; none while it is down, or gives its share up.
    var reads: [PartitionName]
  }

  /// Kafka's word: `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`, `Dead`.
  var state: String
  var coordinator: NodeID
  /// In order of client.
  var members: [Member]
  /// The offset of the next record to read, by partition, where one was committed.
  var committed: [PartitionName: Int64]

  /// No such group: it never was, or was deleted.
  var isAbsent: Bool { state == "Dead" }

  /// Every partition that it is to read, or has read.
  var partitions: [PartitionName] { Set(members.flatMap(\.assigned) + committed.keys).sorted() }
}
