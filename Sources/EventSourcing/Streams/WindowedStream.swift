import Clockwork

/// When a window tells its result.
public enum WindowEmission: Hashable, Sendable {
  /// At every event: early, and corrected as long as the window takes what comes late.
  case everyChange
  /// Once, when the window closes: final, and later by the grace.
  case whenClosed
}

/// The events of each key, in windows by the time that each event carries.
///
/// What has come is the measure of time, not a clock: a window closes when an event comes that is later than the
/// window's end by the grace. Closed windows are forgotten, so what is remembered stays bounded.
public struct WindowedStream<Key: Sendable & Hashable, Value: Sendable> {
  let stream: KeyedStream<Key, Value>
  let window: StreamWindow

  /// What the events of each key in each window come to.
  ///
  /// A table of everything that has been told: a closed window stays true in it though the store has forgotten it.
  public func aggregate<Total>(
    into name: String, _ totals: Serde<Total>, from initial: Total, emitting emission: WindowEmission = .everyChange,
    _ add: @escaping @Sendable (inout Total, Key, Value) -> Void
  ) -> KeyedTable<Windowed<Key>, Total> {
    let store = stream.builder.addStore(name, window: window)
    let keys = stream.keys.windowed
    let stage = stream.builder.add(after: [stream.stage]) { [window] (next: Sink<Windowed<Key>, Total?>) in
      Sink<Key, Value> { task, key, value, time in
        if time > task.stores[store].streamTime { task.stores[store].streamTime = time }
        let streamTime = task.stores[store].streamTime
        var start = window.lastStart(at: time)
        while start + window.size > time {
          defer { start = Instant(nanoseconds: start.nanoseconds - window.advance.nanoseconds) }
          if window.isClosed(start: start, at: streamTime) {
            task.counts.lateDropped += 1
            continue
          }
          if window.isOver(start: start, at: streamTime) { task.counts.lateCounted += 1 }
          let windowed = Windowed(start: start, key: key)
          let raw = keys.bytes(windowed)
          let before = task.stores[store].count
          let slot = task.stores[store].claim(raw)
          if task.stores[store].count > before { task.windows[store].add(raw, to: start) }
          let total = Aggregation.update(&task.stores[store], slot, totals, initial) { add(&$0, key, value) }
          if emission == .everyChange { next.push(&task, windowed, total, time) }
        }
        while let closed = task.windows[store].takeClosed(window, at: streamTime) {
          for raw in closed.keys {
            if emission == .whenClosed, let key = try? keys.value(raw),
              let total = task.stores[store].value(of: raw).flatMap({ try? totals.value($0) })
            {
              next.push(&task, key, total, closed.start + window.size)
            }
            task.stores[store].remove(raw)
          }
        }
      }
    }
    return KeyedTable(builder: stream.builder, stage: stage, keys: keys, values: totals, store: store)
  }

  /// How many events each key has had in each window.
  public func count(into name: String, emitting emission: WindowEmission = .everyChange) -> KeyedTable<
    Windowed<Key>, Int64
  > {
    aggregate(into: name, .number, from: 0, emitting: emission) { count, _, _ in count += 1 }
  }
}
