public import Clockwork

public struct QuorumDisk: Durable, Hashable {
  public init() {}
  public var position: UInt64 { 0 }
  public mutating func synced(through position: UInt64) {}
  public mutating func losePower(_ choices: inout Choices) {}
}
public enum QuorumTimer: Hashable, Sendable { case election }
public enum ControllerTimer: Hashable, Sendable { case sessions }
public enum GroupTimer: Hashable, Sendable { case none }
