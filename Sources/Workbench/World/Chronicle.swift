import Broker
import Clockwork
import Histories
import RecordLog
import Simulation

/// Remembers every reign that ever began, every change of an in-sync set that was committed, and how and when the clients'
/// commands ended. It never complains: it is an invariant only so as to see every event, and to rewind when the world
/// does.
struct Chronicle: Invariant {
  struct Reign: Hashable, Sendable {
    var partition: PartitionID
    var epoch: Int32
    var leader: NodeID
  }

  struct InSyncChange: Hashable, Sendable {
    var event: Int
    var time: Instant
    var partition: PartitionID
    var before: [NodeID]
    var after: [NodeID]
  }

  /// A client learnt what became of a command. Kept here, for a client that crashes forgets.
  struct Ending: Hashable, Sendable {
    var ticket: Ticket
    var event: Int
    var time: Instant
    var outcome: Outcome
  }

  /// Records that a member of a group was given in one answer, and when it had asked for them.
  struct GroupRead: Hashable, Sendable {
    var client: NodeID
    var partition: TopicPartition
    var records: [ConsumedRecord]
    var asked: Moment
    var told: Moment
  }

  /// A member of a group, by its client.
  private struct Membership: Hashable, Sendable {
    var client: NodeID
    var group: String
  }

  /// What decides who leads, in one life of a broker.
  private struct Applied: Hashable, Sendable {
    var incarnation: UInt64
    var through: Int64
  }

  private struct MemberReading: Hashable, Sendable {
    var received = 0
    /// By partition: the request under way, and since when.
    var asking: [TopicPartition: Asking] = [:]

    struct Asking: Hashable, Sendable {
      var request: CorrelationID
      var since: Moment
    }
  }

  private(set) var reigns: [Reign] = []
  /// Oldest first; the last ones.
  private(set) var groupReads: [GroupRead] = []
  private var memberships: [Membership: MemberReading] = [:]
  /// Oldest first; the last ones.
  private(set) var endings: [Ending] = []
  /// For each client how many of its commands have been seen to end.
  private var ended: [NodeID: Int] = [:]
  /// The last ones, oldest first.
  private(set) var inSyncChanges: [InSyncChange] = []
  /// For each broker the metadata by which it was last seen leading, so that an event costs a look and no search.
  private var known: [NodeID: Applied] = [:]
  /// How much of the metadata log any broker has been seen to have applied, and the in-sync sets by then.
  private var appliedThrough: Int64 = 0
  private var inSync: [PartitionID: [NodeID]] = [:]

  private static let mostChanges = 4096
  private static let mostEndings = 16_384

  var name: String { "Chronicle" }

  mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    if id.isClient {
      lookForEndings(world, id)
      lookForGroupReads(world, id)
      return nil
    }
    lookForReigns(world, id)
    lookForInSyncChanges(world, id)
    return nil
  }

  private mutating func lookForEndings(_ world: borrowing World<ClusterNode>, _ id: NodeID) {
    guard let count = world.withClient(id, { $0.finishedCount }) else { return }
    // A client that was restarted counts from zero.
    let seen = ended[id] ?? 0
    guard count != seen else { return }
    ended[id] = count
    guard let new = world.withClient(id, { $0.outcomes(last: count > seen ? count - seen : count) }) else { return }
    for (ticket, outcome) in new {
      endings.append(Ending(ticket: ticket, event: world.eventCount, time: world.now, outcome: outcome))
    }
    if endings.count > Self.mostEndings { endings.removeFirst(endings.count - Self.mostEndings) }
  }

  /// One event asks or is told at most once for each partition, and what is told came first.
  private mutating func lookForGroupReads(_ world: borrowing World<ClusterNode>, _ id: NodeID) {
    guard let subscriptions = world.withClient(id, { $0.subscriptions }), !subscriptions.isEmpty else { return }
    let (now, told) = (world.now, 2 * world.eventCount)
    for subscription in subscriptions {
      let membership = Membership(client: id, group: subscription.member.setup.group)
      var reading = memberships[membership] ?? MemberReading()
      // A client that was restarted counts from zero.
      let count = subscription.receivedCount - min(reading.received, subscription.receivedCount)
      if count > 0 {
        var byPartition: [TopicPartition: [ConsumedRecord]] = [:]
        for received in subscription.received.suffix(count) {
          byPartition[received.partition, default: []].append(received.record)
        }
        for (partition, records) in byPartition.sorted(by: { $0.key < $1.key }) {
          guard let asking = reading.asking[partition] else { continue }
          groupReads.append(
            GroupRead(
              client: id, partition: partition, records: records, asked: asking.since, told: Moment(told, now)))
        }
      }
      reading.received = subscription.receivedCount
      var asking: [TopicPartition: MemberReading.Asking] = [:]
      for (partition, request) in subscription.asking {
        guard let request else { continue }
        let known = reading.asking[partition]
        asking[partition] =
          known?.request == request ? known : MemberReading.Asking(request: request, since: Moment(told + 1, now))
      }
      reading.asking = asking
      memberships[membership] = reading
    }
    if groupReads.count > Self.mostEndings { groupReads.removeFirst(groupReads.count - Self.mostEndings) }
  }

  private mutating func lookForReigns(_ world: borrowing World<ClusterNode>, _ id: NodeID) {
    let applied = world.withBroker(id) {
      Applied(incarnation: $0.registration.incarnation, through: $0.image.appliedThrough)
    }
    guard let applied, applied != known.updateValue(applied, forKey: id) else { return }
    let new = world.withBroker(id) { broker in
      broker.replicas.filter(\.isLeading).map {
        Reign(partition: $0.id, epoch: $0.leaderEpoch.rawValue, leader: id)
      }
    }
    for reign in new ?? [] where !reigns.contains(reign) { reigns.append(reign) }
  }

  /// A broker applies only what is committed: the first to apply more than any before it shows what is new.
  private mutating func lookForInSyncChanges(_ world: borrowing World<ClusterNode>, _ id: NodeID) {
    let applied = world.withBroker(id) { $0.image.appliedThrough } ?? 0
    guard applied > appliedThrough, let topics = world.withBroker(id, { $0.image.topics }) else { return }
    appliedThrough = applied
    for topic in topics {
      for (index, state) in topic.partitions.enumerated() {
        let partition = PartitionID(topic.id, Int32(index))
        guard let before = inSync.updateValue(state.inSync, forKey: partition), before != state.inSync else { continue }
        inSyncChanges.append(
          InSyncChange(
            event: world.eventCount, time: world.now, partition: partition, before: before, after: state.inSync))
      }
    }
    if inSyncChanges.count > Self.mostChanges { inSyncChanges.removeFirst(inSyncChanges.count - Self.mostChanges) }
  }
}
