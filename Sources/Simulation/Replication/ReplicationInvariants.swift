public import Broker
public import Clockwork
public import RecordLog

/// At most one broker leads a partition in any one leader epoch.
public struct SingleLeaderPerEpoch: Invariant {
  public var name: String { "SingleLeaderPerEpoch" }

  private struct Reign: Hashable {
    var partition: PartitionID
    var epoch: LeaderEpoch
  }

  private var leaders: [Reign: NodeID] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    let replicas = world.replicas(of: id)
    for index in replicas.indices where replicas[index].isLeading {
      let reign = Reign(partition: replicas[index].id, epoch: replicas[index].leaderEpoch)
      guard let other = leaders[reign] else {
        leaders[reign] = id
        continue
      }
      if other != id {
        return "\(other) and \(id) both lead \(world.name(of: reign.partition, on: id)) in epoch \(reign.epoch)"
      }
    }
    return nil
  }
}

/// At most one controller in any one epoch of the quorum.
public struct SingleControllerPerEpoch: Invariant {
  public var name: String { "SingleControllerPerEpoch" }

  private var controllers: [QuorumEpoch: NodeID] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    guard let epoch = world.withBroker(id, { $0.quorum.isLeader ? $0.quorum.epoch : nil }) ?? nil else { return nil }
    guard let other = controllers[epoch] else {
      controllers[epoch] = id
      return nil
    }
    return other == id ? nil : "\(other) and \(id) are both controller in epoch \(epoch)"
  }
}

/// One broker's replica of one partition.
private struct Place: Hashable {
  var node: NodeID
  var partition: PartitionID
}

/// A replica's high watermark does not fall while its process lives, whatever it truncates.
public struct HighWatermarkNeverFalls: Invariant {
  public var name: String { "HighWatermarkNeverFalls" }

  private struct Mark {
    var incarnation: UInt64
    var highWatermark: Offset
  }

  private var marks: [Place: Mark] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    guard let incarnation = world.withBroker(id, { $0.registration.incarnation }) else { return nil }
    let replicas = world.replicas(of: id)
    for index in replicas.indices {
      let place = Place(node: id, partition: replicas[index].id)
      let mark = Mark(incarnation: incarnation, highWatermark: replicas[index].highWatermark)
      let before = marks.updateValue(mark, forKey: place)
      guard let before, before.incarnation == incarnation, mark.highWatermark < before.highWatermark,
        !world.wasElectedUncleanly(place.partition)
      else { continue }
      return "the high watermark of \(world.name(of: place.partition, on: id)) on \(id) fell from "
        + "\(before.highWatermark) to \(mark.highWatermark)"
    }
    return nil
  }
}

/// Below their high watermarks all replicas of a partition hold the same records, and no committed record ever changes.
///
/// Each high watermark that any replica ever reports is remembered with the digest of the log below it; every later
/// report must agree with it.
public struct CommittedLogsAgree: Invariant {
  public var name: String { "CommittedLogsAgree" }

  private struct Commitment {
    var highWatermark: Offset
    var digest: UInt64
    var first: NodeID
  }

  /// Per partition, by rising high watermark.
  private var commitments: [PartitionID: [Commitment]] = [:]
  private var checked: [Place: Offset] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    let replicas = world.replicas(of: id)
    for index in replicas.indices {
      let (partition, mark) = (replicas[index].id, replicas[index].highWatermark)
      let place = Place(node: id, partition: partition)
      guard checked[place] != mark, mark > .zero else { continue }
      checked[place] = mark
      guard let log = world.withBroker(id, { $0.log(of: replicas[index]) }) else { continue }
      if let other = disagreement(partition, mark, log, id), !world.wasElectedUncleanly(partition) {
        return "\(world.name(of: partition, on: id)): \(id) and \(other.first) disagree on what is committed below "
          + "\(other.highWatermark)"
      }
    }
    return nil
  }

  private mutating func disagreement(
    _ partition: PartitionID, _ mark: Offset, _ log: MemoryLog, _ id: NodeID
  ) -> Commitment? {
    let known = commitments[partition] ?? []
    let place = known.lastIndex { $0.highWatermark <= mark }
    if let place, log.digest(before: known[place].highWatermark) != known[place].digest { return known[place] }
    if place == nil || known[place!].highWatermark < mark {
      let next = place.map { $0 + 1 } ?? 0
      commitments[partition, default: []].insert(
        Commitment(highWatermark: mark, digest: log.digest(before: mark), first: id), at: next)
    }
    return nil
  }
}

/// A record acknowledged with acks=all is in the log of every later leader (while elections are clean).
///
/// A broker that hears late of an earlier epoch may still take up that reign: it leads nothing any more, every follower
/// fences it, and what was acknowledged since need not be in its log.
public struct AckedIsDurable: Invariant {
  public var name: String { "AckedIsDurable" }

  /// The highest epoch in which anybody has led each partition.
  private var latest: [PartitionID: LeaderEpoch] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<ClusterNode>, touched id: NodeID) -> String? {
    var reigns: [PartitionID] = []
    let replicas = world.replicas(of: id)
    for index in replicas.indices where replicas[index].isLeading {
      let (partition, epoch) = (replicas[index].id, replicas[index].leaderEpoch)
      if let known = latest[partition], known >= epoch { continue }
      latest[partition] = epoch
      reigns.append(partition)
    }
    for partition in reigns where !world.wasElectedUncleanly(partition) {
      if let lost = Self.lost(in: world, partition, leader: id).first { return lost }
    }
    return nil
  }

  /// The acknowledged records (acks=all) that the leader's log does not hold, each in a sentence.
  public static func lost(
    in world: borrowing World<ClusterNode>, _ partition: PartitionID, leader: NodeID
  ) -> [String] {
    let acknowledged = world.acknowledged(acks: .all).filter { $0.partition == partition }
    return world.withNode(leader) { node in
      guard let broker = node.broker, let replica = broker.replica(of: partition) else { return [] }
      let log = broker.log(of: replica)
      return acknowledged.filter { !log.holds($0) }.map {
        "\(broker.image.name(of: partition)) offset \($0.base), acknowledged with acks=all by \($0.by), is not in the "
          + "log of \(leader), leader in epoch \(replica.leaderEpoch)"
      }
    } ?? []
  }
}

extension World where N == ClusterNode {
  /// What a live broker calls a partition.
  func name(of partition: PartitionID, on id: NodeID) -> String {
    withBroker(id) { $0.image.name(of: partition) } ?? "\(partition)"
  }

  /// Whether a leader was ever taken from outside the in-sync set: nobody promises anything about the partition then.
  ///
  /// Happens under clean elections too when every in-sync and eligible replica has lost power (KIP-966: the last leader
  /// is taken). Read off the metadata logs, whose records are all kept.
  public func wasElectedUncleanly(_ partition: PartitionID) -> Bool {
    brokers.contains { id in
      withDisk(id) { disk in
        disk.quorum.log.entries(from: 0, limit: .max).contains { entry in
          if case .partition(partition, let state) = entry.record { state.electedUncleanly } else { false }
        }
      } ?? false
    }
  }
}

extension MemoryLog {
  /// Whether exactly the acknowledged batch lies at its offset.
  public func holds(_ ack: Acknowledgement) -> Bool {
    guard let batches = try? read(from: ack.base, upTo: ack.base + 1, maxBytes: 1), let batch = batches.first else {
      return false
    }
    return batch.baseOffset == ack.base && batch.checksum == ack.checksum
  }
}
