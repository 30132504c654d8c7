import Clockwork
import RecordLog

/// A produce command under way: batches leave in order, up to `inFlight` at a time, each until it is acknowledged.
struct ProduceTask: Sendable {
  struct Flight: Sendable {
    var batch: RecordBatch
    var partition: Int32
    var attempt: Attempt
    /// Which batch of the task it is, counted from 0.
    let number: Int
  }

  let ticket: Ticket
  let order: ProduceOrder
  let started: Instant
  var flights: [Flight] = []
  /// How many batches have been begun, of `total`.
  var begun = 0
  /// Records acknowledged (or sent, with acks=0).
  var count = 0
  var attempts = 0
  var first: Offset?
  /// Set when the order is idempotent.
  var numbering: ProducerNumbering?

  var total: Int {
    switch order.source {
    case .records(let records): records.count
    case .load(let batches, _, _): batches
    }
  }

  /// Every batch is begun and none is out.
  var hasLanded: Bool { flights.isEmpty && begun == total }

  /// The next batch's records; the load's are all alike but numbered.
  mutating func nextRecords(timestamp: Int64) -> [Record] {
    defer { begun += 1 }
    var records: [Record] =
      switch order.source {
      case .records(let records): [records[begun]]
      case .load(_, let perBatch, let bytes):
        (0..<perBatch).map { Record(key: nil, value: Self.filling(bytes, with: begun * perBatch + $0)) }
      }
    for place in records.indices { records[place].timestamp = timestamp }
    return records
  }

  /// The number in digits, and dots up to `count` bytes.
  private static func filling(_ count: Int, with number: Int) -> [UInt8] {
    let digits = String(number).utf8
    var text = [UInt8](repeating: 0x2E, count: max(count, digits.count))
    text.replaceSubrange(..<digits.count, with: digits)
    return text
  }
}

extension Client {
  mutating func begin(_ ticket: Ticket, _ order: ProduceOrder, _ fx: inout BrokerEffects) {
    var task = ProduceTask(ticket: ticket, order: order, started: fx.now)
    if order.idempotent {
      guard order.acks == .all else {
        let reason = "an idempotent producer must know what was written: expected acks=all"
        return finish(ticket, .failed(.invalidConfig, reason: reason, definite: true))
      }
      let attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
      task.numbering = ProducerNumbering(attempt: attempt)
    }
    produces.append(task)
    identify(produces.count - 1, &fx)
    pump(produces.count - 1, &fx)
  }

  /// Fills the task's flights; finishes it when the last has landed.
  private mutating func pump(_ at: Int, _ fx: inout BrokerEffects) {
    while !produces[at].isFull, produces[at].begun < produces[at].total {
      guard let topic = topic(produces[at].order.topic), !topic.partitions.isEmpty else { return awaitMetadata(&fx) }
      let records = produces[at].nextRecords(timestamp: fx.now.nanoseconds / 1_000_000)
      let partition =
        produces[at].order.partition ?? choosePartition(records.first?.key, of: Int32(topic.partitions.count))
      let producer = produces[at].numbering?.take(records.count, for: partition) ?? .none
      let batch = RecordBatch(records: records, baseOffset: .zero, leaderEpoch: LeaderEpoch(0), producer: producer)
      let attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
      produces[at].flights.append(
        ProduceTask.Flight(batch: batch, partition: partition, attempt: attempt, number: produces[at].begun - 1))
      launch(at, produces[at].flights.count - 1, &fx)
    }
  }

  /// An idempotent producer asks any broker for an id before it sends anything.
  private mutating func identify(_ at: Int, _ fx: inout BrokerEffects) {
    guard let numbering = produces[at].numbering, numbering.identity == nil else { return }
    let due = numbering.attempt.step(fx.now)
    if due == .send || due == .overdue {
      let (correlation, broker) = (newCorrelation(), nextBroker())
      produces[at].numbering?.attempt.send(correlation, to: broker, lostAt: fx.now + setup.requestTimeout)
      let request = InitProducerRequest(transactionalID: nil, timeout: setup.requestTimeout)
      fx.send(.toTransactions(.initProducer(request), correlation), to: broker)
    }
    if let next = produces[at].numbering?.attempt.next { ringBy(next, &fx) }
  }

  mutating func hear(_ reply: TransactionReply, _ id: CorrelationID, _ fx: inout BrokerEffects) {
    guard let at = produces.firstIndex(where: { $0.numbering?.attempt.out == id }) else { return }
    switch reply {
    case .producer(let producer, let epoch):
      produces[at].numbering?.identity = (producer, epoch)
      produces[at].numbering?.attempt.settle(retryAt: .never)
    case .refused(let error):
      produces[at].numbering?.attempt.lastError = error
      fallthrough
    default: produces[at].numbering?.attempt.settle(retryAt: fx.now + setup.retryBackoff)
    }
  }

  private mutating func choosePartition(_ key: [UInt8]?, of count: Int32) -> Int32 {
    if let key { return Partitioner.partition(of: key, count: count) }
    defer { turn &+= 1 }
    return Int32(turn % UInt32(count))
  }

  private mutating func launch(_ at: Int, _ place: Int, _ fx: inout BrokerEffects) {
    let (partition, batch) = (produces[at].flights[place].partition, produces[at].flights[place].batch)
    guard let topic = topic(produces[at].order.topic), topic.partitions.indices.contains(Int(partition)),
      let leader = topic.partitions[Int(partition)].leader
    else {
      produces[at].flights[place].attempt.lastError = .leaderNotAvailable
      produces[at].flights[place].attempt.settle(retryAt: fx.now + setup.retryBackoff)
      return awaitMetadata(&fx)
    }
    let correlation = newCorrelation()
    let lostAt = fx.now + setup.requestTimeout
    produces[at].flights[place].attempt.send(correlation, to: leader, lostAt: lostAt)
    produces[at].attempts += 1
    ringBy(lostAt, &fx)
    let request = ProduceRequest(
      partition: PartitionID(topic.id, partition), acks: produces[at].order.acks, timeout: setup.requestTimeout,
      batch: batch)
    fx.send(.produce(request, correlation), to: leader)
  }

  /// acks=0: nobody answers, so a flight has landed as soon as it has left.
  private mutating func landUnacknowledged(_ at: Int) {
    guard produces[at].order.acks == .none else { return }
    for flight in produces[at].flights where flight.attempt.out != nil {
      produces[at].count += flight.batch.recordCount
    }
    produces[at].flights.removeAll { $0.attempt.out != nil }
  }

  mutating func hear(_ reply: ProduceReply, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    for at in produces.indices {
      guard let place = produces[at].flights.indices.first(where: { produces[at].flights[$0].attempt.out == id }) else {
        continue
      }
      if let error = reply.error {
        refuse(at, place, error, &fx)
      } else {
        let flight = produces[at].flights.remove(at: place)
        acknowledged.append(
          Acknowledgement(
            partition: reply.partition, base: reply.baseOffset,
            count: flight.batch.nextOffset - flight.batch.baseOffset,
            checksum: flight.batch.checksum, acks: produces[at].order.acks, by: from))
        produces[at].first = produces[at].first ?? reply.baseOffset
        produces[at].count += flight.batch.recordCount
        pump(at, &fx)
        finishIfLanded(
          at, last: reply.baseOffset + (flight.batch.nextOffset - flight.batch.baseOffset - 1), reply.partition, from,
          fx.now)
      }
      return
    }
  }

  private mutating func finishIfLanded(_ at: Int, last: Offset, _ id: PartitionID, _ by: NodeID, _ now: Instant) {
    guard produces[at].hasLanded else { return }
    let task = produces.remove(at: at)
    let produced = Produced(
      partition: id, first: task.first ?? last, last: last, count: task.count, by: by, took: now - task.started,
      attempts: task.attempts)
    finish(task.ticket, .produced(produced))
  }

  private mutating func refuse(_ at: Int, _ place: Int, _ error: BrokerError, _ fx: inout BrokerEffects) {
    if error.mayHaveAppended { produces[at].flights[place].attempt.isDoubtful = true }
    produces[at].flights[place].attempt.lastError = error
    produces[at].flights[place].attempt.settle(retryAt: fx.now + setup.retryBackoff)
    let overtook = error == .outOfOrderSequenceNumber && produces[at].mayHaveOvertaken(place)
    if produces[at].order.retries, error.isRetriable || overtook {
      awaitMetadata(&fx)
    } else {
      let definite = !produces[at].flights[place].attempt.isDoubtful
      let ticket = produces.remove(at: at).ticket
      finish(ticket, .failed(error, reason: error.advice, definite: definite))
    }
  }

  /// Looks at every flight's deadline; called when the alarm rings and after each event.
  mutating func tendProduces(_ fx: inout BrokerEffects) {
    var at = 0
    while at < produces.count {
      identify(at, &fx)
      pump(at, &fx)
      landUnacknowledged(at)
      if tend(at, &fx) { at += 1 }
    }
  }

  /// False when the task has ended and is gone.
  private mutating func tend(_ at: Int, _ fx: inout BrokerEffects) -> Bool {
    if produces[at].order.acks == .none, produces[at].hasLanded {
      let task = produces.remove(at: at)
      finish(task.ticket, .sent(count: task.count))
      return false
    }
    if produces[at].begun == 0, fx.now - produces[at].started >= setup.deliveryTimeout {
      let task = produces.remove(at: at)
      let last = task.numbering.flatMap { $0.identity == nil ? $0.attempt.lastError ?? .requestTimedOut : nil }
      finish(
        task.ticket,
        .timedOut(after: fx.now - task.started, last: last ?? .unknownTopicOrPartition, definite: true))
      return false
    }
    let retries = produces[at].order.retries
    for place in produces[at].flights.indices {
      switch produces[at].flights[place].attempt.step(fx.now) {
      case .wait: break
      case .send: launch(at, place, &fx)
      case .overdue:
        produces[at].flights[place].attempt.isDoubtful = true
        produces[at].flights[place].attempt.settle(retryAt: retries ? fx.now : .never)
        awaitMetadata(&fx)
        if !retries { return expire(at, place, fx.now) }
      case .expired: return expire(at, place, fx.now)
      }
      ringBy(produces[at].flights[place].attempt.next, &fx)
    }
    return true
  }

  private mutating func expire(_ at: Int, _ place: Int, _ now: Instant) -> Bool {
    let task = produces.remove(at: at)
    let attempt = task.flights[place].attempt
    finish(task.ticket, .timedOut(after: now - task.started, last: attempt.lastError, definite: !attempt.isDoubtful))
    return false
  }
}

extension BrokerError {
  /// The refusal does not prove that nothing was written.
  var mayHaveAppended: Bool {
    switch self {
    case .requestTimedOut, .notEnoughReplicasAfterAppend, .notLeaderOrFollower: true
    default: false
    }
  }

  /// Asking again, perhaps elsewhere, may help.
  var isRetriable: Bool {
    switch self {
    case .notLeaderOrFollower, .leaderNotAvailable, .notEnoughReplicas, .notEnoughReplicasAfterAppend, .requestTimedOut,
      .unknownTopicOrPartition, .fencedLeaderEpoch, .unknownLeaderEpoch, .brokerNotAvailable, .offsetNotAvailable,
      .notController, .coordinatorNotAvailable, .notCoordinator, .coordinatorLoadInProgress, .kafkaStorageError:
      true
    default: false
    }
  }

  /// What the error means, in words.
  public var advice: String {
    switch self {
    case .notEnoughReplicas: "fewer replicas are in sync than min.insync.replicas asks for"
    case .notEnoughReplicasAfterAppend: "the in-sync set shrank below min.insync.replicas after the append"
    case .notLeaderOrFollower: "that broker does not lead the partition"
    case .leaderNotAvailable: "nobody leads the partition"
    case .kafkaStorageError: "the leader's disk refused the write"
    case .offsetOutOfRange: "the log does not hold that offset"
    case .unknownTopicOrPartition: "no such topic or partition"
    case .requestTimedOut: "the in-sync replicas did not answer in time"
    case .outOfOrderSequenceNumber: "the leader expected an earlier batch of this producer first"
    case .invalidProducerEpoch: "a newer instance of this producer has taken over"
    default: rawValue
    }
  }
}
