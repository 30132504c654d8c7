public import Clockwork
public import RecordLog

/// What of a broker survives a crash: its part of the metadata log, and the logs of its replicas.
///
/// The metadata log is synced before anything depends on it. Record logs are not: Kafka relies on replication and lets
/// the operating system write back in its own time, so a power failure takes the tail (see `checkpoint`).
public struct BrokerDisk<Log: PartitionLog>: Durable {
  public struct Partition: Sendable {
    public let id: PartitionID
    public var log: Log
    /// The high watermark when it was last written down.
    public var checkpointedHighWatermark: Offset

    public init(id: PartitionID, log: Log, checkpointedHighWatermark: Offset = .zero) {
      self.id = id
      self.log = log
      self.checkpointedHighWatermark = checkpointedHighWatermark
    }
  }

  public var quorum = QuorumDisk()
  /// In the order in which the replicas came to this broker.
  public var partitions: [Partition] = []
  /// The last process stopped on purpose, with everything written back.
  public var stoppedCleanly = true

  /// Makes the log of a replica that is new to this broker, and is told the name of its topic.
  public var makeLog: @Sendable (PartitionID, _ topicName: String) throws(LogError) -> Log = { _, _ in Log() }

  /// Gives a log the settings of its topic.
  public var configureLog: @Sendable (inout Log, TopicConfig) -> Void = { _, _ in }

  public init() {}

  /// A disk with logs that are already open. Which they may be is for whoever opened them to know: a log of a topic that
  /// was deleted meanwhile is no replica's, and stays as it is.
  public init(opened partitions: [Partition]) { self.partitions = partitions }

  public var position: UInt64 { quorum.position }

  public mutating func synced(through position: UInt64) { quorum.synced(through: position) }

  public mutating func losePower(_ choices: inout Choices) {
    quorum.losePower(&choices)
    for slot in partitions.indices { partitions[slot].log.losePower(&choices) }
  }

  /// Cuts torn tails and keeps the high watermarks within the logs.
  mutating func recover() {
    for slot in partitions.indices {
      partitions[slot].checkpointedHighWatermark = min(
        partitions[slot].checkpointedHighWatermark, partitions[slot].log.endOffset)
    }
  }

  /// The slot of a replica's log, made when there is none.
  mutating func slot(of id: PartitionID, named topic: String) throws(LogError) -> Int {
    if let slot = partitions.firstIndex(where: { $0.id == id }) { return slot }
    partitions.append(Partition(id: id, log: try makeLog(id, topic)))
    return partitions.count - 1
  }

  /// An empty log for a replica that cannot have a real one: it is offline from the start.
  mutating func emptySlot(of id: PartitionID) -> Int {
    partitions.append(Partition(id: id, log: Log()))
    return partitions.count - 1
  }
}

extension Broker {
  /// Writes the high watermarks down. The operating system is taken to write dirty pages back as often.
  mutating func checkpoint() {
    for replica in replicas {
      disk.partitions[replica.slot].checkpointedHighWatermark = replica.highWatermark
      disk.partitions[replica.slot].log.synced(through: disk.partitions[replica.slot].log.position)
    }
  }
}

extension SegmentedLog.Settings {
  /// What a topic's settings say about its files.
  public init(_ config: TopicConfig) {
    self.init()
    if let bytes = config["segment.bytes"].flatMap({ Int($0) }) { segmentBytes = bytes }
    if let age = config["segment.ms"].flatMap({ Int64($0) }) { segmentAge = age }
    if let interval = config["index.interval.bytes"].flatMap({ Int($0) }) { indexIntervalBytes = interval }
  }
}
