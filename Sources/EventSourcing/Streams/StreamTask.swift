public import Clockwork

/// One partition's share of a topology at work: records in, results and changes out.
///
/// A value without clock or network. What it has done is asked for by `commit`; what it remembers can be built again
/// from the changelogs alone, which is what a restart and a standby do.
public struct StreamTask: Sendable {
  public let topology: Topology
  public internal(set) var counts = StreamCounts()
  var stores: [StateStore]
  /// Of stores that hold windows, the windows that are open, by store.
  var windows: [OpenWindows]
  var output: [StreamRecord] = []

  public init(_ topology: Topology) {
    self.topology = topology
    stores = topology.stores.map { StateStore(name: $0.name) }
    windows = topology.stores.map { _ in OpenWindows() }
  }

  /// Hears a record. One of a topic that the topology does not read is passed over.
  public mutating func process(_ record: StreamRecord) {
    guard let source = topology.source(of: record.topic) else { return }
    process(source, key: record.key, value: record.value, time: record.time)
  }

  /// As above, by the source's number (`Topology.source(of:)`), which saves looking it up.
  public mutating func process(_ source: Int, key: [UInt8]?, value: [UInt8]?, time: Instant) {
    guard topology.sources.indices.contains(source) else { return }
    counts.records += 1
    topology.sources[source].hear(&self, key, value, time)
  }

  /// What has been done since the last commit.
  public mutating func commit() -> StreamCommit {
    var commit = StreamCommit()
    swap(&commit.output, &output)
    for index in stores.indices {
      let changes = stores[index].takeChanges()
      guard !changes.isEmpty else { continue }
      let spec = topology.stores[index]
      for change in changes {
        commit.changelog.append(
          StreamRecord(topic: spec.changelog, key: change.key, value: change.value, time: .start))
      }
      if spec.window != nil {
        // Windows must not open again after a restart: how far the stream has come is part of the state. No window's
        // key is empty, so the empty key is free for it.
        let time = Serde<Int64>.number.bytes(stores[index].streamTime.nanoseconds)
        commit.changelog.append(StreamRecord(topic: spec.changelog, key: [], value: time, time: .start))
      }
    }
    return commit
  }

  // MARK: Restoring

  /// Takes over a record of a changelog. In order, from the beginning; a compacted changelog will do. False when it is
  /// of no store of this topology's.
  @discardableResult
  public mutating func restore(_ record: StreamRecord) -> Bool {
    guard let index = topology.stores.firstIndex(where: { $0.changelog == record.topic }), let key = record.key else {
      return false
    }
    guard topology.stores[index].window != nil else {
      stores[index].restore(StateStore.Change(key: key, value: record.value))
      return true
    }
    if key.isEmpty {
      if let value = record.value, let time = try? Serde<Int64>.number.value(value) {
        stores[index].streamTime = max(stores[index].streamTime, Instant(nanoseconds: time))
      }
      return true
    }
    guard let start = WindowKey.start(of: key) else { return false }
    let wasOpen = stores[index].isLive(key)
    stores[index].restore(StateStore.Change(key: key, value: record.value))
    switch (wasOpen, record.value != nil) {
    case (false, true): windows[index].add(key, to: start)
    case (true, false): windows[index].remove(key, from: start)
    default: break
    }
    return true
  }

  // MARK: Reading

  /// A store by its name.
  public func store(_ name: String) -> StateStore? { stores.first { $0.name == name } }

  /// Everything that decides the future, but for what was not committed yet.
  public func fingerprint() -> UInt64 {
    var hasher = StateHasher()
    for store in stores { store.fingerprint(into: &hasher) }
    return hasher.finalize()
  }
}

/// The windows of a store that are open, and the keys in each.
struct OpenWindows: Sendable {
  /// Ordered by start; few, unless windows overlap much.
  private(set) var open: [(start: Instant, keys: [[UInt8]])] = []

  mutating func add(_ key: [UInt8], to start: Instant) {
    // Almost always the last.
    var at = open.count
    while at > 0, open[at - 1].start > start { at -= 1 }
    if at > 0, open[at - 1].start == start {
      open[at - 1].keys.append(key)
    } else {
      open.insert((start, [key]), at: at)
    }
  }

  mutating func remove(_ key: [UInt8], from start: Instant) {
    guard let at = open.firstIndex(where: { $0.start == start }) else { return }
    if let place = open[at].keys.firstIndex(of: key) { open[at].keys.remove(at: place) }
    if open[at].keys.isEmpty { open.remove(at: at) }
  }

  /// The earliest window, if it is closed by then, with its keys in order; it is then no longer open.
  mutating func takeClosed(_ window: StreamWindow, at streamTime: Instant) -> (start: Instant, keys: [[UInt8]])? {
    guard let first = open.first, window.isClosed(start: first.start, at: streamTime) else { return nil }
    open.removeFirst()
    return (first.start, first.keys.sorted { $0.lexicographicallyPrecedes($1) })
  }
}
