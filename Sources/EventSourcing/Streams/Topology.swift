import Clockwork

/// How records flow: from topics through what is done with them into topics, and what is remembered on the way.
///
/// Built by `TopologyBuilder`, run by `StreamTask`. A value that many tasks share.
public struct Topology: Sendable {
  struct Source: Sendable {
    let topic: String
    let hear: @Sendable (inout StreamTask, [UInt8]?, [UInt8]?, Instant) -> Void
  }

  struct Store: Sendable {
    let name: String
    /// The topic, to be compacted, that the store is restored from.
    let changelog: String
    let window: StreamWindow?
  }

  let sources: [Source]
  let stores: [Store]
  /// Topics of this topology's own that carry records to where their new keys belong.
  public let repartitions: [String]
  private let byTopic: [String: Int]

  init(sources: [Source], stores: [Store], repartitions: [String]) {
    self.sources = sources
    self.stores = stores
    self.repartitions = repartitions
    byTopic = Dictionary(sources.enumerated().map { ($1.topic, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The topics that it reads, its own ones that carry records to new keys among them.
  public var topics: [String] { sources.map(\.topic) }
  /// The topics that its stores are restored from.
  public var changelogs: [String] { stores.map(\.changelog) }
  public var storeNames: [String] { stores.map(\.name) }

  /// The number of the source that reads a topic.
  public func source(of topic: String) -> Int? { byTopic[topic] }
}

/// What a stage of a topology hands its results to.
struct Sink<Key: Sendable, Value: Sendable>: AnySink {
  let push: @Sendable (inout StreamTask, Key, Value, Instant) -> Void

  /// One after the other, in the order in which they were attached.
  static func all(_ sinks: [Sink]) -> Sink {
    switch sinks.count {
    case 0: return Sink { _, _, _, _ in }
    case 1: return sinks[0]
    default:
      return Sink { task, key, value, time in
        for sink in sinks { sink.push(&task, key, value, time) }
      }
    }
  }
}

protocol AnySink: Sendable {}

/// Puts a topology together. Not to be used from several threads, and of no more use once `build` was called.
public final class TopologyBuilder {
  /// A stage: it is made once all that hangs on it has been made.
  private struct Stage {
    var next: [Int] = []
    let make: ([any AnySink]) -> any AnySink
  }

  private let application: String
  private var stages: [Stage] = []
  private var sources: [(topic: String, stage: Int)] = []
  private(set) var stores: [Topology.Store] = []
  private var repartitions: [String] = []

  /// - Parameter application: what the names of the topology's own topics begin with.
  public init(_ application: String) { self.application = application }

  /// Records of a topic, each an event. Records without key or value are passed over.
  public func stream<Key, Value>(_ topic: String, _ keys: Serde<Key>, _ values: Serde<Value>) -> KeyedStream<Key, Value>
  {
    let stage = addSource(topic) { (sinks: [Sink<Key, Value>]) in
      let next = Sink.all(sinks)
      return SourceSink { task, key, value, time in
        guard let key, let value else { return }
        guard let key = try? keys.value(key), let value = try? values.value(value) else {
          task.counts.unreadable += 1
          return
        }
        next.push(&task, key, value, time)
      }
    }
    return KeyedStream(builder: self, stage: stage, keys: keys, values: values)
  }

  /// Records of a topic, each the newest value of its key; one without value deletes the key.
  public func table<Key, Value>(
    _ topic: String, _ keys: Serde<Key>, _ values: Serde<Value>, store name: String
  ) -> KeyedTable<Key, Value> {
    let store = addStore(name)
    let stage = addSource(topic) { (sinks: [Sink<Key, Value?>]) in
      let next = Sink.all(sinks)
      return SourceSink { task, key, value, time in
        guard let raw = key else { return }
        guard let key = try? keys.value(raw) else {
          task.counts.unreadable += 1
          return
        }
        guard let value else {
          task.stores[store].remove(raw)
          return next.push(&task, key, nil, time)
        }
        guard let read = try? values.value(value) else {
          task.counts.unreadable += 1
          return
        }
        task.stores[store].set(raw, value)
        next.push(&task, key, read, time)
      }
    }
    return KeyedTable(builder: self, stage: stage, keys: keys, values: values, store: store)
  }

  /// The topology as built so far.
  public func build() -> Topology {
    var made: [any AnySink] = stages.map { _ in Sink<Never, Never> { _, _, _, _ in } }
    // What hangs on a stage was added after it, so from the last to the first everything is there when it is needed.
    for stage in stages.indices.reversed() { made[stage] = stages[stage].make(stages[stage].next.map { made[$0] }) }
    let heard = sources.compactMap { source in
      (made[source.stage] as? SourceSink).map { Topology.Source(topic: source.topic, hear: $0.hear) }
    }
    return Topology(sources: heard, stores: stores, repartitions: repartitions)
  }

  // MARK: Parts

  /// Adds a stage that takes `Key` and `Value` from the stages it hangs on and hands results to those that hang on it.
  func add<Key, Value, NextKey, NextValue>(
    after parents: [Int], _ make: @escaping (Sink<NextKey, NextValue>) -> Sink<Key, Value>
  ) -> Int {
    let stage = stages.count
    // Stages are typed by how they are put together, so the casts cannot fail.
    stages.append(Stage { make(Sink.all($0.compactMap { $0 as? Sink<NextKey, NextValue> })) })
    for parent in parents { stages[parent].next.append(stage) }
    return stage
  }

  func attach(_ stage: Int, to parent: Int) { stages[parent].next.append(stage) }

  func addStore(_ name: String, window: StreamWindow? = nil) -> Int {
    stores.append(Topology.Store(name: name, changelog: "\(application)-\(name)-changelog", window: window))
    return stores.count - 1
  }

  func repartition(_ name: String) -> String {
    let topic = "\(application)-\(name)-repartition"
    if !repartitions.contains(topic) { repartitions.append(topic) }
    return topic
  }

  private func addSource<Key, Value>(_ topic: String, _ make: @escaping ([Sink<Key, Value>]) -> SourceSink) -> Int {
    let stage = stages.count
    stages.append(Stage { make($0.compactMap { $0 as? Sink<Key, Value> }) })
    sources.append((topic, stage))
    return stage
  }

  private struct SourceSink: AnySink {
    let hear: @Sendable (inout StreamTask, [UInt8]?, [UInt8]?, Instant) -> Void
  }
}
