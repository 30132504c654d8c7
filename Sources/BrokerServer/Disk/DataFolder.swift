import Broker
import Clockwork
import Glibc
import RecordLog

/// A broker's folder, laid out as Kafka's log directory is: one directory for each partition, `topic-0`, beside a few
/// small files. `__cluster_metadata-0` and the high watermarks are in formats of our own.
///
/// Held by one process, until it is released or this object dies. Opened and recovered anew whenever the broker boots.
final class DataFolder: Sendable {
  private static let metadata = "__cluster_metadata-0"
  private static let properties = "meta.properties"
  private static let cleanStop = "clean-shutdown"
  private static let highWatermarks = "replication-offset-checkpoint"

  let path: String
  private let root: LogDirectory
  private let lock: FolderLock

  /// Takes the folder, which is made if it is not there, for this broker of a cluster with these voters and for no other.
  init(_ path: String, broker: NodeID, voters: String) throws {
    self.path = path
    root = try Self.makeFolder(path)
    lock = try FolderLock(path)
    let identity = "version=1\nnode.id=\(broker.rawValue)\nvoters=\(voters)\n"
    if let wrote = try root.contents(of: Self.properties) {
      guard wrote.elementsEqual(identity.utf8) else {
        throw DataError.otherBroker(path, wrote: Self.inWords(wrote), wants: Self.inWords(Array(identity.utf8)))
      }
    } else {
      try root.replace(Self.properties, with: Array(identity.utf8))
    }
  }

  private static func makeFolder(_ path: String) throws -> LogDirectory {
    var made = path.hasPrefix("/") ? "/" : ""
    do throws(LogError) {
      var directory = try LogDirectory(path.hasPrefix("/") ? "/" : ".")
      for step in path.split(separator: "/") {
        made += step
        directory = try LogDirectory(made)
        made += "/"
      }
      return directory
    } catch {
      throw DataError.unreadable(made, systemReason())
    }
  }

  private static func inWords(_ properties: [UInt8]) -> String {
    String(decoding: properties, as: UTF8.self).split(separator: "\n").joined(separator: ", ")
  }

  // MARK: Coming up

  /// Opens everything: the quorum's journal and each partition's log, which recovers from a crash where there was one.
  func recover() throws -> (disk: BrokerDisk<SegmentedLog>, journal: QuorumJournal) {
    let (journal, quorum) = try QuorumJournal.open(in: LogDirectory("\(path)/\(Self.metadata)"))
    var disk = BrokerDisk(opened: try openPartitions())
    disk.quorum = quorum
    // A folder that is new says no more than one that was left in a hurry: its broker may have had another before.
    disk.stoppedCleanly = try root.contents(of: Self.cleanStop) != nil
    try root.remove(Self.cleanStop)
    try root.sync()
    disk.makeLog = { [path] id, topic throws(LogError) in try PartitionFolder.make(id, of: topic, in: path) }
    return (disk, journal)
  }

  private func openPartitions() throws -> [BrokerDisk<SegmentedLog>.Partition] {
    let known = try readHighWatermarks()
    var partitions: [BrokerDisk<SegmentedLog>.Partition] = []
    for name in try root.names() where isDirectory(name) && name != Self.metadata {
      if name.hasSuffix(LogDirectory.removalSuffix) {
        try LogDirectory("\(path)/\(name)").removeAll()
      } else if let id = try PartitionFolder.identify(name, in: path) {
        let log = try SegmentedLog(opening: "\(path)/\(name)")
        partitions.append(.init(id: id, log: log, checkpointedHighWatermark: known[id] ?? .zero))
      }
    }
    return partitions
  }

  private func isDirectory(_ name: String) -> Bool {
    var status = stat()
    return stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  // MARK: Checkpoints

  /// Looked up, never iterated.
  private func readHighWatermarks() throws -> [PartitionID: Offset] {
    guard let bytes = try root.contents(of: Self.highWatermarks),
      let rows = Checkpoint.decode(bytes, columns: 3)
    else { return [:] }
    var found: [PartitionID: Offset] = [:]
    for row in rows {
      guard let topic = UInt32(exactly: row[0]), let index = Int32(exactly: row[1]), row[2] >= 0 else { continue }
      found[PartitionID(TopicID(topic), index)] = Offset(row[2])
    }
    return found
  }

  /// Writes the high watermarks down: topic number, partition, offset. By number, not by name as in Kafka, so that a topic
  /// made anew never starts with what an earlier one had committed.
  func write(highWatermarks: [(PartitionID, Offset)], durably: Bool = false) throws(LogError) {
    let rows = highWatermarks.map { [Int64($0.0.topic.rawValue), Int64($0.0.index), $0.1.rawValue] }
    try root.replace(Self.highWatermarks, with: Checkpoint.encode(rows), durably: durably)
  }

  /// Everything is written back: the next process may say so to the controller.
  func noteCleanStop() throws(LogError) { try root.replace(Self.cleanStop, with: []) }

  /// Lets another process have the folder.
  func release() { lock.release() }
}
