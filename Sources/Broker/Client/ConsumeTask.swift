import Clockwork
import RecordLog

/// A consume command under way: reads from one replica until it has enough, or has read all there is.
struct ConsumeTask: Sendable {
  let ticket: Ticket
  let order: ConsumeOrder
  let started: Instant
  var attempt: Attempt
  /// The next offset to read; nil until the end is known, where the order counts from there.
  var position: Offset?
  var records: [ConsumedRecord] = []
}

extension Client {
  mutating func begin(_ ticket: Ticket, _ order: ConsumeOrder, _ fx: inout BrokerEffects) {
    let giveUp = fx.now + setup.deliveryTimeout + order.wait
    var task = ConsumeTask(
      ticket: ticket, order: order, started: fx.now, attempt: Attempt(now: fx.now, giveUp: giveUp))
    switch order.start {
    case .beginning: task.position = .zero
    case .offset(let offset): task.position = offset
    case .end: break
    }
    consumes.append(task)
    ask(consumes.count - 1, &fx)
  }

  private mutating func ask(_ at: Int, _ fx: inout BrokerEffects) {
    let order = consumes[at].order
    guard let topic = topic(order.topic), topic.partitions.indices.contains(Int(order.partition)),
      let source = order.at ?? topic.partitions[Int(order.partition)].leader
    else {
      consumes[at].attempt.lastError = .leaderNotAvailable
      consumes[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
      return awaitMetadata(&fx)
    }
    let correlation = newCorrelation()
    let caughtUpBy = consumes[at].started + order.wait
    let wait = fx.now < caughtUpBy ? min(caughtUpBy - fx.now, .milliseconds(500)) : .zero
    consumes[at].attempt.send(correlation, to: source, lostAt: fx.now + wait + setup.requestTimeout)
    ringBy(consumes[at].attempt.next, &fx)
    let request = FetchRequest(
      maxWait: consumes[at].position == nil ? .zero : wait, anyReplica: order.at != nil,
      isolation: order.isolation,
      partitions: [
        FetchPartition(
          PartitionID(topic.id, order.partition), offset: consumes[at].position ?? .zero, currentEpoch: nil,
          lastFetchedEpoch: nil)
      ])
    fx.send(.fetch(request, correlation), to: source)
  }

  mutating func hear(_ reply: FetchReply, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    guard let at = consumes.firstIndex(where: { $0.attempt.out == id }), let fetched = reply.partitions.first else {
      return
    }
    consumes[at].attempt.settle(retryAt: fx.now)
    if let error = fetched.error { return fail(at, fetched, error, &fx) }
    let end = consumes[at].order.isolation == .readCommitted ? fetched.lastStableOffset : fetched.highWatermark
    guard let position = consumes[at].position else {
      guard case .end(let back) = consumes[at].order.start else { return }
      consumes[at].position = max(fetched.logStart, Offset(max(0, end.rawValue - back)))
      return ask(at, &fx)
    }
    let room = consumes[at].order.max - consumes[at].records.count
    let (records, next) = ConsumedRecord.taken(from: fetched, startingAt: position, most: room)
    consumes[at].records += records
    consumes[at].position = next
    let order = consumes[at].order
    let isDone = consumes[at].records.count >= order.max
    let hasEnough = order.returnsEarly && !consumes[at].records.isEmpty
    let isCaughtUp = next >= end && (hasEnough || fx.now >= consumes[at].started + order.wait)
    if isDone || isCaughtUp {
      let task = consumes.remove(at: at)
      finish(
        task.ticket,
        .consumed(
          task.records, next: next, highWatermark: fetched.highWatermark,
          lastStable: order.isolation == .readCommitted ? fetched.lastStableOffset : nil, from: from))
    } else {
      ask(at, &fx)
    }
  }

  private mutating func fail(_ at: Int, _ fetched: FetchedPartition, _ error: BrokerError, _ fx: inout BrokerEffects) {
    consumes[at].attempt.lastError = error
    let order = consumes[at].order
    if error == .offsetOutOfRange {
      if order.start == .beginning, let position = consumes[at].position, position < fetched.logStart {
        consumes[at].position = fetched.logStart
        return ask(at, &fx)
      }
      let ticket = consumes.remove(at: at).ticket
      let range = "the log holds \(fetched.logStart) to \(fetched.logEnd ?? fetched.highWatermark)"
      return finish(ticket, .failed(error, reason: range, definite: true))
    }
    if error.isRetriable, order.at == nil {
      consumes[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
      awaitMetadata(&fx)
    } else {
      let ticket = consumes.remove(at: at).ticket
      finish(ticket, .failed(error, reason: error.advice, definite: true))
    }
  }

  mutating func tendConsumes(_ fx: inout BrokerEffects) {
    var at = 0
    while at < consumes.count {
      switch consumes[at].attempt.step(fx.now) {
      case .wait: break
      case .send: ask(at, &fx)
      case .overdue:
        consumes[at].attempt.settle(retryAt: fx.now)
        awaitMetadata(&fx)
      case .expired:
        let task = consumes.remove(at: at)
        // Reading changes nothing, so nothing is in doubt.
        finish(
          task.ticket,
          .timedOut(after: fx.now - task.started, last: task.attempt.lastError, definite: true))
        continue
      }
      ringBy(consumes[at].attempt.next, &fx)
      at += 1
    }
  }
}

extension ConsumedRecord {
  /// The fetched records from `position` on, `most` at most, and the position after them. Markers are for the consumer to
  /// heed, not to read: they say where the aborted transactions end whose records it skips.
  static func taken(
    from fetched: FetchedPartition, startingAt position: Offset, most: Int
  ) -> (records: [ConsumedRecord], next: Offset) {
    var taken: [ConsumedRecord] = []
    var next = position
    var skipper = AbortedSkipper(fetched.aborted)
    for batch in (try? fetched.records.batches()) ?? [] {
      if !skipper.skips(batch) {
        for record in (try? batch.records()) ?? [] where record.offset >= next {
          guard taken.count < most else { return (taken, next) }
          taken.append(
            ConsumedRecord(
              offset: record.offset, epoch: batch.leaderEpoch, key: record.key, value: record.value,
              timestamp: record.timestamp))
          next = record.offset + 1
        }
      }
      next = max(next, batch.nextOffset)
    }
    return (taken, next)
  }
}

/// Walks fetched batches and tells which hold nothing to read: markers, and records of aborted transactions.
struct AbortedSkipper {
  /// By first offset, those that begin first at the end.
  private var ahead: [AbortedTransaction]
  /// The producers whose aborted transaction is under way.
  private var underWay: [Int64] = []

  init(_ aborted: [AbortedTransaction]) { ahead = aborted.sorted { $0.firstOffset > $1.firstOffset } }

  mutating func skips(_ batch: RecordBatch) -> Bool {
    while let next = ahead.last, next.firstOffset <= batch.lastOffset {
      underWay.append(next.producerID)
      ahead.removeLast()
    }
    if batch.attributes.isControl {
      if let place = underWay.firstIndex(of: batch.producerID), batch.markerRecord?.marker == .abort {
        underWay.remove(at: place)
      }
      return true
    }
    return batch.attributes.isTransactional && underWay.contains(batch.producerID)
  }
}
