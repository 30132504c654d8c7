public import Broker

/// A rule by the name it is typed with.
public struct RuleName: Sendable {
  public let name: String
  public let about: String
  private let flag: (@Sendable () -> WritableKeyPath<ReplicationRules, Bool>)?

  private init(_ name: String, _ about: String, _ flag: (@Sendable () -> WritableKeyPath<ReplicationRules, Bool>)?) {
    self.name = name
    self.about = about
    self.flag = flag
  }

  public static let all: [RuleName] = [
    RuleName("truncation", "how a follower cuts its log to match its leader's", nil),
    RuleName("maximal-in-sync", "the high watermark waits for proposed members too") { \.maximalInSyncSet },
    RuleName("join-from-epoch", "followers join the in-sync set from the epoch's start on") { \.joinFromEpochStart },
    RuleName("broker-epoch", "a broker that re-registered is not taken in sync (KIP-903)") { \.brokerEpochFencing },
    RuleName("partition-epoch", "changes of the in-sync set are compare-and-set") { \.partitionEpochFencing },
    RuleName("eligible-replicas", "who holds all that is committed stays electable (KIP-966)") {
      \.eligibleLeaderReplicas
    },
    RuleName("min-in-sync", "acks=all is refused below min.insync.replicas") { \.minInSyncGate },
    RuleName("producer-dedupe", "a batch sent again is taken once (KIP-98)") { \.producerDeduplication },
    RuleName("transaction-verification", "a transaction must have been begun (KIP-890)") {
      \.transactionVerification
    },
    RuleName("durable-votes", "a vote is on disk before it is given") { \.durableVotes },
    RuleName("up-to-date-vote", "no vote for a candidate whose log is behind") { \.upToDateCandidates },
    RuleName("commit-own-epoch", "a controller counts only its own epoch's entries") { \.commitOwnEpochOnly },
  ]

  public var values: [String] { flag == nil ? ReplicationRules.Truncation.allCases.map(\.rawValue) : ["on", "off"] }

  public func value(_ rules: ReplicationRules) -> String {
    flag.map { rules[keyPath: $0()] ? "on" : "off" } ?? rules.truncation.rawValue
  }

  /// False when the value is none of `values`.
  public func set(_ value: String, _ rules: inout ReplicationRules) -> Bool {
    guard values.contains(value) else { return false }
    if let flag {
      rules[keyPath: flag()] = value == "on"
    } else if let truncation = ReplicationRules.Truncation(rawValue: value) {
      rules.truncation = truncation
    }
    return true
  }
}
