internal import Clockwork
public import Delivery
internal import Dispatch
public import RecordLog
internal import Synchronization

/// The engine's topics in one journal of this process: no broker, no network, and the same contract.
///
/// A transaction is one append, so all of it is durable or none, and many instances' transactions share a wait for the
/// disk. Every task has one owner; a new owner's epoch is above the old one's, and whoever commits with an older epoch is
/// refused before anything is written.
public final class EmbeddedLog: Sendable {
  private struct State {
    /// Where each partition's records lie in the journal.
    var places: [Place: [Int64]] = [:]
    /// The instances, in the order in which they joined, and the epoch in which each task came to them.
    var members: [Member] = []
    var lastMember: UInt64 = 0
  }

  private struct Member {
    var id: UInt64
    var owned: Set<TaskName> = []
    /// What changed since it last polled.
    var revoked: Set<TaskName> = []
    var assigned: Set<TaskName> = []
  }

  struct Place: Hashable {
    var topic: UInt8
    var partition: Int32
  }

  public let partitions: Int32
  private let journal: Journal
  private let state: Mutex<State>
  private let news = DispatchSemaphore(value: 0)

  /// Opens the journal in a directory and notes where each partition's records lie.
  public init(
    opening path: String, partitions: Int32, settings: SegmentedLog.Settings = SegmentedLog.Settings()
  ) throws {
    self.partitions = max(1, partitions)
    journal = try Journal(opening: path, settings: settings)
    var state = State()
    try journal.read(from: .zero) { record in
      if let place = Self.place(of: record) { state.places[place, default: []].append(record.offset.rawValue) }
      return true
    }
    self.state = Mutex(state)
  }

  /// Hands commands to their input partitions, all or none, and returns when they are durable.
  public func send(_ envelopes: [Envelope]) throws(TransportError) {
    try append(
      envelopes.map { envelope in
        Self.stored(
          envelope.addressed.topic, Topic.partition(of: envelope.key, count: partitions), envelope.key,
          envelope.encoded())
      }, for: nil, [])
  }

  /// How many records a partition has.
  public func count(_ topic: Topic, _ partition: Int32) -> Int {
    state.withLock { $0.places[Place(topic: topic.rawValue, partition: partition)]?.count ?? 0 }
  }

  /// Up to `most` records of a partition.
  public func read(_ topic: Topic, _ partition: Int32, from offset: Int64, most: Int) throws -> [InputRecord] {
    let offsets = state.withLock { state -> [Int64] in
      guard let all = state.places[Place(topic: topic.rawValue, partition: partition)], offset < all.count else {
        return []
      }
      return Array(all[Int(max(0, offset))..<min(all.count, Int(max(0, offset)) + most)])
    }
    var records: [InputRecord] = []
    guard let first = offsets.first else { return [] }
    records.reserveCapacity(offsets.count)
    try journal.read(from: Offset(first)) { record in
      guard record.offset.rawValue == offsets[records.count] else { return true }
      records.append(InputRecord(offset: offset + Int64(records.count), value: record.value ?? []))
      return records.count < offsets.count
    }
    return records
  }

  public func close() throws { try journal.close() }

  // MARK: Members

  func join() -> UInt64 {
    state.withLock { state in
      state.lastMember += 1
      state.members.append(Member(id: state.lastMember))
      Self.shareOut(&state, partitions)
      return state.lastMember
    }
  }

  /// The member is gone, whether it knows or not: what it sends from here on is refused.
  func leave(_ id: UInt64) {
    state.withLock { state in
      state.members.removeAll { $0.id == id }
      Self.shareOut(&state, partitions)
    }
  }

  func changes(_ id: UInt64) throws(TransportError) -> (revoked: [TaskName], assigned: [TaskName]) {
    let changes: (revoked: [TaskName], assigned: [TaskName])? = state.withLock { state in
      guard let at = state.members.firstIndex(where: { $0.id == id }) else { return nil }
      defer { (state.members[at].revoked, state.members[at].assigned) = ([], []) }
      return (state.members[at].revoked.sorted(), state.members[at].assigned.sorted())
    }
    guard let changes else { throw .fenced("it has left") }
    return changes
  }

  func owned(_ id: UInt64) -> [TaskName] {
    state.withLock { state in state.members.first { $0.id == id }?.owned.sorted() ?? [] }
  }

  /// Deals the tasks out in turn; what can stay stays.
  private static func shareOut(_ state: inout State, _ partitions: Int32) {
    let all = Topic.inputs.flatMap { topic in (0..<partitions).map { TaskName(topic, $0) } }
    guard !state.members.isEmpty else { return }
    for (index, task) in all.enumerated() {
      let owner = index % state.members.count
      for at in state.members.indices {
        if at == owner {
          if state.members[at].owned.insert(task).inserted { state.members[at].assigned.insert(task) }
        } else if state.members[at].owned.remove(task) != nil {
          if state.members[at].assigned.remove(task) == nil { state.members[at].revoked.insert(task) }
        }
      }
    }
  }

  // MARK: Writing

  /// Appends for a member that must own all of these tasks at this moment; nobody changes hands in between. The answer is
  /// where the last entry of each task's log stands.
  @discardableResult
  func append(
    _ stored: [Record], for member: UInt64?, _ tasks: [TaskName]
  ) throws(TransportError) -> [TaskName: Int64] {
    let done = DispatchSemaphore(value: 0)
    let box = OutcomeBox()
    let refusal: TransportError? = state.withLock { state in
      if let member {
        guard let owner = state.members.first(where: { $0.id == member }) else { return .fenced("it has left") }
        if let other = tasks.first(where: { !owner.owned.contains($0) }) {
          return .lost("\(other) is another instance's")
        }
      }
      if stored.isEmpty {
        box.set(.success(.zero))
        done.signal()
        return nil
      }
      journal.append(stored) { result in
        box.set(result)
        if case .success(let first) = result { self.note(stored, from: first) }
        done.signal()
      }
      return nil
    }
    if let refusal { throw refusal }
    done.wait()
    switch box.result {
    case .success(let first): return newest(of: stored, from: first)
    case .failure(.overloaded(let waiting)): throw .unavailable("\(waiting) transactions wait already")
    case .failure(let error): throw .refused("\(error)")
    case nil: throw .refused("the journal gave no answer")
    }
  }

  private func newest(of records: [Record], from first: Offset) -> [TaskName: Int64] {
    var newest: [TaskName: Int64] = [:]
    for (index, record) in records.enumerated() {
      guard let place = Self.place(of: record), let topic = Topic(rawValue: place.topic),
        let task = TaskName(log: topic, place.partition)
      else { continue }
      newest[task] = first.rawValue + Int64(index)
    }
    // Only the owner appends to a task's log: its own are at the end, whatever others have appended to theirs.
    return state.withLock { state in
      for (task, offset) in newest {
        let place = Place(topic: task.input.log.rawValue, partition: task.partition)
        newest[task] = state.places[place]?.lastIndex(of: offset).map(Int64.init)
      }
      return newest
    }
  }

  private func note(_ records: [Record], from first: Offset) {
    state.withLock { state in
      for (index, record) in records.enumerated() {
        guard let place = Self.place(of: record) else { continue }
        state.places[place, default: []].append(first.rawValue + Int64(index))
      }
    }
    news.signal()
  }

  /// Waits for something new, or until the time is over.
  func wait(_ patience: Interval) { _ = news.wait(timeout: .now() + .nanoseconds(Int(patience.nanoseconds))) }

  /// A record as the journal has it: five bytes for topic and partition stand before the key.
  static func stored(_ topic: Topic, _ partition: Int32, _ key: [UInt8], _ value: [UInt8]) -> Record {
    let number = UInt32(bitPattern: partition)
    let place = [
      topic.rawValue, UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
      UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
    ]
    return Record(key: place + key, value: value)
  }

  private static func place(of record: Record) -> Place? {
    guard let key = record.key, key.count >= 5 else { return nil }
    let partition = key[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Place(topic: key[0], partition: Int32(bitPattern: partition))
  }
}

private final class OutcomeBox: Sendable {
  private let held = Mutex<Result<Offset, JournalError>?>(nil)
  var result: Result<Offset, JournalError>? { held.withLock { $0 } }
  func set(_ result: Result<Offset, JournalError>) { held.withLock { $0 = result } }
}
