import Bytes
import Clockwork

/// Events by key, on their way through a topology.
public struct KeyedStream<Key: Sendable & Hashable, Value: Sendable> {
  let builder: TopologyBuilder
  let stage: Int
  let keys: Serde<Key>
  let values: Serde<Value>

  /// Only what passes the test.
  public func filter(_ passes: @escaping @Sendable (Key, Value) -> Bool) -> KeyedStream {
    let stage = builder.add(after: [stage]) { (next: Sink<Key, Value>) in
      Sink<Key, Value> { task, key, value, time in
        if passes(key, value) { next.push(&task, key, value, time) }
      }
    }
    return KeyedStream(builder: builder, stage: stage, keys: keys, values: values)
  }

  /// Each value made into another.
  public func map<Other>(_ values: Serde<Other>, _ change: @escaping @Sendable (Key, Value) -> Other)
    -> KeyedStream<Key, Other>
  {
    let stage = builder.add(after: [stage]) { (next: Sink<Key, Other>) in
      Sink<Key, Value> { task, key, value, time in next.push(&task, key, change(key, value), time) }
    }
    return KeyedStream<Key, Other>(builder: builder, stage: stage, keys: keys, values: values)
  }

  /// This stream's events and another's, as they come.
  public func merged(with other: KeyedStream) -> KeyedStream {
    let stage = builder.add(after: [stage, other.stage]) { (next: Sink<Key, Value>) in next }
    return KeyedStream(builder: builder, stage: stage, keys: keys, values: values)
  }

  /// The events under another key. They go through a topic of the topology's own, so that all of one new key come
  /// together in one task; nil leaves an event out.
  public func rekey<Other>(
    _ name: String, _ newKeys: Serde<Other>, _ key: @escaping @Sendable (Key, Value) -> Other?
  ) -> KeyedStream<Other, Value> {
    let topic = builder.repartition(name)
    _ = builder.add(after: [stage]) { (_: Sink<Never, Never>) in
      Sink<Key, Value> { [values] task, old, value, time in
        guard let new = key(old, value) else { return }
        task.output.append(
          StreamRecord(topic: topic, key: newKeys.bytes(new), value: values.bytes(value), time: time))
      }
    }
    return builder.stream(topic, newKeys, values)
  }

  /// Writes every event to a topic.
  public func to(_ topic: String) {
    _ = builder.add(after: [stage]) { (_: Sink<Never, Never>) in
      Sink<Key, Value> { [keys, values] task, key, value, time in
        task.output.append(StreamRecord(topic: topic, key: keys.bytes(key), value: values.bytes(value), time: time))
      }
    }
  }

  /// Writes every event to a topic in another form than the stream's own.
  public func to(_ topic: String, as form: @escaping @Sendable (Key, Value) -> (key: [UInt8], value: [UInt8])) {
    _ = builder.add(after: [stage]) { (_: Sink<Never, Never>) in
      Sink<Key, Value> { task, key, value, time in
        let (key, value) = form(key, value)
        task.output.append(StreamRecord(topic: topic, key: key, value: value, time: time))
      }
    }
  }

  // MARK: Joining

  /// Each event with the table's value of its key at this moment; events whose key the table has not are left out.
  public func join<Other, Result>(
    _ table: KeyedTable<Key, Other>, _ values: Serde<Result>,
    _ combine: @escaping @Sendable (Value, Other) -> Result
  ) -> KeyedStream<Key, Result> {
    leftJoin(table, values) { value, other in other.map { combine(value, $0) } }
  }

  /// Each event with the table's value of its key at this moment, or with nil. A result of nil leaves the event out.
  public func leftJoin<Other, Result>(
    _ table: KeyedTable<Key, Other>, _ values: Serde<Result>,
    _ combine: @escaping @Sendable (Value, Other?) -> Result?
  ) -> KeyedStream<Key, Result> {
    let (store, others) = (table.store, table.values)
    let stage = builder.add(after: [stage]) { (next: Sink<Key, Result>) in
      Sink<Key, Value> { [keys] task, key, value, time in
        let found = task.stores[store].value(of: keys.bytes(key)).flatMap { try? others.value($0) }
        if let result = combine(value, found) { next.push(&task, key, result, time) }
      }
    }
    return KeyedStream<Key, Result>(builder: builder, stage: stage, keys: keys, values: values)
  }

  // MARK: Remembering

  /// What the events of each key come to, all of them together.
  public func aggregate<Total>(
    into name: String, _ totals: Serde<Total>, from initial: Total,
    _ add: @escaping @Sendable (inout Total, Key, Value) -> Void
  ) -> KeyedTable<Key, Total> {
    let store = builder.addStore(name)
    let stage = builder.add(after: [stage]) { (next: Sink<Key, Total?>) in
      Sink<Key, Value> { [keys] task, key, value, time in
        let slot = task.stores[store].claim(keys.bytes(key))
        let total = Aggregation.update(&task.stores[store], slot, totals, initial) { add(&$0, key, value) }
        next.push(&task, key, total, time)
      }
    }
    return KeyedTable(builder: builder, stage: stage, keys: keys, values: totals, store: store)
  }

  /// How many events each key has had.
  public func count(into name: String) -> KeyedTable<Key, Int64> {
    aggregate(into: name, .number, from: 0) { count, _, _ in count += 1 }
  }

  /// The events of each key in each window.
  public func windowed(_ window: StreamWindow) -> WindowedStream<Key, Value> {
    WindowedStream(stream: self, window: window)
  }
}

enum Aggregation {
  /// Changes the total in a slot: one that cannot be read, or is not there yet, begins at `initial`.
  static func update<Total>(
    _ store: inout StateStore, _ slot: Int, _ totals: Serde<Total>, _ initial: Total, _ add: (inout Total) -> Void
  ) -> Total {
    store.change(slot) { bytes in
      var total = bytes.isEmpty ? initial : (try? totals.value(bytes)) ?? initial
      add(&total)
      bytes.removeAll(keepingCapacity: true)
      var writer = ByteWriter(appendingTo: bytes)
      bytes = []
      totals.write(total, &writer)
      bytes = writer.bytes
      return total
    }
  }
}
