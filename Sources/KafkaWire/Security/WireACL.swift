/// An access rule: whether a principal may do an operation, from a host, on a resource.
///
/// Numbers as in Kafka's `ResourceType`, `PatternType`, `AclOperation` and `AclPermissionType`; in all of them 0 is
/// unknown and 1 any.
public struct WireACL: WireStruct {
  /// 2 a topic, 3 a group, 4 the cluster, 5 a transactional ID, 6 a delegation token, 7 a user.
  public var resourceType: Int8 = 0
  public var resourceName = ""
  /// 3 for a resource of just this name, 4 for all whose names begin with it; "*" matches all names (KIP-290).
  public var patternType: Int8 = 3
  /// As in "User:ana".
  public var principal = ""
  /// An address; "*" is any.
  public var host = ""
  /// 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act for the cluster, 10 describe configs, 11 alter
  /// configs, 12 write idempotently.
  public var operation: Int8 = 0
  /// 2 denies, 3 allows.
  public var permission: Int8 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int8(&resourceType)
    try c.string(&resourceName)
    try c.int8(&patternType)
    try c.string(&principal)
    try c.string(&host)
    try c.int8(&operation)
    try c.int8(&permission)
    try c.tags()
  }
}

/// Which access rules are meant: those that agree in every part. Nil, or the number for any, agrees with everything.
public struct WireACLFilter: WireStruct {
  public var resourceType: Int8 = 1
  public var resourceName: String?
  /// As in `WireACL`; 2 ("match") means every pattern that matches the name, rather than the pattern itself.
  public var patternType: Int8 = 3
  public var principal: String?
  public var host: String?
  public var operation: Int8 = 1
  public var permission: Int8 = 1

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int8(&resourceType)
    try c.nullableString(&resourceName)
    try c.int8(&patternType)
    try c.nullableString(&principal)
    try c.nullableString(&host)
    try c.int8(&operation)
    try c.int8(&permission)
    try c.tags()
  }
}
