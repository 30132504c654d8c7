public import Clockwork
public import RecordLog

/// A Kafka node without I/O: voter of the controller quorum, perhaps the active controller, leader of some partitions,
/// follower of others, coordinator of some groups.
///
/// Each of these is a part with its own state, messages and timers; this type holds the parts and hands each event to
/// the one it is for.
public struct Broker<Log: PartitionLog>: Node {
  public typealias Message = BrokerMessage
  public typealias Timer = BrokerTimer
  public typealias Setup = BrokerSetup

  public let id: NodeID
  public private(set) var setup: BrokerSetup
  public var disk: BrokerDisk<Log>

  public init(_ id: NodeID, _ setup: BrokerSetup, recovering disk: consuming BrokerDisk<Log>, _ fx: inout Effects<Self>) {
    self.id = id
    self.setup = setup
    self.disk = disk
  }

  public mutating func reconfigure(_ setup: BrokerSetup, _ fx: inout Effects<Self>) { self.setup = setup }

  public mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {}

  public func fingerprint(into hasher: inout StateHasher) {}
}

/// What a broker's parts ask to be reminded of.
public enum BrokerTimer: Hashable, Sendable {
  case quorum(QuorumTimer)
  case controller(ControllerTimer)
  case groups(GroupTimer)
}

/// What of a broker survives a crash.
public struct BrokerDisk<Log: PartitionLog>: Durable {
  public var quorum = QuorumDisk()

  public init() {}

  public var position: UInt64 { quorum.position }
  public mutating func synced(through position: UInt64) { quorum.synced(through: position) }
  public mutating func losePower(_ choices: inout Choices) { quorum.losePower(&choices) }
}
