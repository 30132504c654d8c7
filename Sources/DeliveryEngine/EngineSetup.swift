public import Broker
public import Clockwork
public import Delivery

/// What an operator configures on an instance of the engine.
public struct EngineSetup: Hashable, Sendable {
  public var client: ClientSetup
  public var settings: EngineSettings
  /// group.id: instances of one group share the partitions.
  public var group: String
  /// transaction.timeout.ms
  public var transactionTimeout = Interval.seconds(10)
  /// Records that one transaction answers at most.
  public var batch = 50
  public var rules = EngineRules.sound

  public init(client: ClientSetup, settings: EngineSettings = EngineSettings(), group: String = "engine") {
    var client = client
    client.isolation = .readCommitted
    // The engine reads by itself, and commits its offsets with its transactions.
    client.readsAsMember = false
    self.client = client
    self.settings = settings
    self.group = group
  }
}

/// The guards that make an instance's crash harmless. Each can be taken out, to see what it is for.
public struct EngineRules: Hashable, Sendable {
  /// After a transaction that did not commit, memory is folded anew from the log.
  public var refoldsAfterFailure = true
  /// The log is marked, which fences the owner before, and folded up to the mark.
  public var marksTheLog = true

  public init() {}

  public static let sound = EngineRules()
}
