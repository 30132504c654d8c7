import Clockwork
public import RecordLog

/// Names one append to a shard of `__consumer_offsets`. Never used twice: a reign's epoch is part of it.
public struct GroupAppendID: Hashable, Comparable, Sendable {
  public var shard: Int32
  public var epoch: LeaderEpoch
  public var number: UInt64

  public static func < (a: GroupAppendID, b: GroupAppendID) -> Bool {
    (a.shard, a.epoch.rawValue, a.number) < (b.shard, b.epoch.rawValue, b.number)
  }
}

/// Records that the coordinator wants in its log with acks=all; it hears of the end by
/// `GroupCoordinator.appended` or `failed`.
public struct GroupAppend: Hashable, Sendable {
  public var id: GroupAppendID
  public var records: [Record]
  /// The transaction that they belong to.
  public var transaction: TransactionClaim?
}

/// What of one shard must be written before it is answered.
struct GroupLedger: Sendable {
  /// What an append is for.
  enum Purpose: Hashable {
    /// The leader's assignment; the held syncs are answered when it is durable.
    case assignment(generation: Int32)
    /// The group ran empty; nobody waits.
    case emptied
    /// A static member came back under a new id; its join is answered then. `leader` is who it is told leads.
    case replacement(member: String, generation: Int32, Asker)
    case offsets([GroupOffset], Asker)
    case transactionOffsets(producerID: Int64, Asker)
    case offsetDeletion([OffsetDeletion], Asker)
    /// Nobody waits when the group has expired.
    case deletion(Asker?)
    /// A change to a consumer group of the new protocol; `removed` are members whose tombstones are in it.
    case roster(removed: [String], Waiting?)
  }

  /// Who is told what, once that is durable.
  struct Waiting: Hashable {
    var asker: Asker
    var answer: ConsumerHeartbeatAnswer
  }

  struct Pending {
    var id: GroupAppendID
    var group: String
    var purpose: Purpose
    /// Milliseconds.
    var timestamp: Int64
  }

  let setup: GroupSetup
  let shard: Int32
  let epoch: LeaderEpoch
  /// In the order of their ids.
  private(set) var pending: [Pending] = []
  private(set) var appends: [GroupAppend] = []
  private var lastNumber: UInt64 = 0
  private var lastMember: UInt64 = 0

  init(_ setup: GroupSetup, shard: Int32, epoch: LeaderEpoch) {
    self.setup = setup
    self.shard = shard
    self.epoch = epoch
  }

  var isFull: Bool { pending.count >= setup.maxPendingAppends }

  func hasPending(of group: String) -> Bool { pending.contains { $0.group == group } }

  @discardableResult
  mutating func append(
    _ records: [GroupRecord], of group: String, for purpose: Purpose, in transaction: TransactionClaim? = nil,
    at now: Instant
  ) -> UInt64 {
    lastNumber += 1
    let id = GroupAppendID(shard: shard, epoch: epoch, number: lastNumber)
    pending.append(Pending(id: id, group: group, purpose: purpose, timestamp: now.milliseconds))
    appends.append(GroupAppend(id: id, records: records.map(\.record), transaction: transaction))
    return lastNumber
  }

  /// A record of an earlier reign: older than whatever this one appends.
  mutating func numberLoaded() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }

  mutating func takeAppends() -> [GroupAppend] {
    guard !appends.isEmpty else { return [] }
    defer { appends.removeAll(keepingCapacity: true) }
    return appends
  }

  /// The append has ended one way or the other; nil when it is not, or no longer, waited for.
  mutating func settle(_ id: GroupAppendID) -> Pending? {
    guard let place = pending.firstIndex(where: { $0.id == id }) else { return nil }
    return pending.remove(at: place)
  }

  /// A member id that no coordinator has given before or will again: `c1-4.2` is the second of the shard's fourth reign.
  mutating func mintMember(for prefix: String) -> String {
    lastMember += 1
    return "\(prefix)-\(epoch).\(lastMember)"
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(shard)
    hasher.combine(epoch.rawValue)
    hasher.combine(lastNumber)
    hasher.combine(lastMember)
    for one in pending { hasher.combine(one.id.number) }
  }
}

extension Instant {
  /// Milliseconds since the world began: the form in which records keep time.
  var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
