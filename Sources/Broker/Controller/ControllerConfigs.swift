public import Clockwork

/// Whose settings.
public enum ConfigResource: Hashable, Sendable {
  case topic(String)
  /// Nil: the default of all brokers.
  case broker(NodeID?)
  /// A consumer group of the new protocol; it need not be there yet.
  case group(String)
}

/// One change of one setting (KIP-339). Append and subtract are for lists.
public enum ConfigChange: Hashable, Sendable {
  case set(String, String)
  case delete(String)
  case append(String, String)
  case subtract(String, String)

  var key: String {
    switch self {
    case .set(let key, _), .delete(let key), .append(let key, _), .subtract(let key, _): key
    }
  }
}

// Decisions about settings.

extension Controller {
  /// All changes or none. With `replacing` whatever is not set goes back to its default (AlterConfigs before KIP-339).
  func alterConfigs(
    _ resource: ConfigResource, _ changes: [ConfigChange], replacing: Bool, validateOnly: Bool
  ) throws(Refusal) -> Decision {
    var records: [MetadataRecord]
    switch resource {
    case .topic(let name):
      let topic = try topic(name)
      let before = topic.config.overrides
      let after = try apply(changes, to: replacing ? [] : before, TopicConfig.definitions, "topic")
      let edits = Self.edits(from: before, to: after)
      records = settle(topic, edits) + edits.map { .topicConfig(topic.id, key: $0.key, value: $0.value) }
    case .broker(let broker):
      if let broker, image.broker(broker) == nil {
        throw Refusal(.invalidRequest, "No broker \(broker). Brokers: \(names(image.brokers.map(\.id))).")
      }
      let before = image.brokerOverrides(of: broker)
      let after = try apply(changes, to: replacing ? [] : before, BrokerConfig.definitions, "broker")
      records = Self.edits(from: before, to: after).map { .brokerConfig(broker, key: $0.key, value: $0.value) }
    case .group(let group):
      guard !group.isEmpty else { throw Refusal(.invalidRequest, "A group's name is empty. Expected: a name.") }
      let before = image.groupOverrides(of: group)
      let after = try apply(changes, to: replacing ? [] : before, GroupConfig.definitions, "group")
      records = Self.edits(from: before, to: after).map { .groupConfig(group, key: $0.key, value: $0.value) }
    }
    if validateOnly { records = [] }
    return Decision(records, .done)
  }

  /// What a change of settings does to partitions at once. A lower minimum lets the high watermark go on without the
  /// eligible replicas, a switch to unclean election may find a leader: settle first, so that a crash in between cannot
  /// leave a replica eligible that is no longer complete.
  func settle(_ topic: TopicImage, _ edits: [ConfigEdit]) -> [MetadataRecord] {
    var changed = topic
    for edit in edits { changed.config.set(edit.key, edit.value) }
    guard
      changed.config.minInSync != topic.config.minInSync
        || changed.config.uncleanElection != topic.config.uncleanElection
    else { return [] }
    let election = election(changed)
    return topic.partitions.enumerated().compactMap { index, state in
      election.settle(state).map { .partition(PartitionID(topic.id, Int32(index)), $0) }
    }
  }

  private func apply(
    _ changes: [ConfigChange], to before: [TopicSetting], _ definitions: [ConfigDefinition], _ kind: String
  ) throws(Refusal) -> [TopicSetting] {
    var settings = before
    for (index, change) in changes.enumerated() {
      guard !changes[..<index].contains(where: { $0.key == change.key }) else {
        throw Refusal(.invalidRequest, "\(change.key) is changed twice. Expected: once.")
      }
      guard let definition = definitions.first(where: { $0.name == change.key }) else {
        let known = definitions.filter { !$0.isReadOnly }.map(\.name).joined(separator: ", ")
        throw Refusal(.invalidConfig, "No \(kind) setting \(change.key). Settings: \(known).")
      }
      guard !definition.isReadOnly else {
        throw Refusal(.invalidConfig, "\(change.key) cannot be changed while the broker runs.")
      }
      let old = settings.first { $0.key == change.key }?.value ?? definition.defaultValue
      settings.removeAll { $0.key == change.key }
      if let value = try value(change, old, definition) { settings.append(TopicSetting(change.key, value)) }
    }
    return settings.sorted { $0.key < $1.key }
  }

  /// The new value; nil for the default.
  private func value(
    _ change: ConfigChange, _ old: String, _ definition: ConfigDefinition
  ) throws(Refusal) -> String? {
    let value: String
    switch change {
    case .delete: return nil
    case .set(_, let new): value = new
    case .append(let key, let more), .subtract(let key, let more):
      guard definition.type == .list else {
        throw Refusal(.invalidConfig, "\(key) is no list: nothing can be appended or subtracted. Try: set")
      }
      var items = old.split(separator: ",").map(String.init)
      let named = more.split(separator: ",").map(String.init)
      if case .append = change {
        for item in named where !items.contains(item) { items.append(item) }
      } else {
        items.removeAll(where: named.contains)
      }
      value = items.joined(separator: ",")
    }
    guard definition.domain.contains(value) else {
      throw Refusal(.invalidConfig, "\(change.key) cannot be \(value). Expected: \(definition.domain.words).")
    }
    return value
  }

  struct ConfigEdit: Hashable {
    var key: String
    var value: String?
  }

  private static func edits(from before: [TopicSetting], to after: [TopicSetting]) -> [ConfigEdit] {
    let gone = before.filter { old in !after.contains { $0.key == old.key } }.map {
      ConfigEdit(key: $0.key, value: nil)
    }
    return gone + after.filter { !before.contains($0) }.map { ConfigEdit(key: $0.key, value: $0.value) }
  }
}
