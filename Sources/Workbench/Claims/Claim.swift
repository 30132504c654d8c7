import Clockwork
import Histories

/// Something that may be true of the cluster, to be judged by what is there and never by what was typed before.
indirect enum Claim: Hashable, Sendable {
  case not(Claim)
  case leaderIs(PartitionName, NodeID)
  case leaderExists(PartitionName)
  case epoch(PartitionName, Measure)
  case controllerIs(NodeID)
  case controllerExists
  /// Without a partition: of the only one there is. Without nodes: on the whole in-sync set, below the high watermark.
  case durable(offset: Int64, PartitionName?, on: [NodeID])
  case recordReads(offset: Int64, PartitionName, on: NodeID?, text: String)
  case acknowledgedKept
  case logsAgree(PartitionName?)
  case singleLeader
  case highWatermark(PartitionName, on: NodeID?, Measure)
  case logEnd(PartitionName, on: NodeID?, Measure)
  case inSync(PartitionName, [NodeID])
  case records(PartitionName, on: NodeID?, Measure)
  case node(NodeID, BrokerFact.Condition)
  case topicExists(String)
  case consumedCount(NodeID, PartitionName?, Measure)
  case consumed(NodeID, String)
  case consumedBefore(NodeID, first: String, then: String)
  case producedBefore(NodeID, first: String, then: String)
  case groupMembers(String, Measure)
  case groupLag(String, Measure)
  /// Every one of the partitions has a live member that reads it.
  case groupOwns(String, [PartitionName])
  case owns(NodeID, [PartitionName], group: String)
  case holds(PartitionName, text: String, Measure)
  /// Of no text does the topic hold two records that count.
  case noDuplicates(topic: String)
  case lastStable(PartitionName, Measure)
  case transaction(String, TransactionFact.Condition)
  case ownsCount(NodeID, Measure, group: String)
  /// What a stream application has told last of a key and a window, `Mapo@60s`.
  case window(String, stream: String, Measure)
  case checkout(CheckoutClaim)
  case delivery(DeliveryClaim)
  case rush(RushClaim)
  /// What clients asked and were told, of one partition or of all.
  case linearizable(PartitionName?)
  case session(SessionGuarantee, PartitionName?)
  /// Of the transactions on the isolation bench.
  case isolated(IsolationLevel)
  /// The last checkout that died happened as a whole or not at all.
  case checkoutWhole
  /// The regions' carts show the same, kept one way or the other.
  case cartsAgree
  case cartHolds(region: String, dish: String, CartKind)
  /// What the comparison that was run last counted of one of its systems.
  case compared(String, of: String, Measure)
}

/// A number compared with another.
struct Measure: Hashable, Sendable {
  enum Relation: Hashable, Sendable { case exactly, atLeast, atMost }
  var relation: Relation
  var number: Int64

  func holds(for actual: Int64) -> Bool {
    switch relation {
    case .exactly: actual == number
    case .atLeast: actual >= number
    case .atMost: actual <= number
    }
  }

  var text: String {
    switch relation {
    case .exactly: String(number)
    case .atLeast: "at least \(number)"
    case .atMost: "at most \(number)"
    }
  }
}

/// How a cart is kept.
enum CartKind: Hashable, Sendable { case lastWriter, observedRemove }
