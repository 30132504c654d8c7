/// The newest value of each key, on its way through a topology: a nil says that the key is gone.
public struct KeyedTable<Key: Sendable & Hashable, Value: Sendable> {
  let builder: TopologyBuilder
  let stage: Int
  let keys: Serde<Key>
  let values: Serde<Value>
  let store: Int

  /// Every change, as an event; that a key is gone is none.
  public var changes: KeyedStream<Key, Value> {
    let stage = builder.add(after: [stage]) { (next: Sink<Key, Value>) in
      Sink<Key, Value?> { task, key, value, time in
        if let value { next.push(&task, key, value, time) }
      }
    }
    return KeyedStream(builder: builder, stage: stage, keys: keys, values: values)
  }

  /// Writes every change to a topic, which is to be compacted; that a key is gone is written as a tombstone.
  public func to(_ topic: String) {
    _ = builder.add(after: [stage]) { (_: Sink<Never, Never>) in
      Sink<Key, Value?> { [keys, values] task, key, value, time in
        task.output.append(
          StreamRecord(topic: topic, key: keys.bytes(key), value: value.map { values.bytes($0) }, time: time))
      }
    }
  }

  /// The keys that both tables have, with what the two values come to; kept current whichever of them changes.
  public func join<Other, Result>(
    _ other: KeyedTable<Key, Other>, into name: String, _ results: Serde<Result>,
    _ combine: @escaping @Sendable (Value, Other) -> Result
  ) -> KeyedTable<Key, Result> {
    let store = builder.addStore(name)
    let (ownStore, otherStore) = (self.store, other.store)
    let left = builder.add(after: [stage]) { (next: Sink<Key, Result?>) in
      Sink<Key, Value?> { [keys, others = other.values] task, key, value, time in
        let found = task.stores[otherStore].value(of: keys.bytes(key)).flatMap { try? others.value($0) }
        let result = value.flatMap { value in found.map { combine(value, $0) } }
        next.push(&task, key, result, time)
      }
    }
    let right = builder.add(after: [other.stage]) { (next: Sink<Key, Result?>) in
      Sink<Key, Other?> { [keys, values] task, key, value, time in
        let found = task.stores[ownStore].value(of: keys.bytes(key)).flatMap { try? values.value($0) }
        let result = value.flatMap { value in found.map { combine($0, value) } }
        next.push(&task, key, result, time)
      }
    }
    let joined = builder.add(after: [left, right]) { (next: Sink<Key, Result?>) in
      Sink<Key, Result?> { [keys] task, key, result, time in
        let raw = keys.bytes(key)
        // A key that is in neither before nor after has not changed.
        guard result != nil || task.stores[store].isLive(raw) else { return }
        task.stores[store].set(raw, result.map { results.bytes($0) })
        next.push(&task, key, result, time)
      }
    }
    return KeyedTable<Key, Result>(builder: builder, stage: joined, keys: keys, values: results, store: store)
  }
}
