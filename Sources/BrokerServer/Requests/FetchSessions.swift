import Broker
import KafkaWire

/// A partition as a fetch names it.
struct FetchAsk {
  /// Zero in versions that name topics.
  var topicID: WireUUID
  var topic: String
  var asked: KafkaWire.FetchRequest.Topic.Partition

  func isSame(_ other: FetchAsk) -> Bool {
    asked.partition == other.asked.partition && topic == other.topic && topicID == other.topicID
  }
}

/// What a client fetches again and again (KIP-227): it names only what changes, and is told only what changed.
final class FetchSession {
  /// What the client was told about a partition last.
  struct Told: Equatable {
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStart: Int64 = -1
    var error = KafkaError.none
  }

  let id: Int32
  var epoch: Int32 = 1
  private(set) var asks: [FetchAsk] = []
  private var told: [Told] = []

  init(id: Int32, _ asks: [FetchAsk]) {
    self.id = id
    self.asks = asks
    told = asks.map { _ in Told() }
  }

  func update(_ changed: [FetchAsk], forgetting forgotten: [FetchAsk]) {
    for one in forgotten {
      guard let place = asks.firstIndex(where: one.isSame) else { continue }
      asks.remove(at: place)
      told.remove(at: place)
    }
    for one in changed {
      if let place = asks.firstIndex(where: one.isSame) {
        asks[place] = one
      } else {
        asks.append(one)
        told.append(Told())
      }
    }
  }

  /// Whether the client must hear of the partition at `place`; notes that it does.
  func isNews(_ partition: FetchResponse.Topic.Partition, at place: Int) -> Bool {
    guard place < told.count else { return true }
    let now = Told(
      highWatermark: partition.highWatermark, lastStableOffset: partition.lastStableOffset,
      logStart: partition.logStartOffset, error: partition.error)
    defer { told[place] = now }
    return now != told[place] || partition.error != .none || partition.records != .none
  }
}

/// A node's fetch sessions, of which the least recently used gives way when there are too many.
struct FetchSessions {
  /// max.incremental.fetch.session.cache.slots
  static let limit = 1000

  private var sessions: [Int32: FetchSession] = [:]
  private var order: [Int32] = []
  private var lastID: Int32 = 0

  mutating func open(_ asks: [FetchAsk]) -> FetchSession {
    if order.count >= Self.limit { close(order[0]) }
    lastID = lastID == .max ? 1 : lastID + 1
    let session = FetchSession(id: lastID, asks)
    sessions[lastID] = session
    order.append(lastID)
    return session
  }

  mutating func close(_ id: Int32) {
    if sessions.removeValue(forKey: id) != nil { order.removeAll { $0 == id } }
  }

  /// The session to go on with, which is then at the next epoch.
  mutating func resume(_ id: Int32, epoch: Int32) throws(KafkaError) -> FetchSession {
    guard let session = sessions[id] else { throw .fetchSessionIDNotFound }
    guard session.epoch == epoch else { throw .invalidFetchSessionEpoch }
    session.epoch = epoch == .max ? 1 : epoch + 1
    if let place = order.firstIndex(of: id) {
      order.remove(at: place)
      order.append(id)
    }
    return session
  }
}
