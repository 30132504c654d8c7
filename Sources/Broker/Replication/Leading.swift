import Clockwork
import RecordLog

/// What a leader does: appends, answers fetches, knows its followers, moves the high watermark.
extension Broker {
  // MARK: Produce

  mutating func append(_ request: ProduceRequest, for writer: Writer, _ fx: inout BrokerEffects) {
    switch tryAppend(request, &fx) {
    case .failure(let error):
      if request.acks != .none { answer(request.partition, error, to: writer, &fx) }
    case .success(let base):
      let needed = base + (request.batch.nextOffset - request.batch.baseOffset)
      guard let index = replicaIndex(of: request.partition) else { return }
      advanceHighWatermark(index, &fx)
      wakeFetches(for: request.partition, &fx)
      switch request.acks {
      case .none: break
      case .leader: answer(request.partition, at: base, to: writer, &fx)
      case .all:
        let held = HeldProduce(
          partition: request.partition, epoch: replicas[index].leaderEpoch, base: base, needed: needed, writer: writer,
          deadline: fx.now + request.timeout)
        if replicas[index].highWatermark >= needed { complete(held, index, &fx) } else { hold(held, &fx) }
      }
    }
  }

  private mutating func tryAppend(_ request: ProduceRequest, _ fx: inout BrokerEffects) -> Result<Offset, BrokerError> {
    guard let index = replicaIndex(of: request.partition) else {
      return .failure(image.partition(request.partition) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower)
    }
    guard replicas[index].isLeading else { return .failure(.notLeaderOrFollower) }
    guard !replicas[index].isOffline else { return .failure(.kafkaStorageError) }
    if request.acks == .all, setup.rules.minInSyncGate, !replicas[index].hasEnoughInSync {
      return .failure(.notEnoughReplicas)
    }
    let slot = replicas[index].slot
    var batch = request.batch
    batch.baseOffset = disk.partitions[slot].log.endOffset
    batch.leaderEpoch = replicas[index].leaderEpoch
    do {
      try disk.partitions[slot].log.append(batch)
      fx.note("appends \(image.name(of: request.partition)) \(batch.baseOffset)")
      return .success(batch.baseOffset)
    } catch {
      if error == .diskFull { return .failure(.kafkaStorageError) }
      replicas[index].isOffline = true
      return .failure(.kafkaStorageError)
    }
  }

  mutating func answer(
    _ partition: PartitionID, _ error: BrokerError? = nil, at base: Offset = .zero, to writer: Writer,
    _ fx: inout BrokerEffects
  ) {
    switch writer {
    case .client(let client, let id):
      fx.send(.produced(ProduceReply(partition: partition, error: error, baseOffset: base), id), to: client)
    case .group(let id):
      if let error { groups.failed(id, error, &fx) } else { groups.appended(id, &fx) }
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
      let answer = read(partition, request, room: room)
      let bytes = answer.batches.reduce(0) { $0 + $1.sizeInBytes }
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
    let limit = request.replica == nil ? highWatermark : end
    guard asked.offset < limit || asked.offset > end || asked.offset < start else { return answer }
    do {
      answer.batches = try disk.partitions[slot].log.read(from: asked.offset, upTo: limit, maxBytes: max(room, 1))
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
        let end = log.epochs.end(for: request.epoch, logEnd: log.endOffset)
        reply.end = setup.rules.truncation == .leaderEpoch && end?.epoch != request.epoch ? nil : end
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
    activateHosting(index, &fx)
    completeProduces(index, &fx)
    wakeFetches(for: id, &fx)
  }
}
