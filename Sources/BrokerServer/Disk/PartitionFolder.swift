import Broker
import Glibc
import RecordLog

/// One partition's directory in a broker's folder, `orders-0`. `partition.metadata` in it holds the topic's number, which
/// tells a topic from an earlier one of the same name.
enum PartitionFolder {
  private static let metadata = "partition.metadata"
  /// Kafka's limit, which leaves room for the partition in a file's name.
  private static let nameLimit = 249

  /// Whose directory this is; nil for one that is no partition's.
  static func identify(_ name: String, in root: String) throws(LogError) -> PartitionID? {
    guard let dash = name.lastIndex(of: "-"), let index = Int32(name[name.index(after: dash)...]), index >= 0,
      let bytes = try LogDirectory("\(root)/\(name)").contents(of: metadata)
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.count == 2, lines[0] == "version: 0", lines[1].hasPrefix("topic_id: "),
      let topic = UInt32(lines[1].dropFirst("topic_id: ".count))
    else { return nil }
    return PartitionID(TopicID(topic), index)
  }

  /// An empty log for a new replica. Whatever another topic of the same name left there goes.
  static func make(_ id: PartitionID, of topic: String, in root: String) throws(LogError) -> SegmentedLog {
    guard isName(topic) else { throw .io(EINVAL, "name a directory after the topic \(topic)") }
    let name = "\(topic)-\(id.index)"
    if access("\(root)/\(name)", F_OK) == 0 { try LogDirectory("\(root)/\(name)").removeAll() }
    let directory = try LogDirectory("\(root)/\(name)")
    try directory.replace(metadata, with: Array("version: 0\ntopic_id: \(id.topic.rawValue)\n".utf8))
    try LogDirectory(root).sync()
    return try SegmentedLog(opening: "\(root)/\(name)")
  }

  /// The names that Kafka allows. The controller checks them; this keeps the file system safe from it.
  private static func isName(_ topic: String) -> Bool {
    !topic.isEmpty && topic.utf8.count <= nameLimit && topic != "." && topic != ".."
      && topic.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E
          || $0 == 0x5F || $0 == 0x2D
      }
  }
}
