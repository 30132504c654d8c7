import Bytes

/// What of a consumer group of the new protocol outlives its coordinator, in Kafka's own encoding: keys 3 and 5 to 8
/// of `__consumer_offsets`.
enum RosterRecord: Hashable {
  /// The group's epoch, and a hash of the topics it was made for (KIP-1101). Nil: there is no such group any more.
  case epoch(Epoch?)
  /// What a member said of itself.
  case member(String, Description?)
  case targetEpoch(Int32?)
  case target(String, [OwnedPartition]?)
  /// How far a member has come.
  case current(String, Current?)

  struct Epoch: Hashable {
    var epoch: Int32
    var topicsHash: Int64
  }

  struct Description: Hashable {
    var instance: String?
    var rack: String?
    var client: String
    var host: String
    var topics: [String]
    var pattern: String?
    /// Milliseconds.
    var rebalanceTimeout: Int32
    var assignor: String?
  }

  struct Current: Hashable {
    var epoch: Int32
    var previousEpoch: Int32
    var phase: ConsumerRoster.Phase
    var assigned: [ConsumerRoster.Holding]
    var revoking: [ConsumerRoster.Holding]
  }

  static let versions: ClosedRange<Int16> = 3...8

  func key(of group: String) -> [UInt8] {
    var key = ByteWriter()
    switch self {
    case .epoch: key.write(3 as Int16)
    case .member: key.write(5 as Int16)
    case .targetEpoch: key.write(6 as Int16)
    case .target: key.write(7 as Int16)
    case .current: key.write(8 as Int16)
    }
    key.write(text: group)
    switch self {
    case .member(let member, _), .target(let member, _), .current(let member, _): key.write(text: member)
    case .epoch, .targetEpoch: break
    }
    return key.bytes
  }

  var value: [UInt8]? {
    var value = ByteWriter()
    value.write(0 as Int16)
    switch self {
    case .epoch(nil), .member(_, nil), .targetEpoch(nil), .target(_, nil), .current(_, nil): return nil
    case .epoch(let epoch?):
      value.write(epoch.epoch)
      value.write(tag: 0) { $0.write(epoch.topicsHash) }
    case .member(_, let member?):
      value.write(compact: member.instance)
      value.write(compact: member.rack)
      value.write(compact: member.client)
      value.write(compact: member.host)
      value.write(count: member.topics.count)
      for topic in member.topics { value.write(compact: topic) }
      value.write(compact: member.pattern)
      value.write(member.rebalanceTimeout)
      value.write(compact: member.assignor)
      value.writeUnsignedVarint(0)
    case .targetEpoch(let epoch?):
      value.write(epoch)
      value.writeUnsignedVarint(0)
    case .target(_, let partitions?):
      value.write(partitions.map { ConsumerRoster.Holding(partition: $0, since: 0) }, withEpochs: false)
      value.writeUnsignedVarint(0)
    case .current(_, let current?):
      value.write(current.epoch)
      value.write(current.previousEpoch)
      value.write(current.phase.rawValue)
      value.write(current.assigned, withEpochs: true)
      value.write(current.revoking, withEpochs: true)
      value.writeUnsignedVarint(0)
    }
    return value.bytes
  }
}

extension RosterRecord {
  /// `key` stands after the version and the group. Nil for a value of a version that is not known.
  init?(version: Int16, _ key: inout ByteReader, _ value: [UInt8]?) throws(ByteError) {
    var reader = ByteReader(value ?? [])
    if value != nil, try reader.read(Int16.self) != 0 { return nil }
    switch version {
    case 3:
      guard value != nil else {
        self = .epoch(nil)
        return
      }
      var epoch = Epoch(epoch: try reader.read(), topicsHash: 0)
      try reader.readTags { tag, field throws(ByteError) in
        if tag == 0 { epoch.topicsHash = try field.read() }
      }
      self = .epoch(epoch)
    case 5:
      let member = try key.readText16()
      guard value != nil else {
        self = .member(member, nil)
        return
      }
      let instance = try reader.readCompact()
      let rack = try reader.readCompact()
      let client = try reader.readCompact() ?? ""
      let host = try reader.readCompact() ?? ""
      var topics: [String] = []
      for _ in 0..<(try reader.readCompactCount(itemSize: 1)) { topics.append(try reader.readCompact() ?? "") }
      self = .member(
        member,
        Description(
          instance: instance, rack: rack, client: client, host: host, topics: topics,
          pattern: try reader.readCompact(), rebalanceTimeout: try reader.read(), assignor: try reader.readCompact()))
    case 6:
      self = .targetEpoch(value == nil ? nil : try reader.read(Int32.self))
    case 7:
      let member = try key.readText16()
      self = .target(member, value == nil ? nil : try reader.readHoldings().map(\.partition))
    case 8:
      let member = try key.readText16()
      guard value != nil else {
        self = .current(member, nil)
        return
      }
      let (epoch, previous): (Int32, Int32) = (try reader.read(), try reader.read())
      guard let phase = ConsumerRoster.Phase(rawValue: try reader.read()) else { return nil }
      self = .current(
        member,
        Current(
          epoch: epoch, previousEpoch: previous, phase: phase, assigned: try reader.readHoldings(),
          revoking: try reader.readHoldings()))
    default: return nil
    }
  }
}

// MARK: Compact types (KIP-482): lengths plus one, 0 for null

extension ByteWriter {
  fileprivate mutating func write(count: Int) { writeUnsignedVarint(UInt32(truncatingIfNeeded: count + 1)) }

  fileprivate mutating func write(compact text: String?) {
    guard let text else { return writeUnsignedVarint(0) }
    write(count: text.utf8.count)
    write(bytes: text.utf8)
  }

  /// The only tagged field of a struct, which it ends.
  fileprivate mutating func write(tag: UInt32, _ body: (inout ByteWriter) -> Void) {
    var field = ByteWriter()
    body(&field)
    writeUnsignedVarint(1)
    writeUnsignedVarint(tag)
    writeUnsignedVarint(UInt32(truncatingIfNeeded: field.count))
    write(bytes: field.bytes)
  }

  /// Sorted holdings, topic by topic; since when each is held goes into a tagged field (KIP-1251).
  fileprivate mutating func write(_ holdings: [ConsumerRoster.Holding], withEpochs: Bool) {
    var topics: [[ConsumerRoster.Holding]] = []
    for holding in holdings {
      if topics.last?.first?.partition.topic == holding.partition.topic {
        topics[topics.count - 1].append(holding)
      } else {
        topics.append([holding])
      }
    }
    write(count: topics.count)
    for topic in topics {
      guard let id = topic.first?.partition.topic else { continue }
      write(id.high)
      write(id.low)
      write(count: topic.count)
      for holding in topic { write(holding.partition.index) }
      guard withEpochs else {
        writeUnsignedVarint(0)
        continue
      }
      write(tag: 0) { field in
        field.write(count: topic.count)
        for holding in topic { field.write(holding.since) }
      }
    }
  }
}

extension ByteReader {
  fileprivate mutating func readCompact() throws(ByteError) -> String? {
    let count = Int(try readUnsignedVarint())
    return count == 0 ? nil : try readText(count - 1)
  }

  /// A count that the rest could not hold is refused; null is 0.
  fileprivate mutating func readCompactCount(itemSize: Int) throws(ByteError) -> Int {
    let count = max(0, Int(try readUnsignedVarint()) - 1)
    guard count <= remaining / itemSize else { throw .badLength(count) }
    return count
  }

  fileprivate mutating func readTags(
    _ hear: (UInt32, inout ByteReader) throws(ByteError) -> Void
  ) throws(ByteError) {
    for _ in 0..<(try readUnsignedVarint()) {
      let tag = try readUnsignedVarint()
      var field = ByteReader(try readSlice(Int(try readUnsignedVarint())))
      try hear(tag, &field)
    }
  }

  /// Sorted; held since epoch 0 where nothing is said.
  fileprivate mutating func readHoldings() throws(ByteError) -> [ConsumerRoster.Holding] {
    var holdings: [ConsumerRoster.Holding] = []
    // A topic takes at least its id, a count and its tags.
    for _ in 0..<(try readCompactCount(itemSize: 18)) {
      let id = TopicUUID(high: try read(), low: try read())
      var indices: [Int32] = []
      for _ in 0..<(try readCompactCount(itemSize: 4)) { indices.append(try read()) }
      var epochs: [Int32] = []
      try readTags { tag, field throws(ByteError) in
        guard tag == 0 else { return }
        for _ in 0..<(try field.readCompactCount(itemSize: 4)) { epochs.append(try field.read()) }
      }
      for (place, index) in indices.enumerated() {
        let since = place < epochs.count ? epochs[place] : 0
        holdings.append(ConsumerRoster.Holding(partition: OwnedPartition(id, index), since: since))
      }
    }
    return holdings.sorted { $0.partition < $1.partition }
  }
}
