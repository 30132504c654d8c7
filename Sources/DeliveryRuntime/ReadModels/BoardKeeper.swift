internal import Clockwork
internal import Delivery
internal import Dispatch
internal import EventSourcing
internal import Glibc
internal import Synchronization

/// Follows the orders' log of a cluster into the tables of `OrderBoard`, on a thread of its own, from where the tables say
/// they are.
public final class BoardKeeper: Sendable {
  private let folder: ReadModelFolder<OrderBoard>
  private let isStopped = Atomic(false)
  private let behind = Atomic<Int64>(0)
  private let failure = Mutex<String?>(nil)
  private let done = DispatchSemaphore(value: 0)

  /// Opens the tables in a folder, which is made if need be, and begins to follow.
  public init(_ settings: ClientSettings, in path: String, partitions: Int32) throws {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw StoreError.folder(path, errno) }
    folder = try ReadModelFolder(OrderBoard(), in: path)
    let reader = try PartitionReader(settings)
    let places = (0..<partitions).map { TopicPartition(Topic.orderEvents.name, $0) }
    let model = folder.building
    try reader.start(
      places.map { ($0, .offset(model.next(log: Topic.orderEvents.rawValue, partition: $0.partition))) })
    let box = ReaderBox(reader)
    let queue = DispatchQueue(label: "read models")
    queue.async { [self] in
      do {
        while !isStopped.load(ordering: .relaxed) {
          // What passes by itself: what was read is applied by then.
          do { try follow(box, places) } catch ClientError.retriable { continue }
        }
      } catch {
        failure.withLock { $0 = "\(error)" }
      }
      done.signal()
    }
  }

  /// `read model 120 behind`.
  public var lagText: String {
    failure.withLock { $0.map { "read model stopped: \($0)" } }
      ?? "read model \(behind.load(ordering: .relaxed)) behind"
  }

  public var live: ReadModel<OrderBoard> { folder.live }

  private func follow(_ box: ReaderBox, _ places: [TopicPartition]) throws {
    let records = try box.reader.poll(.milliseconds(200))
    let model = folder.building
    if !records.isEmpty {
      var events: [Recorded<Order.Event>] = []
      var ends: [Int32: Int64] = [:]
      for record in records {
        ends[record.place.partition] = record.offset + 1
        guard let entry = record.value.flatMap({ try? LogEntry(encoded: $0) }),
          case .event(.order(let event), let version) = entry.body
        else { continue }
        let position = Position(.orderEvents, record.place.partition, record.offset)
        events.append(
          Recorded(
            position: position, entity: entry.entity, version: version, cause: entry.cause, at: entry.at, event: event))
      }
      try model.apply(events, upTo: ends.sorted { $0.key < $1.key }.map { Position(.orderEvents, $0.key, $0.value) })
    }
    if records.isEmpty || records.count < 100 {
      var lag: Int64 = 0
      let read = box.reader.positions(places)
      for place in places {
        let end = try box.reader.bounds(place, patience: .seconds(1)).upperBound
        lag += max(0, end - (read[place] ?? model.next(log: Topic.orderEvents.rawValue, partition: place.partition)))
      }
      behind.store(lag, ordering: .relaxed)
      if records.isEmpty, lag == 0 { try folder.switchOver { $0 === model } }
    } else {
      behind.store(max(behind.load(ordering: .relaxed), Int64(records.count)), ordering: .relaxed)
    }
  }

  public func close() {
    isStopped.store(true, ordering: .relaxed)
    done.wait()
    try? folder.close()
  }
}

/// A reader that a closure can hold.
// Unchecked: used from one queue.
private final class ReaderBox: @unchecked Sendable {
  let reader: PartitionReader

  init(_ reader: consuming PartitionReader) { self.reader = reader }
}
