internal import Clockwork

/// What an ACL speaks of (KIP-140). Numbered as on the wire.
public enum AccessResource: Int8, Hashable, Sendable {
  case topic = 2
  case group, cluster, transactionalID, delegationToken, user
}

/// What somebody wants to do. Numbered as on the wire.
public enum AccessOperation: Int8, Hashable, Sendable {
  case all = 2
  case read, write, create, delete, alter, describe, clusterAction, describeConfigs, alterConfigs, idempotentWrite
  case createTokens, describeTokens, twoPhaseCommit

  /// Who may do this may do `other` too, without being told.
  func implies(_ other: AccessOperation) -> Bool {
    switch other {
    case .describe: self == .read || self == .write || self == .delete || self == .alter
    case .describeConfigs: self == .alterConfigs
    default: false
    }
  }
}

/// How a binding's resource name is meant (KIP-290). Numbered as on the wire.
public enum AccessPattern: Int8, Hashable, Sendable {
  /// `*` is every name.
  case literal = 3
  case prefixed
}

/// One ACL: `principal` (`User:kim`, `User:*`) from `host` (`*` is any) may or may not do something.
public struct AccessBinding: Hashable, Sendable {
  public var resource: AccessResource
  public var name: String
  public var pattern: AccessPattern
  public var principal: String
  public var host: String
  public var operation: AccessOperation
  public var isAllowed: Bool

  public init(
    _ resource: AccessResource, _ name: String, _ pattern: AccessPattern = .literal, principal: String,
    host: String = "*", _ operation: AccessOperation, isAllowed: Bool = true
  ) {
    self.resource = resource
    self.name = name
    self.pattern = pattern
    self.principal = principal
    self.host = host
    self.operation = operation
    self.isAllowed = isAllowed
  }

  func covers(_ resource: AccessResource, _ name: String) -> Bool {
    guard self.resource == resource else { return false }
    return switch pattern {
    case .literal: self.name == name || self.name == "*"
    case .prefixed: name.hasPrefix(self.name)
    }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(resource.rawValue))
    hasher.combine(name)
    hasher.combine(UInt64(pattern.rawValue))
    hasher.combine(principal)
    hasher.combine(host)
    hasher.combine(UInt64(operation.rawValue))
    hasher.combine(isAllowed)
  }
}

/// Which bindings are meant when they are described or deleted; nil is any.
public struct AccessFilter: Hashable, Sendable {
  public enum Pattern: Hashable, Sendable {
    case any
    case exactly(AccessPattern)
    /// Every binding that touches a resource of that name: literal, wildcard and prefixed (KIP-290).
    case match
  }

  public var resource: AccessResource?
  public var name: String?
  public var pattern = Pattern.any
  public var principal: String?
  public var host: String?
  public var operation: AccessOperation?
  public var isAllowed: Bool?

  public init() {}

  public func matches(_ binding: AccessBinding) -> Bool {
    guard (resource ?? binding.resource) == binding.resource, (principal ?? binding.principal) == binding.principal,
      (host ?? binding.host) == binding.host, (operation ?? binding.operation) == binding.operation,
      (isAllowed ?? binding.isAllowed) == binding.isAllowed
    else { return false }
    switch pattern {
    case .any: return (name ?? binding.name) == binding.name
    case .exactly(let pattern): return binding.pattern == pattern && (name ?? binding.name) == binding.name
    case .match: return name.map { binding.covers(binding.resource, $0) } ?? true
    }
  }
}

extension MetadataImage {
  public func access(matching filter: AccessFilter) -> [AccessBinding] { access.filter(filter.matches) }
}

extension Controller {
  /// ACLs that a cluster may have: each request looks through all of them.
  static let accessLimit = 10_000

  func createAccess(_ bindings: [AccessBinding]) throws(Refusal) -> Decision {
    for binding in bindings {
      guard binding.principal.contains(":"), !binding.name.isEmpty, !binding.host.isEmpty else {
        throw Refusal(
          .invalidRequest, "No ACL for \(binding.principal) on \"\(binding.name)\". Expected: User:NAME and a resource."
        )
      }
    }
    let new = bindings.filter { !image.access.contains($0) }
    guard image.access.count + new.count <= Self.accessLimit else {
      throw Refusal(.invalidRequest, "A cluster has \(Self.accessLimit) ACLs at most. Try: delete some")
    }
    return Decision(new.map { .accessAdded($0) }, .done)
  }

  func deleteAccess(_ filters: [AccessFilter]) -> Decision {
    let found = filters.map { image.access(matching: $0) }
    let all = image.access.filter { binding in found.contains { $0.contains(binding) } }
    return Decision(all.map { .accessRemoved($0) }, .accessDeleted(found))
  }
}
