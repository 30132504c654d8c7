/// The requests that are served: key, versions, and from which version on they are flexible (KIP-482).
///
/// Source: Kafka's message definitions. The first version is the oldest that a client in the field still asks for.
public enum WireAPI: Int16, Hashable, Sendable, CaseIterable {
  case produce = 0
  case fetch = 1
  case listOffsets = 2
  case metadata = 3
  case offsetCommit = 8
  case offsetFetch = 9
  case findCoordinator = 10
  case joinGroup = 11
  case heartbeat = 12
  case leaveGroup = 13
  case syncGroup = 14
  case describeGroups = 15
  case listGroups = 16
  case saslHandshake = 17
  case apiVersions = 18
  case createTopics = 19
  case deleteTopics = 20
  case deleteRecords = 21
  case initProducerID = 22
  case offsetForLeaderEpoch = 23
  case addPartitionsToTxn = 24
  case addOffsetsToTxn = 25
  case endTxn = 26
  case writeTxnMarkers = 27
  case txnOffsetCommit = 28
  case describeACLs = 29
  case createACLs = 30
  case deleteACLs = 31
  case describeConfigs = 32
  case alterConfigs = 33
  case describeLogDirs = 35
  case saslAuthenticate = 36
  case createPartitions = 37
  case deleteGroups = 42
  case electLeaders = 43
  case incrementalAlterConfigs = 44
  case alterPartitionReassignments = 45
  case listPartitionReassignments = 46
  case offsetDelete = 47
  case describeUserScramCredentials = 50
  case alterUserScramCredentials = 51
  case describeCluster = 60
  case describeProducers = 61
  case describeTransactions = 65
  case listTransactions = 66
  case consumerGroupHeartbeat = 68
  case consumerGroupDescribe = 69

  /// The versions that are advertised.
  public var versions: ClosedRange<Int16> { shape.versions }

  /// The versions whose bytes can be read. Produce 0 to 2 is advertised but not served: older librdkafka infers from it
  /// which codecs the broker knows (KAFKA-18659).
  public var servedVersions: ClosedRange<Int16> { self == .produce ? 3...versions.upperBound : versions }

  public func isFlexible(_ version: Int16) -> Bool { version >= shape.flexibleFrom }

  /// Flexible response headers carry tagged fields, but for ApiVersions: its reader does not know the version yet.
  public func hasFlexibleResponseHeader(_ version: Int16) -> Bool { self != .apiVersions && isFlexible(version) }

  private var shape: (versions: ClosedRange<Int16>, flexibleFrom: Int16) {
    switch self {
    case .produce: (0...10, 9)
    case .fetch: (4...13, 12)
    case .listOffsets: (1...8, 6)
    case .metadata: (0...12, 9)
    case .offsetCommit: (2...9, 8)
    case .offsetFetch: (1...9, 6)
    case .findCoordinator: (0...4, 3)
    case .joinGroup: (0...9, 6)
    case .heartbeat: (0...4, 4)
    case .leaveGroup: (0...5, 4)
    case .syncGroup: (0...5, 4)
    case .describeGroups: (0...5, 5)
    case .listGroups: (0...5, 3)
    case .saslHandshake: (0...1, .max)
    case .apiVersions: (0...4, 3)
    case .createTopics: (2...7, 5)
    case .deleteTopics: (1...6, 4)
    case .deleteRecords: (0...2, 2)
    case .initProducerID: (0...5, 2)
    case .offsetForLeaderEpoch: (2...4, 4)
    case .addPartitionsToTxn: (0...3, 3)
    case .addOffsetsToTxn: (0...4, 3)
    case .endTxn: (0...4, 3)
    case .writeTxnMarkers: (0...1, 1)
    case .txnOffsetCommit: (0...4, 3)
    case .describeACLs: (1...3, 2)
    case .createACLs: (1...3, 2)
    case .deleteACLs: (1...3, 2)
    case .describeConfigs: (1...4, 4)
    case .alterConfigs: (0...2, 2)
    case .describeLogDirs: (1...4, 2)
    case .saslAuthenticate: (0...2, 2)
    case .createPartitions: (0...3, 2)
    case .deleteGroups: (0...2, 2)
    case .electLeaders: (0...2, 2)
    case .incrementalAlterConfigs: (0...1, 1)
    case .alterPartitionReassignments: (0...0, 0)
    case .listPartitionReassignments: (0...0, 0)
    case .offsetDelete: (0...0, .max)
    case .describeUserScramCredentials: (0...0, 0)
    case .alterUserScramCredentials: (0...0, 0)
    case .describeCluster: (0...1, 0)
    case .describeProducers: (0...0, 0)
    case .describeTransactions: (0...0, 0)
    case .listTransactions: (0...0, 0)
    case .consumerGroupHeartbeat: (0...1, 0)
    case .consumerGroupDescribe: (0...1, 0)
    }
  }
}
