import Clockwork

/// One transactional id: what of it is durable, the step that is on its way into the log, and the markers it owes.
///
/// After Kafka's TransactionMetadata. A step is decided on what is durable and takes effect when it is durable itself;
/// meanwhile everybody else is told to come again. A step that failed may be in the log all the same: nothing follows
/// from it until a later step, or a later coordinator, has read it back.
struct Transaction: Sendable {
  /// A change that is being written.
  struct Step: Hashable {
    /// Which append of the shard it is.
    var number: UInt64
    /// Nil: the id is forgotten.
    var next: TransactionSnapshot?
    var waiter: Waiter
  }

  /// Who is told what once the step is durable.
  enum Waiter: Hashable {
    case nobody
    /// That it is done.
    case done(Asker)
    /// The producer id and epoch to go on with.
    case producer(Asker)
    /// To come again: an older instance's transaction is being aborted first.
    case later(Asker)
  }

  /// A partition that has to be told how the transaction ended.
  struct Marker: Hashable {
    var partition: TopicPartition
    /// Not sent (again) before then.
    var dueAt: Instant
    /// The request that is out.
    var asked: CorrelationID?
  }

  let id: String
  var snapshot = TransactionSnapshot()
  var step: Step?
  /// While prepared: by partition, those that have not confirmed theirs.
  var markers: [Marker] = []
  /// When there is something to do: an open transaction to abort, markers to send, an idle id to forget.
  var deadline = Instant.never
  /// While ongoing: it is aborted then.
  var openUntil = Instant.never
  /// The latest to be given this producer: the same question, doubled on the way, gets the same answer.
  var lastInit: Asker?

  init(_ id: String, _ snapshot: TransactionSnapshot = TransactionSnapshot()) {
    self.id = id
    self.snapshot = snapshot
  }

  var state: TransactionState { snapshot.state }

  /// Never written: there is nothing to remember.
  var isForgettable: Bool { snapshot.producerEpoch < 0 && step == nil }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(id)
    for part in [snapshot, step?.next ?? TransactionSnapshot()] {
      hasher.combine(part.producerID)
      hasher.combine(part.nextProducerID)
      hasher.combine(Int64(part.producerEpoch))
      hasher.combine(Int64(part.lastProducerEpoch))
      hasher.combine(Int64(part.state.rawValue))
      hasher.combine(part.partitions.count)
    }
    hasher.combine(step?.number ?? 0)
    hasher.combine(deadline.nanoseconds)
    for marker in markers {
      hasher.combine(marker.partition.topic)
      hasher.combine(marker.partition.index)
      hasher.combine(marker.dueAt.nanoseconds)
    }
  }
}

/// The steps. Each is the snapshot after it; who may take it is for `TransactionShard`.
extension TransactionSnapshot {
  /// A producer takes the id, or the transaction that stands in its way is aborted first, or why not (KIP-98, KIP-360).
  func taken(
    by request: InitProducerRequest, isBusy: Bool, at now: Int64, _ ids: inout ProducerIDs
  ) -> Result<Self, BrokerError> {
    if isBusy { return .failure(.concurrentTransactions) }
    let isKnown = request.producerID >= 0
    let wasRotated = request.producerID == previousProducerID && request.producerEpoch >= .max - 1
    guard !isKnown || request.producerID == producerID || wasRotated else { return .failure(.producerFenced) }
    if state.isPrepared { return .failure(.concurrentTransactions) }
    if state == .ongoing { return .success(fenced(at: now)) }
    if isKnown, request.producerEpoch != producerEpoch {
      // Its last answer was lost: it asks for what it has already been given.
      let isRepeated = request.producerEpoch == lastProducerEpoch && lastProducerEpoch >= 0
      return isRepeated ? .success(emptied(request.timeout, now)) : .failure(.producerFenced)
    }
    var newID: Int64?
    if isExhausted {
      newID = ids.take()
      if newID == nil { return .failure(.coordinatorLoadInProgress) }
    }
    return .success(initialised(request.timeout, recalls: isKnown, rotatingTo: newID, at: now))
  }

  /// A producer takes the id: the epoch rises, and with `rotatingTo` the producer id is another. `recalls`: the producer
  /// named its epoch, so that a repetition of the request is known for what it is (KIP-360).
  func initialised(_ timeout: Interval, recalls: Bool, rotatingTo newID: Int64?, at now: Int64) -> Self {
    var next = emptied(timeout, now)
    next.lastProducerEpoch = recalls ? producerEpoch : -1
    next.producerEpoch = newID == nil ? raisedEpoch : 0
    if let newID {
      next.previousProducerID = producerID
      next.producerID = newID
    }
    return next
  }

  /// A producer that did not hear of its new epoch asks again: it stays as it is.
  func emptied(_ timeout: Interval, _ now: Int64) -> Self {
    var next = self
    next.state = .empty
    next.timeout = timeout
    next.partitions = []
    next.started = -1
    next.updated = now
    return next
  }

  func adding(_ more: [TopicPartition], at now: Int64) -> Self {
    var next = self
    next.started = state == .ongoing ? started : now
    next.state = .ongoing
    for partition in more {
      let place = next.partitions.firstPlace { $0 >= partition }
      if place == next.partitions.count || next.partitions[place] != partition {
        next.partitions.insert(partition, at: place)
      }
    }
    next.updated = now
    return next
  }

  /// With `bumpsEpoch` the markers carry the next epoch, and so fence what is still on its way (KIP-890).
  func prepared(commit: Bool, bumpsEpoch: Bool, rotatingTo newID: Int64?, at now: Int64) -> Self {
    var next = self
    next.state = commit ? .prepareCommit : .prepareAbort
    next.started = max(0, started)
    next.updated = now
    next.bumpsEpoch = bumpsEpoch
    next.nextProducerID = newID ?? -1
    if bumpsEpoch {
      next.lastProducerEpoch = producerEpoch
      next.producerEpoch = raisedEpoch
    }
    return next
  }

  /// The coordinator aborts on its own: whoever has the present epoch is fenced, and no repetition of its own end counts
  /// as one.
  func fenced(at now: Int64) -> Self {
    var next = prepared(commit: false, bumpsEpoch: true, rotatingTo: nil, at: now)
    next.lastProducerEpoch = -1
    next.bumpsEpoch = false
    return next
  }

  /// Every marker is written.
  func completed(at now: Int64) -> Self {
    var next = self
    next.state = state == .prepareCommit ? .completeCommit : .completeAbort
    next.partitions = []
    next.updated = now
    if nextProducerID >= 0 {
      next.previousProducerID = producerID
      next.lastProducerEpoch = producerEpoch
      next.producerID = nextProducerID
      next.producerEpoch = 0
      next.nextProducerID = -1
    }
    return next
  }

  /// Stands still at the end of the numbers, which no client is ever given.
  private var raisedEpoch: Int16 { producerEpoch == .max ? .max : producerEpoch + 1 }

  /// What a producer goes on with once the transaction is complete.
  var successor: (id: Int64, epoch: Int16) {
    nextProducerID >= 0 ? (nextProducerID, 0) : (producerID, producerEpoch)
  }

  /// The claim is one epoch behind because its own end raised the epoch: the answer was lost (KIP-890).
  func isRepeatedEnd(_ claim: TransactionClaim) -> Bool {
    guard bumpsEpoch, claim.producerEpoch < .max else { return false }
    if producerID == claim.producerID { return producerEpoch == claim.producerEpoch + 1 }
    return previousProducerID == claim.producerID && claim.producerEpoch == .max - 1 && producerEpoch == 0
  }
}

extension Transaction.Waiter {
  var asker: Asker? {
    switch self {
    case .nobody: nil
    case .done(let asker), .producer(let asker), .later(let asker): asker
    }
  }
}

extension Asker {
  func answer(transaction reply: TransactionReply, _ fx: inout BrokerEffects) {
    fx.send(.fromTransactions(reply, correlation), to: node)
  }

  func refuse(transaction error: BrokerError, _ fx: inout BrokerEffects) {
    answer(transaction: .refused(error), &fx)
  }
}
