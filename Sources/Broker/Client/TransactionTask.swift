import Clockwork
import RecordLog

/// A transaction under way: one request at a time, each until it is answered.
struct TransactionTask: Sendable {
  enum Stage: Hashable, Sendable {
    case initialise, addPartitions
    case write(Int)
    case addOffsets, commitOffsets, end
  }

  /// Answers that a report tells at most.
  static let mostSteps = 200

  let ticket: Ticket
  let order: TransactionOrder
  var stage = Stage.initialise
  /// A transactional id has one transaction at a time: later orders wait.
  var hasBegun = false
  var attempt: Attempt
  /// Who is said to coordinate the transaction, and the group whose offsets it commits; nil while unknown.
  var coordinator: NodeID?
  var groupCoordinator: NodeID?
  /// The producer id and epoch that the transaction began with.
  var producerID: Int64 = -1
  var producerEpoch: Int16 = -1
  /// Something went wrong: it will be aborted, whatever was ordered.
  var failure: BrokerError?
  var asked = ""
  var steps: [Transacted.Step] = []

  var commits: Bool { order.commit && failure == nil }

  var next: Stage {
    switch stage {
    case .initialise: order.writes.isEmpty ? afterWrites : .addPartitions
    case .addPartitions: .write(0)
    case .write(let at): at + 1 < order.writes.count ? .write(at + 1) : afterWrites
    case .addOffsets: .commitOffsets
    case .commitOffsets, .end: .end
    }
  }

  private var afterWrites: Stage { order.group == nil || order.offsets.isEmpty ? .end : .addOffsets }
}

/// What a client knows of a transactional id that it has taken.
struct TransactionSession: Sendable {
  let transactionalID: String
  var producerID: Int64
  var producerEpoch: Int16
  /// The next sequence number by partition, for the epoch.
  var sequences: [(partition: PartitionID, next: Int32)] = []

  var claim: TransactionClaim {
    TransactionClaim(transactionalID: transactionalID, producerID: producerID, producerEpoch: producerEpoch)
  }

  func sequence(of partition: PartitionID) -> Int32 { sequences.first { $0.partition == partition }?.next ?? 0 }

  mutating func advance(_ partition: PartitionID, by count: Int) {
    let next = Int32((Int64(sequence(of: partition)) + Int64(count)) & Int64(Int32.max))
    sequences.removeAll { $0.partition == partition }
    sequences.append((partition, next))
  }

  mutating func go(on producerID: Int64, _ producerEpoch: Int16) {
    self.producerID = producerID
    self.producerEpoch = producerEpoch
    sequences = []
  }
}

extension Client {
  mutating func begin(_ ticket: Ticket, _ order: TransactionOrder, _ fx: inout BrokerEffects) {
    let attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
    transactions.append(TransactionTask(ticket: ticket, order: order, attempt: attempt))
  }

  /// False while an earlier transaction of the same id is under way.
  private mutating func mayGoOn(_ at: Int, _ fx: inout BrokerEffects) -> Bool {
    let id = transactions[at].order.transactionalID
    if transactions[at].hasBegun { return true }
    guard !transactions[..<at].contains(where: { $0.order.transactionalID == id }) else { return false }
    transactions[at].hasBegun = true
    transactions[at].attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
    if let session = session(at) {
      transactions[at].producerID = sessions[session].producerID
      transactions[at].producerEpoch = sessions[session].producerEpoch
      transactions[at].stage = transactions[at].next
    }
    return true
  }

  private func session(_ at: Int) -> Int? {
    sessions.firstIndex { $0.transactionalID == transactions[at].order.transactionalID }
  }

  private mutating func pose(transaction at: Int, _ fx: inout BrokerEffects) {
    let task = transactions[at]
    switch task.stage {
    case .write(let place): pose(write: place, of: at, &fx)
    case .commitOffsets:
      let group = task.order.group ?? ""
      guard let coordinator = task.groupCoordinator else {
        return send(.toGroup(.findCoordinator(group: group), newCorrelation()), to: nextBroker(), for: at, &fx)
      }
      guard let session = session(at) else { return }
      let claim = GroupClaim(group: group, generation: -1, member: "")
      let request = GroupRequest.commitTransactionOffsets(claim, sessions[session].claim, offsets: task.order.offsets)
      send(.toGroup(request, newCorrelation()), to: coordinator, for: at, &fx)
    default:
      guard let coordinator = task.coordinator else {
        let request = TransactionRequest.findCoordinator(transactionalID: task.order.transactionalID)
        return send(.toTransactions(request, newCorrelation()), to: nextBroker(), for: at, &fx)
      }
      guard let request = request(for: at, &fx) else { return }
      send(.toTransactions(request, newCorrelation()), to: coordinator, for: at, &fx)
    }
  }

  /// What to ask of the transaction's coordinator; nil when first metadata are needed.
  private mutating func request(for at: Int, _ fx: inout BrokerEffects) -> TransactionRequest? {
    let order = transactions[at].order
    guard let session = session(at) else {
      return .initProducer(InitProducerRequest(transactionalID: order.transactionalID, timeout: order.timeout))
    }
    let claim = sessions[session].claim
    switch transactions[at].stage {
    case .initialise, .write, .commitOffsets: return nil
    case .addOffsets: return .addOffsets(claim, group: order.group ?? "")
    case .end: return .end(claim, commit: transactions[at].commits, bumpsEpoch: order.bumpsEpoch)
    case .addPartitions:
      let partitions = order.writes.compactMap { partition(of: $0)?.id }
      guard partitions.count == order.writes.count else {
        waitForMetadata(at, &fx)
        return nil
      }
      return .addPartitions(claim, partitions)
    }
  }

  private func partition(of write: TransactionOrder.Write) -> (id: PartitionID, leader: NodeID?)? {
    guard let topic = topic(write.topic), topic.partitions.indices.contains(Int(write.partition)) else { return nil }
    return (PartitionID(topic.id, write.partition), topic.partitions[Int(write.partition)].leader)
  }

  private mutating func pose(write place: Int, of at: Int, _ fx: inout BrokerEffects) {
    let write = transactions[at].order.writes[place]
    guard let session = session(at), let place = partition(of: write), let leader = place.leader else {
      return waitForMetadata(at, &fx)
    }
    let id = place.id
    let request = ProduceRequest(
      partition: id, acks: .all, timeout: setup.requestTimeout,
      transactionalID: transactions[at].order.transactionalID, batch: sessions[session].batch(of: write, in: id))
    send(.produce(request, newCorrelation()), to: leader, for: at, &fx)
  }

  private mutating func send(_ message: BrokerMessage, to node: NodeID, for at: Int, _ fx: inout BrokerEffects) {
    guard let correlation = message.correlation else { return }
    let lostAt = fx.now + setup.requestTimeout
    transactions[at].attempt.send(correlation, to: node, lostAt: lostAt)
    transactions[at].asked = message.summary
    ringBy(lostAt, &fx)
    fx.send(message, to: node)
  }

  private mutating func waitForMetadata(_ at: Int, _ fx: inout BrokerEffects) {
    transactions[at].attempt.lastError = .unknownTopicOrPartition
    transactions[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
    ringBy(fx.now + setup.retryBackoff, &fx)
    awaitMetadata(&fx)
  }

  // MARK: Answers

  /// False when the answer is to nothing that a transaction has asked.
  mutating func hearTransaction(
    _ message: BrokerMessage, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects
  ) -> Bool {
    guard let at = transactions.firstIndex(where: { $0.attempt.out == id }) else { return false }
    if transactions[at].steps.count < TransactionTask.mostSteps {
      transactions[at].steps.append(
        Transacted.Step(request: transactions[at].asked, answer: message.summary, by: from))
    }
    switch message {
    case .fromTransactions(.coordinator(let node), _):
      transactions[at].coordinator = node
      transactions[at].attempt.settle(retryAt: fx.now)
    case .fromGroup(.coordinator(let node), _):
      transactions[at].groupCoordinator = node
      transactions[at].attempt.settle(retryAt: fx.now)
    case .fromTransactions(.refused(let error), _), .fromGroup(.refused(let error, _), _):
      refuse(transaction: at, error, &fx)
    case .fromTransactions(.producer(let producerID, let epoch), _):
      hearProducer(at, producerID, epoch)
      advance(transaction: at, &fx)
    case .produced(let reply, _):
      if let error = reply.error { return refused(at, error, &fx) }
      note(reply, at, from)
      advance(transaction: at, &fx)
    default: advance(transaction: at, &fx)
    }
    return true
  }

  private mutating func refused(_ at: Int, _ error: BrokerError, _ fx: inout BrokerEffects) -> Bool {
    refuse(transaction: at, error, &fx)
    return true
  }

  /// A producer id to begin with, or after the end to go on with.
  private mutating func hearProducer(_ at: Int, _ producerID: Int64, _ epoch: Int16) {
    if let session = session(at) {
      sessions[session].go(on: producerID, epoch)
    } else {
      let id = transactions[at].order.transactionalID
      sessions.append(TransactionSession(transactionalID: id, producerID: producerID, producerEpoch: epoch))
      (transactions[at].producerID, transactions[at].producerEpoch) = (producerID, epoch)
    }
  }

  private mutating func note(_ reply: ProduceReply, _ at: Int, _ from: NodeID) {
    guard case .write(let place) = transactions[at].stage, let session = session(at) else { return }
    let write = transactions[at].order.writes[place]
    let batch = sessions[session].batch(of: write, in: reply.partition)
    acknowledged.append(
      Acknowledgement(
        partition: reply.partition, base: reply.baseOffset, count: Int64(batch.recordCount), checksum: batch.checksum,
        acks: .all, by: from))
    sessions[session].advance(reply.partition, by: write.records.count)
  }

  private mutating func advance(transaction at: Int, _ fx: inout BrokerEffects) {
    if transactions[at].stage == .end {
      return conclude(at, transactions[at].commits ? .committed : .aborted)
    }
    transactions[at].stage = transactions[at].next
    transactions[at].attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
    pose(transaction: at, &fx)
  }

  private mutating func refuse(transaction at: Int, _ error: BrokerError, _ fx: inout BrokerEffects) {
    transactions[at].attempt.lastError = error
    if error.isRetriable || error == .concurrentTransactions {
      transactions[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
      if case .write = transactions[at].stage { return awaitMetadata(&fx) }
      if error == .unknownTopicOrPartition { awaitMetadata(&fx) }
      guard error != .concurrentTransactions else { return }
      transactions[at].coordinator = nil
      transactions[at].groupCoordinator = nil
      return
    }
    switch error {
    case .producerFenced, .invalidProducerEpoch, .invalidProducerIDMapping:
      transactions[at].failure = error
      conclude(at, .fenced)
    default: abort(at, because: error, &fx)
    }
  }

  /// What cannot be completed is aborted; what cannot even be aborted is left to its time-out.
  private mutating func abort(_ at: Int, because error: BrokerError, _ fx: inout BrokerEffects) {
    guard transactions[at].stage != .end, session(at) != nil else {
      let ending: Transacted.Ending = transactions[at].stage == .end ? .unknown : .aborted
      transactions[at].failure = transactions[at].failure ?? error
      return conclude(at, ending)
    }
    transactions[at].failure = error
    transactions[at].stage = .end
    transactions[at].attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
    pose(transaction: at, &fx)
  }

  /// After an end that is not known the id must be taken anew.
  private mutating func conclude(_ at: Int, _ ending: Transacted.Ending) {
    let task = transactions.remove(at: at)
    if ending == .unknown || ending == .fenced {
      sessions.removeAll { $0.transactionalID == task.order.transactionalID }
    }
    finish(
      task.ticket,
      .transacted(
        Transacted(
          ending: ending, reason: task.failure, producerID: task.producerID, producerEpoch: task.producerEpoch,
          steps: task.steps)))
  }

  mutating func tendTransactions(_ fx: inout BrokerEffects) {
    var at = 0
    while at < transactions.count {
      let ticket = transactions[at].ticket
      guard mayGoOn(at, &fx) else {
        at += 1
        continue
      }
      switch transactions[at].attempt.step(fx.now) {
      case .wait: break
      case .send: pose(transaction: at, &fx)
      case .overdue:
        transactions[at].coordinator = nil
        transactions[at].groupCoordinator = nil
        transactions[at].attempt.settle(retryAt: fx.now)
        awaitMetadata(&fx)
      case .expired: abort(at, because: transactions[at].attempt.lastError ?? .requestTimedOut, &fx)
      }
      guard at < transactions.count, transactions[at].ticket == ticket else { continue }
      ringBy(transactions[at].attempt.next, &fx)
      at += 1
    }
  }
}

extension TransactionSession {
  /// The same bytes at each attempt, so that a leader knows a repetition.
  func batch(of write: TransactionOrder.Write, in partition: PartitionID) -> RecordBatch {
    RecordBatch(
      records: write.records,
      producer: RecordBatch.Producer(
        id: producerID, epoch: producerEpoch, baseSequence: sequence(of: partition)),
      attributes: RecordBatch.Attributes(isTransactional: true, isControl: false))
  }
}

extension BrokerMessage {
  /// Under which number the answer is awaited; nil for what is not answered or never sent by a transaction.
  fileprivate var correlation: CorrelationID? {
    switch self {
    case .toTransactions(_, let id), .toGroup(_, let id), .produce(_, let id): id
    default: nil
    }
  }
}
