import Clockwork
import RecordLog

/// The transactional ids whose records lie in one partition of `__transaction_state`, while this broker leads it.
struct TransactionShard: Sendable {
  enum Phase: Hashable {
    /// The log is being read; nothing is known for sure. Can become active.
    case loading
    case active
  }

  let setup: TransactionSetup
  let index: Int32
  /// The reign: markers carry it, so that a coordinator of an earlier one is fenced.
  let epoch: LeaderEpoch
  var phase = Phase.loading
  /// Sorted by id.
  var transactions: [Transaction] = []
  private var appends: [TransactionAppend] = []
  private var lastNumber: UInt64 = 0

  init(_ setup: TransactionSetup, index: Int32, epoch: LeaderEpoch) {
    self.setup = setup
    self.index = index
    self.epoch = epoch
  }

  func place(of id: String) -> Int? {
    let place = transactions.firstPlace { $0.id >= id }
    return place < transactions.count && transactions[place].id == id ? place : nil
  }

  /// Whether there is anything to do about the id, and by when.
  func deadline(of id: String) -> Instant { place(of: id).map { transactions[$0].deadline } ?? .never }

  // MARK: A producer takes the id

  mutating func initialise(
    _ id: String, _ request: InitProducerRequest, _ asker: Asker, _ ids: inout ProducerIDs, _ fx: inout BrokerEffects
  ) {
    guard !id.isEmpty, id.utf8.count <= Int(Int16.max) else { return asker.refuse(transaction: .invalidRequest, &fx) }
    guard request.timeout > .zero, request.timeout <= setup.maxTimeout else {
      return asker.refuse(transaction: .invalidTransactionTimeout, &fx)
    }
    guard let place = place(of: id) else { return create(id, request, asker, &ids, &fx) }
    let transaction = transactions[place]
    if transaction.lastInit == asker { return repeatInit(transaction, asker, &fx) }
    switch transaction.snapshot.taken(by: request, isBusy: transaction.step != nil, at: fx.now.milliseconds, &ids) {
    case .success(let next):
      transactions[place].lastInit = asker
      begin(next, at: place, next.state == .prepareAbort ? .later(asker) : .producer(asker))
    case .failure(let error): asker.refuse(transaction: error, &fx)
    }
  }

  /// Nobody has used the id: whatever the producer brings along, it gets a new producer id.
  private mutating func create(
    _ id: String, _ request: InitProducerRequest, _ asker: Asker, _ ids: inout ProducerIDs, _ fx: inout BrokerEffects
  ) {
    guard transactions.count < setup.maxTransactions else {
      return asker.refuse(transaction: .coordinatorNotAvailable, &fx)
    }
    guard let producerID = ids.take() else { return asker.refuse(transaction: .coordinatorLoadInProgress, &fx) }
    let place = transactions.firstPlace { $0.id >= id }
    var transaction = Transaction(id)
    transaction.lastInit = asker
    transactions.insert(transaction, at: place)
    let next = TransactionSnapshot().initialised(
      request.timeout, recalls: false, rotatingTo: producerID, at: fx.now.milliseconds)
    begin(next, at: place, .producer(asker))
  }

  /// The same question, doubled on the way: it was answered, or will be.
  private func repeatInit(_ transaction: Transaction, _ asker: Asker, _ fx: inout BrokerEffects) {
    guard transaction.step == nil, transaction.state == .empty else { return }
    asker.answer(
      transaction: .producer(id: transaction.snapshot.producerID, epoch: transaction.snapshot.producerEpoch), &fx)
  }

  // MARK: A transaction

  /// Adds partitions to the producer's transaction, opening one if there is none.
  mutating func add(
    _ partitions: [TopicPartition], _ claim: TransactionClaim, _ asker: Asker, _ fx: inout BrokerEffects
  ) {
    guard let place = claimed(claim, asker, &fx) else { return }
    let transaction = transactions[place]
    if transaction.step != nil || transaction.state.isPrepared {
      return asker.refuse(transaction: .concurrentTransactions, &fx)
    }
    let next = transaction.snapshot.adding(partitions, at: fx.now.milliseconds)
    if transaction.state == .ongoing, next.partitions.count == transaction.snapshot.partitions.count {
      return asker.answer(transaction: .ok, &fx)
    }
    guard next.partitions.count <= setup.maxPartitions else { return asker.refuse(transaction: .invalidRequest, &fx) }
    begin(next, at: place, .done(asker))
  }

  /// Where the claimed transactional id stands; refuses a claim that is not its latest.
  private func claimed(_ claim: TransactionClaim, _ asker: Asker, _ fx: inout BrokerEffects) -> Int? {
    guard let place = place(of: claim.transactionalID),
      transactions[place].snapshot.producerID == claim.producerID, claim.producerID >= 0
    else {
      asker.refuse(transaction: .invalidProducerIDMapping, &fx)
      return nil
    }
    guard transactions[place].snapshot.producerEpoch == claim.producerEpoch else {
      asker.refuse(transaction: .producerFenced, &fx)
      return nil
    }
    return place
  }

  /// Whether the partition belongs to the producer's open transaction (KIP-890). Not any more once its end is being
  /// written, although that may fail: what is appended after the marker would hang.
  func verify(
    _ partition: TopicPartition, _ claim: TransactionClaim, _ asker: Asker, _ fx: inout BrokerEffects
  ) {
    guard let place = claimed(claim, asker, &fx) else { return }
    let transaction = transactions[place]
    if transaction.state.isPrepared || transaction.step?.next?.state.isPrepared == true {
      return asker.refuse(transaction: .concurrentTransactions, &fx)
    }
    let belongs = transaction.state == .ongoing && transaction.snapshot.partitions.contains(partition)
    belongs ? asker.answer(transaction: .ok, &fx) : asker.refuse(transaction: .transactionAbortable, &fx)
  }

  mutating func end(
    _ claim: TransactionClaim, commit: Bool, bumpsEpoch: Bool, _ asker: Asker, _ ids: inout ProducerIDs,
    _ fx: inout BrokerEffects
  ) {
    guard let place = place(of: claim.transactionalID) else {
      return asker.refuse(transaction: .invalidProducerIDMapping, &fx)
    }
    let snapshot = transactions[place].snapshot
    let isRepeated = snapshot.state != .ongoing && snapshot.state != .empty && snapshot.isRepeatedEnd(claim)
    if isRepeated {
      return repeatEnd(snapshot, commit, isBusy: transactions[place].step != nil, bumpsEpoch, asker, &fx)
    }
    guard claimed(claim, asker, &fx) != nil else { return }
    guard transactions[place].step == nil else { return asker.refuse(transaction: .concurrentTransactions, &fx) }
    switch snapshot.state {
    case .empty, .completeAbort, .completeCommit:
      // With KIP-890 a producer that does not know whether anything was written may abort.
      if bumpsEpoch, !commit { break }
      guard snapshot.state != .empty, !bumpsEpoch else { return asker.refuse(transaction: .invalidTxnState, &fx) }
      return repeatEnd(snapshot, commit, isBusy: false, bumpsEpoch, asker, &fx)
    case .prepareCommit, .prepareAbort:
      // One that knows its next epoch speaks of its next transaction.
      if snapshot.bumpsEpoch { return asker.refuse(transaction: .concurrentTransactions, &fx) }
      return repeatEnd(snapshot, commit, isBusy: true, bumpsEpoch, asker, &fx)
    case .ongoing: break
    }
    var newID: Int64?
    if bumpsEpoch, snapshot.isExhausted {
      newID = ids.take()
      if newID == nil { return asker.refuse(transaction: .coordinatorLoadInProgress, &fx) }
    }
    let next = snapshot.prepared(
      commit: commit, bumpsEpoch: bumpsEpoch, rotatingTo: newID, at: fx.now.milliseconds)
    begin(next, at: place, bumpsEpoch ? .producer(asker) : .done(asker))
  }

  /// The transaction has been ended. Once it is complete, the same end is answered as the first time.
  private func repeatEnd(
    _ snapshot: TransactionSnapshot, _ commit: Bool, isBusy: Bool, _ bumpsEpoch: Bool, _ asker: Asker,
    _ fx: inout BrokerEffects
  ) {
    let committed = snapshot.state == .prepareCommit || snapshot.state == .completeCommit
    guard committed == commit, !bumpsEpoch || snapshot.bumpsEpoch else {
      return asker.refuse(transaction: .invalidTxnState, &fx)
    }
    if isBusy || snapshot.state.isPrepared { return asker.refuse(transaction: .concurrentTransactions, &fx) }
    let next = TransactionReply.producer(id: snapshot.producerID, epoch: snapshot.producerEpoch)
    asker.answer(transaction: bumpsEpoch ? next : .ok, &fx)
  }

  // MARK: The log

  mutating func begin(_ next: TransactionSnapshot?, at place: Int, _ waiter: Transaction.Waiter) {
    lastNumber += 1
    let id = transactions[place].id
    transactions[place].step = Transaction.Step(number: lastNumber, next: next, waiter: waiter)
    transactions[place].deadline = .never
    appends.append(
      TransactionAppend(
        id: TransactionAppendID(shard: index, epoch: epoch, number: lastNumber, transactionalID: id),
        records: [TransactionRecord(transactionalID: id, snapshot: next).record]))
  }

  mutating func takeAppends() -> [TransactionAppend] {
    guard !appends.isEmpty else { return [] }
    defer { appends.removeAll(keepingCapacity: true) }
    return appends
  }

  /// A step has ended: it takes effect, or it does not, and whoever waited for it is told.
  mutating func settle(_ id: TransactionAppendID, _ error: BrokerError?, _ fx: inout BrokerEffects) {
    guard let place = place(of: id.transactionalID), let step = transactions[place].step, step.number == id.number
    else { return }
    transactions[place].step = nil
    if let error {
      step.waiter.asker?.refuse(transaction: error, &fx)
      if step.waiter.asker == transactions[place].lastInit { transactions[place].lastInit = nil }
      rearm(place, fx.now, after: setup.retryBackoff)
      if transactions[place].isForgettable { transactions.remove(at: place) }
      return
    }
    guard let next = step.next else {
      transactions.remove(at: place)
      return
    }
    if next.state != transactions[place].state { fx.note("transaction \(id.transactionalID) is \(next.state.name)") }
    let wasOpen = transactions[place].state == .ongoing
    transactions[place].snapshot = next
    resume(place, fx.now, wasOpen: wasOpen)
    switch step.waiter {
    case .nobody: break
    case .done(let asker): asker.answer(transaction: .ok, &fx)
    case .producer(let asker):
      let (producerID, producerEpoch) = next.successor
      asker.answer(transaction: .producer(id: producerID, epoch: producerEpoch), &fx)
    case .later(let asker): asker.refuse(transaction: .concurrentTransactions, &fx)
    }
  }

  /// What the state calls for from here on. An open transaction has its time from its beginning, not from its latest
  /// partition: nobody may hold readers up for longer.
  private mutating func resume(_ place: Int, _ now: Instant, wasOpen: Bool) {
    let snapshot = transactions[place].snapshot
    transactions[place].markers =
      snapshot.state.isPrepared ? snapshot.partitions.map { Transaction.Marker(partition: $0, dueAt: now) } : []
    if snapshot.state == .ongoing, !wasOpen { transactions[place].openUntil = now + snapshot.timeout }
    rearm(place, now)
  }

  private mutating func rearm(_ place: Int, _ now: Instant, after backoff: Interval = .zero) {
    transactions[place].deadline =
      switch transactions[place].state {
      case .empty, .completeCommit, .completeAbort: now + setup.idExpiration
      case .ongoing: max(now + backoff, transactions[place].openUntil)
      case .prepareCommit, .prepareAbort: now + backoff
      }
  }

  /// Folds one record of the log in. One that cannot be read is passed over: a log must not stop a coordinator.
  mutating func load(_ record: Record) {
    guard let decoded = try? TransactionRecord(record) else { return }
    let place = transactions.firstPlace { $0.id >= decoded.transactionalID }
    if place < transactions.count, transactions[place].id == decoded.transactionalID { transactions.remove(at: place) }
    guard let snapshot = decoded.snapshot else { return }
    transactions.insert(Transaction(decoded.transactionalID, snapshot), at: place)
  }

  /// The log is read: what was decided is finished, and what is open gets its full time once more, since the clock that
  /// it was begun on was another.
  mutating func activate(_ now: Instant) {
    phase = .active
    for place in transactions.indices { resume(place, now, wasOpen: false) }
  }

  /// This broker coordinates no longer: everybody who waits is sent to look for who does.
  func resign(_ fx: inout BrokerEffects) {
    for transaction in transactions { transaction.step?.waiter.asker?.refuse(transaction: .notCoordinator, &fx) }
  }

  // MARK: Time

  var nextDeadline: Instant { transactions.reduce(.never) { min($0, $1.deadline) } }

  /// Aborts what is open for too long, forgets what is idle for too long. Markers are for `sendMarkers`.
  mutating func expire(_ fx: inout BrokerEffects) {
    for place in transactions.indices where transactions[place].deadline <= fx.now && transactions[place].step == nil {
      switch transactions[place].state {
      case .ongoing:
        fx.note("transaction \(transactions[place].id) is open for too long")
        begin(transactions[place].snapshot.fenced(at: fx.now.milliseconds), at: place, .nobody)
      case .empty, .completeCommit, .completeAbort: begin(nil, at: place, .nobody)
      case .prepareCommit, .prepareAbort: break
      }
    }
  }

  // MARK: Seeing

  func describe(_ id: String) -> TransactionReply {
    guard let place = place(of: id), transactions[place].snapshot.producerEpoch >= 0 else {
      return .refused(.transactionalIDNotFound)
    }
    let snapshot = transactions[place].snapshot
    return .described(
      TransactionDescription(
        transactionalID: id, state: snapshot.state, producerID: snapshot.producerID,
        producerEpoch: snapshot.producerEpoch, timeout: snapshot.timeout, started: snapshot.started,
        partitions: snapshot.partitions))
  }

  var listings: [TransactionListing] {
    transactions.filter { $0.snapshot.producerEpoch >= 0 }.map {
      TransactionListing(transactionalID: $0.id, producerID: $0.snapshot.producerID, state: $0.state)
    }
  }
}
