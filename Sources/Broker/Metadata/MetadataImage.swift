public import Clockwork

/// What the metadata log says so far: brokers, topics, partitions, settings (KIP-631).
///
/// A fold: the same records give the same image on every broker. Records that make no sense (an unknown topic, a stale
/// broker epoch) change nothing, so that no log can stop a broker.
public struct MetadataImage: Hashable, Sendable {
  /// The offset after the last applied record.
  public private(set) var appliedThrough: Int64 = 0
  /// Every broker that ever registered, by id.
  public private(set) var brokers: [BrokerRegistration] = []
  /// Producer ids below this have been handed out.
  public private(set) var nextProducerID: Int64 = 0
  /// From the first registration ever; nil before it.
  public private(set) var identity: ClusterIdentity?
  public private(set) var brokerConfigs: [BrokerOverride] = []
  public private(set) var groupConfigs: [GroupOverride] = []
  /// By name and mechanism.
  public private(set) var scramUsers: [ScramUser] = []
  /// Who may do what, in the order in which it was said.
  public private(set) var access: [AccessBinding] = []

  /// By topic id, which counts from 1; nil where there is no such topic (any more).
  public private(set) var slots: [TopicImage?] = [nil]
  /// Looked up, never iterated.
  private var idsByName: [String: TopicID] = [:]

  public init() {}

  /// An image as it was written down. Nil when its topics are not in their places, two have one name, or it stands for more
  /// records than there can be: 2^60.
  public init?(
    appliedThrough: Int64, brokers: [BrokerRegistration], nextProducerID: Int64, identity: ClusterIdentity?,
    brokerConfigs: [BrokerOverride], groupConfigs: [GroupOverride], scramUsers: [ScramUser], access: [AccessBinding],
    slots: [TopicImage?]
  ) {
    guard (0...1 << 60).contains(appliedThrough), let first = slots.first, first == nil else { return nil }
    for (index, topic) in slots.enumerated() {
      guard let topic else { continue }
      guard topic.id.rawValue == index, idsByName.updateValue(topic.id, forKey: topic.name) == nil else { return nil }
    }
    self.appliedThrough = appliedThrough
    self.brokers = brokers
    self.nextProducerID = nextProducerID
    self.identity = identity
    self.brokerConfigs = brokerConfigs
    self.groupConfigs = groupConfigs
    self.scramUsers = scramUsers
    self.access = access
    self.slots = slots
  }

  // MARK: Questions

  public func broker(_ id: NodeID) -> BrokerRegistration? { brokers.first { $0.id == id } }

  /// Registered and not fenced.
  public func isLive(_ id: NodeID) -> Bool { brokers.contains { $0.id == id && !$0.fenced } }

  /// By id.
  public var liveBrokers: [NodeID] { brokers.filter { !$0.fenced }.map(\.id) }

  /// By topic id.
  public var topics: [TopicImage] { slots.compactMap { $0 } }

  public func topic(_ id: TopicID) -> TopicImage? {
    let index = Int(id.rawValue)
    return index < slots.count ? slots[index] : nil
  }

  public func topic(named name: String) -> TopicImage? { idsByName[name].flatMap { topic($0) } }

  public func topicID(named name: String) -> TopicID? { idsByName[name] }

  public func partition(_ id: PartitionID) -> PartitionState? {
    let topic = Int(id.topic.rawValue)
    let index = Int(id.index)
    guard topic < slots.count, index >= 0, let partitions = slots[topic]?.partitions, index < partitions.count else {
      return nil
    }
    return partitions[index]
  }

  /// The id that the next topic will get.
  public var nextTopicID: TopicID { TopicID(UInt32(slots.count)) }

  // MARK: The fold

  /// Applies the committed entries that are new; tells what they changed. Where the log has put some of them away, all that
  /// they amount to may have changed.
  public mutating func catchUp(_ disk: borrowing QuorumDisk, to highWatermark: Int64) -> MetadataChanges {
    var changes = MetadataChanges()
    if appliedThrough < disk.log.startOffset, let snapshot = disk.log.snapshot {
      changes = snapshot.image.everything(after: self)
      self = snapshot.image
    }
    while appliedThrough < highWatermark, let entry = disk.log[appliedThrough] {
      apply(entry.record, at: appliedThrough, &changes)
    }
    return changes
  }

  /// What may be different here from an earlier image.
  private func everything(after earlier: MetadataImage) -> MetadataChanges {
    var changes = MetadataChanges()
    changes.deletedTopics = earlier.topics.map(\.id).filter { topic($0) == nil }
    for topic in topics {
      changes.partitions += topic.partitions.indices.map { PartitionID(topic.id, Int32($0)) }
      changes.configs.append(topic.id)
    }
    changes.brokers = brokers.map(\.id)
    return changes
  }

  mutating func apply(_ record: MetadataRecord, at offset: Int64, _ changes: inout MetadataChanges) {
    appliedThrough = offset + 1
    switch record {
    case .leaderChange:
      break
    case .brokerRegistered(let id, let incarnation, let cleanShutdown, let endpoint):
      let new = BrokerRegistration(
        id: id, epoch: BrokerEpoch(offset), incarnation: incarnation, fenced: true, cleanShutdown: cleanShutdown,
        endpoint: endpoint)
      if identity == nil { identity = ClusterIdentity(firstIncarnation: incarnation) }
      brokers.removeAll { $0.id == id }
      brokers.insert(new, at: brokers.firstIndex { $0.id > id } ?? brokers.count)
      changes.brokers.append(id)
    case .brokerFenced(let id, let epoch):
      setFenced(true, id, epoch, &changes)
    case .brokerUnfenced(let id, let epoch):
      setFenced(false, id, epoch, &changes)
    case .topicCreated(let id, let name, let partitions, let config):
      create(id, name, partitions, config, &changes)
    case .topicDeleted(let id):
      guard let topic = topic(id) else { break }
      slots[Int(id.rawValue)] = nil
      if idsByName[topic.name] == id { idsByName[topic.name] = nil }
      changes.deletedTopics.append(id)
    case .partition(let id, let state):
      guard partition(id) != nil else { break }
      slots[Int(id.topic.rawValue)]?.partitions[Int(id.index)] = state
      changes.partitions.append(id)
    case .topicConfig(let id, let key, let value):
      guard topic(id) != nil else { break }
      slots[Int(id.rawValue)]?.config.set(key, value)
      changes.configs.append(id)
    case .producerIDs(let next):
      nextProducerID = max(nextProducerID, next)
    case .partitionsAdded(let id, let from, let partitions):
      guard let topic = topic(id), topic.partitions.count == Int(from) else { break }
      slots[Int(id.rawValue)]?.partitions += partitions
      for index in partitions.indices { changes.partitions.append(PartitionID(id, from + Int32(index))) }
    case .brokerConfig(let broker, let key, let value):
      brokerConfigs.removeAll { $0.broker == broker && $0.setting.key == key }
      guard let value else { break }
      let place = brokerConfigs.firstIndex { $0.setting.key > key } ?? brokerConfigs.count
      brokerConfigs.insert(BrokerOverride(broker: broker, setting: TopicSetting(key, value)), at: place)
    case .groupConfig(let group, let key, let value):
      groupConfigs.removeAll { $0.group == group && $0.setting.key == key }
      guard let value else { break }
      let place = groupConfigs.firstIndex { ($0.group, $0.setting.key) > (group, key) } ?? groupConfigs.count
      groupConfigs.insert(GroupOverride(group: group, setting: TopicSetting(key, value)), at: place)
    case .scramCredential(let user):
      scramUsers.removeAll { $0.name == user.name && $0.mechanism == user.mechanism }
      scramUsers.insert(user, at: scramUsers.firstIndex { user < $0 } ?? scramUsers.count)
    case .scramDeleted(let name, let mechanism):
      scramUsers.removeAll { $0.name == name && $0.mechanism == mechanism }
    case .accessAdded(let binding):
      if !access.contains(binding) { access.append(binding) }
    case .accessRemoved(let binding):
      access.removeAll { $0 == binding }
    }
  }

  private mutating func setFenced(
    _ fenced: Bool, _ id: NodeID, _ epoch: BrokerEpoch, _ changes: inout MetadataChanges
  ) {
    guard let index = brokers.firstIndex(where: { $0.id == id && $0.epoch == epoch }) else { return }
    brokers[index].fenced = fenced
    changes.brokers.append(id)
  }

  private mutating func create(
    _ id: TopicID, _ name: String, _ partitions: [PartitionState], _ config: [TopicSetting],
    _ changes: inout MetadataChanges
  ) {
    // The controller numbers topics without gaps.
    guard id == nextTopicID else { return }
    var topic = TopicImage(id: id, name: name, partitions: partitions)
    for setting in config { topic.config.set(setting.key, setting.value) }
    slots.append(topic)
    idsByName[name] = id
    for index in partitions.indices { changes.partitions.append(PartitionID(id, Int32(index))) }
  }
}

extension MetadataImage {
  /// By the records that would have said it, where there are such.
  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(appliedThrough)
    hasher.combine(nextProducerID)
    hasher.combine(identity?.high ?? 0)
    for broker in brokers {
      hasher.combine(broker.epoch.rawValue)
      hasher.combine(broker.fenced)
      MetadataRecord.brokerRegistered(
        broker.id, incarnation: broker.incarnation, cleanShutdown: broker.cleanShutdown, endpoint: broker.endpoint
      ).fingerprint(into: &hasher)
    }
    for one in brokerConfigs {
      MetadataRecord.brokerConfig(one.broker, key: one.setting.key, value: one.setting.value)
        .fingerprint(into: &hasher)
    }
    for one in groupConfigs {
      MetadataRecord.groupConfig(one.group, key: one.setting.key, value: one.setting.value).fingerprint(into: &hasher)
    }
    for user in scramUsers { MetadataRecord.scramCredential(user).fingerprint(into: &hasher) }
    for binding in access { MetadataRecord.accessAdded(binding).fingerprint(into: &hasher) }
    hasher.combine(slots.count)
    for topic in topics {
      MetadataRecord.topicCreated(
        topic.id, name: topic.name, partitions: topic.partitions, config: topic.config.overrides
      ).fingerprint(into: &hasher)
    }
  }
}

/// A topic as far as the metadata log tells.
public struct TopicImage: Hashable, Sendable {
  public var id: TopicID
  public var name: String
  /// By partition index.
  public var partitions: [PartitionState]
  public var config = TopicConfig()

  public init(id: TopicID, name: String, partitions: [PartitionState]) {
    self.id = id
    self.name = name
    self.partitions = partitions
  }
}

/// A broker as its controller knows it.
public struct BrokerRegistration: Hashable, Sendable {
  public var id: NodeID
  public var epoch: BrokerEpoch
  /// Drawn by the process; tells a repeated registration from a new one.
  public var incarnation: UInt64
  public var fenced: Bool
  public var cleanShutdown: Bool
  /// Nil where brokers have no addresses, as in the simulated world.
  public var endpoint: BrokerEndpoint?

  public init(
    id: NodeID, epoch: BrokerEpoch, incarnation: UInt64, fenced: Bool, cleanShutdown: Bool, endpoint: BrokerEndpoint?
  ) {
    self.id = id
    self.epoch = epoch
    self.incarnation = incarnation
    self.fenced = fenced
    self.cleanShutdown = cleanShutdown
    self.endpoint = endpoint
  }
}

/// What some records changed, for the broker to react to. May name a thing twice.
public struct MetadataChanges: Hashable, Sendable {
  /// Created or changed, in log order.
  public var partitions: [PartitionID] = []
  public var deletedTopics: [TopicID] = []
  /// Topics whose settings changed.
  public var configs: [TopicID] = []
  /// Registered, fenced or unfenced.
  public var brokers: [NodeID] = []

  public init() {}

  public var isEmpty: Bool {
    partitions.isEmpty && deletedTopics.isEmpty && configs.isEmpty && brokers.isEmpty
  }
}

extension TopicImage {
  /// Kafka's rule for topic names: 1 to 249 of letters, digits, dot, dash and underscore, but not only dots.
  public static func isLegal(name: String) -> Bool {
    let legal = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return legal && !name.isEmpty && name.utf8.count <= 249 && name != "." && name != ".."
  }
}
