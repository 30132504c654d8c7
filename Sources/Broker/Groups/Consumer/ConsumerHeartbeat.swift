public import Clockwork

/// What a member of a consumer group says (KIP-848): all of the new protocol is this one request, sent again and again.
/// What it leaves out has not changed since the last one.
public struct ConsumerHeartbeat: Hashable, Sendable {
  /// Epochs that are wishes.
  public static let joining: Int32 = 0
  public static let leaving: Int32 = -1
  /// A static member that will be back: its place is kept for as long as its session lasts.
  public static let leavingForNow: Int32 = -2

  public var group: String
  /// Chosen by the client since version 1; empty: the coordinator gives one.
  public var member: String
  public var epoch: Int32
  public var instance: String?
  public var rack: String?
  /// How long the member may take to give partitions up.
  public var rebalanceTimeout: Interval?
  public var topics: [String]?
  /// Topics by regular expression; the empty one takes it back.
  public var pattern: String?
  /// Which of the coordinator's ways of sharing it would like.
  public var assignor: String?
  /// What it reads; nil is not nothing.
  public var owned: [OwnedPartition]?
  public var clientID: String
  public var clientHost: String

  public init(
    group: String, member: String, epoch: Int32, instance: String? = nil, rack: String? = nil,
    rebalanceTimeout: Interval? = nil, topics: [String]? = nil, pattern: String? = nil, assignor: String? = nil,
    owned: [OwnedPartition]? = nil, clientID: String = "", clientHost: String = ""
  ) {
    self.group = group
    self.member = member
    self.epoch = epoch
    self.instance = instance
    self.rack = rack
    self.rebalanceTimeout = rebalanceTimeout
    self.topics = topics
    self.pattern = pattern
    self.assignor = assignor
    self.owned = owned
    self.clientID = clientID
    self.clientHost = clientHost
  }
}

/// What the coordinator answers.
public struct ConsumerHeartbeatAnswer: Hashable, Sendable {
  public var member: String
  public var epoch: Int32
  public var interval: Interval
  /// All that the member may read now; nil when that has not changed.
  public var assignment: [OwnedPartition]?

  public init(member: String, epoch: Int32, interval: Interval, assignment: [OwnedPartition]?) {
    self.member = member
    self.epoch = epoch
    self.interval = interval
    self.assignment = assignment
  }
}

/// A partition as the new protocol names it: by its topic's identity, so that a topic made anew is another one.
public struct OwnedPartition: Hashable, Comparable, Sendable {
  public var topic: TopicUUID
  public var index: Int32

  public init(_ topic: TopicUUID, _ index: Int32) {
    self.topic = topic
    self.index = index
  }

  public static func < (a: OwnedPartition, b: OwnedPartition) -> Bool {
    (a.topic.high, a.topic.low, a.index) < (b.topic.high, b.topic.low, b.index)
  }
}

/// A consumer group of the new protocol, as an administrator sees it.
public struct DescribedConsumerGroup: Hashable, Sendable {
  public struct Member: Hashable, Sendable {
    public var id: String
    public var instance: String?
    public var rack: String?
    public var epoch: Int32
    public var client: String
    public var host: String
    public var topics: [String]
    public var pattern: String?
    public var assigned: [OwnedPartition]
    public var target: [OwnedPartition]

    public init(
      id: String, instance: String?, rack: String?, epoch: Int32, client: String, host: String, topics: [String],
      pattern: String?, assigned: [OwnedPartition], target: [OwnedPartition]
    ) {
      self.id = id
      self.instance = instance
      self.rack = rack
      self.epoch = epoch
      self.client = client
      self.host = host
      self.topics = topics
      self.pattern = pattern
      self.assigned = assigned
      self.target = target
    }
  }

  /// Kafka's name of the state.
  public var state: String
  public var epoch: Int32
  /// The epoch that the target was made for.
  public var assignmentEpoch: Int32
  public var assignor: String
  public var members: [Member]

  public init(state: String, epoch: Int32, assignmentEpoch: Int32, assignor: String, members: [Member]) {
    self.state = state
    self.epoch = epoch
    self.assignmentEpoch = assignmentEpoch
    self.assignor = assignor
    self.members = members
  }
}
