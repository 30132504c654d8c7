import Clockwork
import RecordLog

/// The line from this broker to one leader: one request at a time for all partitions that it follows there.
struct Fetcher: Sendable {
  let leader: NodeID
  /// Which replicas, as indices into `replicas` (rebuilt whenever those change).
  var followed: [Int]
  /// The fetch that is out, if any.
  var inFlight: CorrelationID?
  /// When to give up on it, or when the back-off ends.
  var deadline: Instant
}

/// What a follower does: brings its log in line with its leader's, then copies it.
extension Broker {
  /// Makes the fetchers fit the roles, and lets each that has nothing out ask at once.
  mutating func refreshFetchers(_ fx: inout BrokerEffects) {
    for place in fetchers.indices { fetchers[place].followed.removeAll(keepingCapacity: true) }
    for index in replicas.indices {
      guard replicas[index].followership != nil, let leader = replicas[index].state.leader else { continue }
      if let place = fetchers.firstIndex(where: { $0.leader == leader }) {
        fetchers[place].followed.append(index)
      } else {
        let place = fetchers.firstIndex { leader < $0.leader } ?? fetchers.count
        fetchers.insert(Fetcher(leader: leader, followed: [index], inFlight: nil, deadline: fx.now), at: place)
      }
    }
    fetchers.removeAll { $0.followed.isEmpty }
    for place in fetchers.indices where fetchers[place].inFlight == nil { fetch(place, &fx) }
  }

  /// Asks again wherever an answer is overdue or a back-off is over.
  mutating func fetchAll(_ fx: inout BrokerEffects) {
    var next = Instant.never
    for place in fetchers.indices {
      if fetchers[place].deadline <= fx.now { fetch(place, &fx) }
      next = min(next, fetchers[place].deadline)
    }
    if next != .never { fetcherAlarm.ring(.fetchers, by: next, &fx) }
  }

  private mutating func fetch(_ place: Int, _ fx: inout BrokerEffects) {
    let leader = fetchers[place].leader
    let fenced = setup.rules.truncation == .fenced
    var asked: [FetchPartition] = []
    asked.reserveCapacity(fetchers[place].followed.count)
    for index in fetchers[place].followed {
      let (id, slot) = (replicas[index].id, replicas[index].slot)
      guard !replicas[index].isOffline, let phase = replicas[index].followership else { continue }
      if case .truncating(let epoch) = phase {
        let request = EpochEndRequest(id, epoch: epoch, currentEpoch: nil)
        fx.send(.epochEnd(request, newCorrelation()), to: leader)
        continue
      }
      asked.append(
        FetchPartition(
          id, offset: disk.partitions[slot].log.endOffset, currentEpoch: fenced ? replicas[index].leaderEpoch : nil,
          lastFetchedEpoch: fenced ? disk.partitions[slot].log.epochs.latest : nil))
    }
    let correlation = newCorrelation()
    fetchers[place].deadline = fx.now + setup.replicaFetchWait + setup.replicaRequestTimeout
    fetcherAlarm.ring(.fetchers, by: fetchers[place].deadline, &fx)
    fetchers[place].inFlight = asked.isEmpty ? nil : correlation
    guard !asked.isEmpty else { return }
    let request = FetchRequest(
      replica: id, replicaEpoch: registration.epoch, maxWait: setup.replicaFetchWait, maxBytes: setup.replicaFetchBytes,
      partitions: asked)
    fx.send(.fetch(request, correlation), to: leader)
  }

  mutating func take(_ reply: consuming FetchReply, _ id: CorrelationID, from leader: NodeID, _ fx: inout BrokerEffects)
  {
    // An answer that nobody waits for is a duplicate, or came too late: the log may have moved on.
    guard let place = fetchers.firstIndex(where: { $0.leader == leader }), fetchers[place].inFlight == id else {
      return
    }
    fetchers[place].inFlight = nil
    var failed = false
    for partition in reply.partitions where !take(partition, from: leader, &fx) { failed = true }
    guard let place = fetchers.firstIndex(where: { $0.leader == leader }), fetchers[place].inFlight == nil else {
      return
    }
    if failed {
      fetchers[place].deadline = fx.now + setup.replicaFetchBackoff
      fetcherAlarm.ring(.fetchers, by: fetchers[place].deadline, &fx)
    } else {
      fetch(place, &fx)
    }
  }

  /// False when the leader could not serve this partition, so that asking again at once is no use.
  private mutating func take(_ fetched: FetchedPartition, from leader: NodeID, _ fx: inout BrokerEffects) -> Bool {
    guard let index = replicaIndex(of: fetched.id), replicas[index].state.leader == leader,
      replicas[index].followership == .fetching
    else { return true }
    let slot = replicas[index].slot
    if let end = fetched.diverging {
      // Truncate to where the leader's epoch ended, or to where this log's own part of it ended if that is earlier.
      let own = disk.partitions[slot].log.epochs.end(for: end.epoch, logEnd: disk.partitions[slot].log.endOffset)
      truncate(
        index, to: min(end.endOffset, own?.endOffset ?? .zero), "epoch \(end.epoch) ended there at \(leader)", &fx)
      return true
    }
    switch fetched.error {
    case nil: break
    case .offsetOutOfRange:
      moveIntoRange(index, fetched, &fx)
      return true
    default: return false
    }
    do throws(LogError) {
      try copy(fetched.records, to: slot, &fx)
      if fetched.logStart > disk.partitions[slot].log.startOffset {
        try disk.partitions[slot].log.advanceStart(to: min(fetched.logStart, disk.partitions[slot].log.endOffset))
      }
    } catch {
      if error != .diskFull { replicas[index].isOffline = true }
      fx.note("cannot append \(image.name(of: fetched.id)): \(error)")
      return false
    }
    let known = min(fetched.highWatermark, disk.partitions[slot].log.endOffset)
    if known > replicas[index].highWatermark {
      replicas[index].highWatermark = known
      commitTransactions(index, &fx)
      fx.note("learns high watermark \(image.name(of: fetched.id)) → \(known)")
      wakeFetches(for: fetched.id, &fx)
    }
    return true
  }

  private mutating func copy(_ records: LogSlice, to slot: Int, _ fx: inout BrokerEffects) throws(LogError) {
    let end = disk.partitions[slot].log.endOffset
    let batches = try records.batches().drop { $0.baseOffset < end }
    guard !batches.isEmpty else { return }
    defer {
      for batch in batches where batch.nextOffset <= disk.partitions[slot].log.endOffset {
        ledgers[slot].note(batch, at: fx.now)
      }
    }
    try disk.partitions[slot].log.append(contentsOf: Array(batches))
  }

  /// The leader's log ends before this one, or begins after it.
  private mutating func moveIntoRange(_ index: Int, _ fetched: FetchedPartition, _ fx: inout BrokerEffects) {
    let slot = replicas[index].slot
    if let end = fetched.logEnd, end < disk.partitions[slot].log.endOffset {
      truncate(index, to: end, "the leader's log end", &fx)
    } else if fetched.logStart > disk.partitions[slot].log.endOffset {
      do { try disk.partitions[slot].log.reset(to: fetched.logStart) } catch { replicas[index].isOffline = true }
      rebuildLedger(slot, highWatermark: replicas[index].highWatermark, at: fx.now)
    }
  }

  mutating func truncate(_ index: Int, to offset: Offset, _ why: @autoclosure () -> String, _ fx: inout BrokerEffects) {
    let slot = replicas[index].slot
    let end = disk.partitions[slot].log.endOffset
    // Even at the log end: an epoch that was begun there and never written in would be asked about for ever (Kafka's
    // UnifiedLog.truncateTo drops it too).
    do { try disk.partitions[slot].log.truncate(to: min(offset, end)) } catch { replicas[index].isOffline = true }
    guard offset < end else { return }
    let left = disk.partitions[slot].log.endOffset
    replicas[index].highWatermark = min(replicas[index].highWatermark, left)
    disk.partitions[slot].checkpointedHighWatermark = min(disk.partitions[slot].checkpointedHighWatermark, left)
    rebuildLedger(slot, highWatermark: replicas[index].highWatermark, at: fx.now)
    fx.note("truncates \(image.name(of: replicas[index].id)) from \(end) to \(left): \(why())")
  }

  /// The answer of KIP-101 and KIP-279: where the asked epoch, or the closest before it, ended in the leader's log.
  mutating func take(_ reply: EpochEndReply, from leader: NodeID, _ fx: inout BrokerEffects) {
    guard let index = replicaIndex(of: reply.id), replicas[index].state.leader == leader,
      case .truncating(let asked) = replicas[index].followership, reply.error == nil
    else { return }
    let log = disk.partitions[replicas[index].slot].log
    guard let end = reply.end else {
      truncate(index, to: replicas[index].highWatermark, "\(leader) does not know epoch \(asked)", &fx)
      return beginFetching(index, leader, &fx)
    }
    let own = log.epochs.end(for: end.epoch, logEnd: log.endOffset)
    truncate(index, to: min(end.endOffset, own?.endOffset ?? .zero), "epoch \(end.epoch) ended there at \(leader)", &fx)
    if let own, own.epoch < end.epoch, own.epoch < asked {
      replicas[index].followership = .truncating(asked: own.epoch)
      fx.send(.epochEnd(EpochEndRequest(reply.id, epoch: own.epoch, currentEpoch: nil), newCorrelation()), to: leader)
    } else {
      beginFetching(index, leader, &fx)
    }
  }

  private mutating func beginFetching(_ index: Int, _ leader: NodeID, _ fx: inout BrokerEffects) {
    replicas[index].followership = .fetching
    if let place = fetchers.firstIndex(where: { $0.leader == leader }), fetchers[place].inFlight == nil {
      fetch(place, &fx)
    }
  }
}
