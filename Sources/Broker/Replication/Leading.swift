import Clockwork
import RecordLog

/// What a leader does: appends, answers fetches, knows its followers, moves the high watermark.
extension Broker {
  // MARK: Produce

  mutating func append(
    _ request: ProduceRequest, for writer: Writer, isVerified: Bool = false, _ fx: inout BrokerEffects
  ) {
    switch tryAppend(request, for: writer, isVerified: isVerified, &fx) {
    case .refused(let error): refuse(request, error, writer, &fx)
    case .unverified: verify(request, for: writer, &fx)
    case .appended(let base, let next, let stamp):
      guard let index = replicaIndex(of: request.partition) else { return }
      advanceHighWatermark(index, &fx)
      wakeFetches(for: request.partition, &fx)
      switch request.acks {
      case .none: break
      case .leader: answer(request.partition, at: base, stamp, to: writer, &fx)
      case .all:
        let held = HeldProduce(
          partition: request.partition, epoch: replicas[index].leaderEpoch, base: base, needed: next, stamp: stamp,
          writer: writer, deadline: fx.now + request.timeout)
        if replicas[index].highWatermark >= next { complete(held, index, &fx) } else { hold(held, &fx) }
      }
    }
  }

  private enum Append {
    /// Here they lie, now or since the producer first sent them.
    case appended(Offset, next: Offset, stamp: Int64?)
    case unverified
    case refused(BrokerError)
  }

  private mutating func tryAppend(
    _ request: ProduceRequest, for writer: Writer, isVerified: Bool, _ fx: inout BrokerEffects
  ) -> Append {
    guard let index = replicaIndex(of: request.partition) else {
      return .refused(image.partition(request.partition) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower)
    }
    guard replicas[index].isLeading else { return .refused(.notLeaderOrFollower) }
    guard !replicas[index].isOffline else { return .refused(.kafkaStorageError) }
    if request.acks == .all, setup.rules.minInSyncGate, !replicas[index].hasEnoughInSync {
      return .refused(.notEnoughReplicas)
    }
    let slot = replicas[index].slot
    switch ledgers[slot].judge(request, from: writer, isVerified: isVerified, setup.rules) {
    case .append: break
    case .unverified: return .unverified
    case .refused(let error): return .refused(error)
    case .repeats(let original):
      fx.note("has \(image.name(of: request.partition)) \(original.baseOffset) already")
      return .appended(original.baseOffset, next: original.nextOffset, stamp: nil)
    }
    var batch = request.batch
    if replicas[index].stampsRecords { batch = batch.stamped(at: fx.now.nanoseconds / 1_000_000) }
    batch.baseOffset = disk.partitions[slot].log.endOffset
    batch.leaderEpoch = replicas[index].leaderEpoch
    do {
      try disk.partitions[slot].log.append(batch)
    } catch {
      if error != .diskFull { replicas[index].isOffline = true }
      return .refused(.kafkaStorageError)
    }
    ledgers[slot].note(batch, at: fx.now)
    fx.note("appends \(image.name(of: request.partition)) \(batch.baseOffset)")
    if case .markers = writer { refuseUnverified(batch.producerID, in: request.partition, &fx) }
    return .appended(
      batch.baseOffset, next: batch.nextOffset, stamp: replicas[index].stampsRecords ? batch.maxTimestamp : nil)
  }

  /// Nothing was appended; whoever wants an answer gets one.
  mutating func refuse(
    _ request: ProduceRequest, _ error: BrokerError, _ writer: Writer, _ fx: inout BrokerEffects
  ) {
    if request.acks != .none { answer(request.partition, error, to: writer, &fx) }
  }

  mutating func answer(
    _ partition: PartitionID, _ error: BrokerError? = nil, at base: Offset = .zero, _ stamp: Int64? = nil,
    to writer: Writer, _ fx: inout BrokerEffects
  ) {
    switch writer {
    case .client(let client, let id):
      fx.send(
        .produced(ProduceReply(partition: partition, error: error, baseOffset: base, stamp: stamp), id), to: client)
    case .group(let id):
      if let error { groups.failed(id, error, &fx) } else { groups.appended(id, &fx) }
    case .markers(let number): settle(markers: number, partition, error, &fx)
    case .transaction(let id):
      if let error { transactions.failed(id, error, &fx) } else { transactions.appended(id, &fx) }
    }
  }

  // MARK: Fetch

  mutating func serve(_ request: consuming FetchRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    if request.replica != nil {
      for partition in request.partitions { noteProgress(of: from, partition, request.replicaEpoch, &fx) }
    }
    let found = read(request)
    if found.isWorthSending || request.maxWait <= .zero || found.bytes >= request.minBytes {
      fx.send(.fetched(found.reply, id), to: from)
    } else {
      hold(HeldFetch(request: request, fetcher: from, correlation: id, deadline: fx.now + request.maxWait), &fx)
    }
  }

  struct Found {
    var reply: FetchReply
    var bytes = 0
    /// An error or a divergence: the fetcher should hear at once.
    var isWorthSending = false
  }

  /// What can be given for a fetch right now.
  func read(_ request: FetchRequest) -> Found {
    var found = Found(reply: FetchReply(partitions: []))
    found.reply.partitions.reserveCapacity(request.partitions.count)
    var room = request.maxBytes
    for partition in request.partitions {
      var answer = read(partition, request, room: room)
      var bytes = answer.records.sizeInBytes
      // Only the first batch of an answer may be larger than asked for (KIP-74).
      if found.bytes > 0, bytes > min(room, partition.maxBytes) {
        answer.records = .batches([])
        answer.aborted = []
        bytes = 0
      }
      room -= min(room, bytes)
      found.bytes += bytes
      if answer.error != nil || answer.diverging != nil { found.isWorthSending = true }
      found.reply.partitions.append(answer)
    }
    return found
  }

  private func read(_ asked: FetchPartition, _ request: FetchRequest, room: Int) -> FetchedPartition {
    guard let index = replicaIndex(of: asked.id) else {
      let error: BrokerError = image.partition(asked.id) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower
      return FetchedPartition(asked.id, error: error, highWatermark: .zero)
    }
    let (slot, highWatermark) = (replicas[index].slot, replicas[index].highWatermark)
    if let error = refusal(of: asked.currentEpoch, index, anyReplica: request.anyReplica && request.replica == nil) {
      return FetchedPartition(asked.id, error: error, highWatermark: highWatermark)
    }
    let (start, end) = (disk.partitions[slot].log.startOffset, disk.partitions[slot].log.endOffset)
    var answer = FetchedPartition(asked.id, highWatermark: highWatermark, logStart: start)
    answer.diverging = divergence(of: asked, slot)
    if answer.diverging != nil { return answer }
    answer.lastStableOffset = lastStableOffset(index)
    let isCommitted = request.isolation == .readCommitted
    let limit = request.replica != nil ? end : isCommitted ? answer.lastStableOffset : highWatermark
    guard asked.offset < limit || asked.offset > end || asked.offset < start else { return answer }
    do {
      answer.records = try disk.partitions[slot].log.slice(
        from: asked.offset, upTo: limit, maxBytes: max(1, min(room, asked.maxBytes)))
      if isCommitted, !answer.records.isEmpty {
        answer.aborted = ledgers[slot].aborted(from: asked.offset, upTo: answer.records.nextOffset ?? limit)
      }
    } catch .outOfRange(_, let end) {
      answer.error = .offsetOutOfRange
      answer.logEnd = end
    } catch {
      answer.error = .kafkaStorageError
    }
    return answer
  }

  /// Whether a fetcher that believes in `epoch` may be served, and if not, why (KIP-320).
  func refusal(of epoch: LeaderEpoch?, _ index: Int, anyReplica: Bool) -> BrokerError? {
    if replicas[index].isOffline { return .kafkaStorageError }
    if let epoch, epoch < replicas[index].leaderEpoch { return .fencedLeaderEpoch }
    if let epoch, epoch > replicas[index].leaderEpoch { return .unknownLeaderEpoch }
    return replicas[index].isLeading || anyReplica ? nil : .notLeaderOrFollower
  }

  mutating func serve(_ request: EpochEndRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    var reply = EpochEndReply(request.id)
    if let index = replicaIndex(of: request.id) {
      let log = disk.partitions[replicas[index].slot].log
      // Before KIP-320 nobody asked whether the one who answers still leads, or who asks still follows it.
      reply.error =
        setup.rules.truncation == .fenced ? refusal(of: request.currentEpoch, index, anyReplica: false) : nil
      if reply.error == nil {
        // KIP-101 told of an epoch only what it knew of exactly that one.
        let isTold = setup.rules.truncation != .leaderEpoch || log.epochs.knows(request.epoch)
        reply.end = isTold ? log.epochs.end(for: request.epoch, logEnd: log.endOffset) : nil
      }
    } else {
      reply.error = .unknownTopicOrPartition
    }
    fx.send(.epochEnded(reply, id), to: from)
  }

  // MARK: Followers and the high watermark

  /// A follower's fetch offset is its word that it holds everything before.
  private mutating func noteProgress(
    of follower: NodeID, _ asked: FetchPartition, _ brokerEpoch: BrokerEpoch?, _ fx: inout BrokerEffects
  ) {
    guard let index = replicaIndex(of: asked.id) else { return }
    let epoch = replicas[index].leaderEpoch
    let slot = replicas[index].slot
    let end = disk.partitions[slot].log.endOffset
    guard (asked.currentEpoch ?? epoch) == epoch, asked.offset <= end, divergence(of: asked, slot) == nil,
      let (before, progress) = replicas[index].leadership?.note(
        follower, holds: asked.offset, of: end, brokerEpoch, at: fx.now)
    else { return }
    if before.logEnd != asked.offset { advanceHighWatermark(index, &fx) }
    if !replicas[index].state.inSync.contains(follower) { expandInSyncSet(index, with: progress, &fx) }
  }

  /// Where the fetcher's log parts from this one: until it has truncated, its offset proves nothing.
  @inline(__always)
  private func divergence(of asked: FetchPartition, _ slot: Int) -> EpochEnd? {
    guard let last = asked.lastFetchedEpoch,
      let end = disk.partitions[slot].log.epochs.end(for: last, logEnd: disk.partitions[slot].log.endOffset)
    else { return nil }
    return end.epoch < last || end.endOffset < asked.offset ? end : nil
  }

  /// Moves the high watermark as far as followers and rules allow, and lets whoever waited for that go on.
  mutating func advanceHighWatermark(_ index: Int, _ fx: inout BrokerEffects) {
    let end = disk.partitions[replicas[index].slot].log.endOffset
    guard replicas[index].advanceHighWatermark(logEnd: end, setup.rules) else { return }
    let id = replicas[index].id
    fx.note("high watermark \(image.name(of: id)) → \(replicas[index].highWatermark)")
    commitTransactions(index, &fx)
    activateHosting(index, &fx)
    completeProduces(index, &fx)
    wakeFetches(for: id, &fx)
  }
}
