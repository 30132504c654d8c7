import Broker
import Clockwork
import KafkaWire
import OrderedCollections

/// A partition as a fetch names it.
struct FetchAsk {
  /// What tells the partitions of a session apart. Versions that name topics leave the id zero, the others the name empty.
  struct Place: Hashable {
    var topicID: WireUUID
    var topic: String
    var index: Int32
  }

  var topicID: WireUUID
  var topic: String
  var asked: KafkaWire.FetchRequest.Topic.Partition

  var place: Place { Place(topicID: topicID, topic: topic, index: asked.partition) }
}

/// What a client fetches again and again (KIP-227): it names only what changes, and is told only what changed.
final class FetchSession {
  /// What the client was told about a partition last.
  private struct Told: Equatable {
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStart: Int64 = -1
    var error = KafkaError.none
  }

  private struct Entry {
    var ask: FetchAsk
    var told = Told()
    var hadRecords = false
  }

  let id: Int32
  var epoch: Int32 = 1
  private var entries: OrderedDictionary<FetchAsk.Place, Entry> = [:]

  var asks: [FetchAsk] { entries.values.map(\.ask) }

  init(id: Int32, _ asks: [FetchAsk]) {
    self.id = id
    update(asks, forgetting: [])
  }

  func update(_ changed: [FetchAsk], forgetting forgotten: [FetchAsk]) {
    if !forgotten.isEmpty {
      let gone = Set(forgotten.map(\.place))
      entries.removeAll { gone.contains($0.key) }
    }
    for ask in changed { entries[ask.place, default: Entry(ask: ask)].ask = ask }
  }

  /// Whether the client must hear of the partition; notes that it does. Records and errors are always news.
  func isNews(_ partition: FetchResponse.Topic.Partition, of ask: FetchAsk) -> Bool {
    let now = Told(
      highWatermark: partition.highWatermark, lastStableOffset: partition.lastStableOffset,
      logStart: partition.logStartOffset, error: partition.error)
    let hasRecords = !partition.records.isEmpty
    guard let place = entries.index(forKey: ask.place) else { return true }
    let wasTold = entries.values[place].told
    entries.values[place].told = now
    entries.values[place].hadRecords = hasRecords
    return hasRecords || partition.error != .none || now != wasTold
  }

  /// Partitions that had records go to the end, as in Kafka: a limit on bytes would starve the others.
  func passTurns() {
    let served = entries.elements.filter(\.value.hadRecords)
    guard !served.isEmpty, served.count < entries.count else { return }
    let waiting = entries.elements.filter { !$0.value.hadRecords }
    entries = OrderedDictionary(uniqueKeysWithValues: (waiting + served).map { ($0.key, $0.value) })
  }
}

/// A node's fetch sessions. When there are too many, one that has asked for nothing in a while gives way.
struct FetchSessions {
  /// max.incremental.fetch.session.cache.slots
  static let limit = 1000
  /// min.incremental.fetch.session.eviction.ms. Without it more clients than there is room for would put each other out
  /// all the time.
  static let protection = Interval.seconds(120)

  private struct Entry {
    var session: FetchSession
    var usedAt: Instant
  }

  /// The one used longest ago comes first.
  private var entries: OrderedDictionary<Int32, Entry> = [:]
  private var lastID: Int32 = 0

  /// Nil when there is no room: the client then fetches without a session.
  mutating func open(_ asks: [FetchAsk], at now: Instant) -> FetchSession? {
    if entries.count >= Self.limit {
      guard let oldest = entries.values.first, now - oldest.usedAt >= Self.protection else { return nil }
      entries.removeFirst()
    }
    lastID = lastID == .max ? 1 : lastID + 1
    let session = FetchSession(id: lastID, asks)
    entries[lastID] = Entry(session: session, usedAt: now)
    return session
  }

  mutating func close(_ id: Int32) { entries.removeValue(forKey: id) }

  /// The session to go on with, which is then at the next epoch.
  mutating func resume(_ id: Int32, epoch: Int32, at now: Instant) throws(KafkaError) -> FetchSession {
    guard let session = entries[id]?.session else { throw .fetchSessionIDNotFound }
    guard session.epoch == epoch else { throw .invalidFetchSessionEpoch }
    session.epoch = epoch == .max ? 1 : epoch + 1
    entries.removeValue(forKey: id)
    entries[id] = Entry(session: session, usedAt: now)
    return session
  }
}
