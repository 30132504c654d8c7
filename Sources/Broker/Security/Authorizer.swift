/// Decides who may do what by the ACLs of an image (KIP-11, KIP-290): a denial beats every permission.
public struct Authorizer: Sendable {
  /// super.users, as `User:admin`: may do everything.
  public var superUsers: [String]
  /// allow.everyone.if.no.acl.found: what no ACL speaks of is free to all.
  public var allowsEveryoneWithoutAccess: Bool
  let access: [AccessBinding]

  public init(_ image: borrowing MetadataImage, superUsers: [String] = [], allowsEveryoneWithoutAccess: Bool = false) {
    access = image.access
    self.superUsers = superUsers
    self.allowsEveryoneWithoutAccess = allowsEveryoneWithoutAccess
  }

  public func allows(
    principal: String, host: String, operation: AccessOperation, resource: AccessResource, name: String
  ) -> Bool {
    if superUsers.contains(principal) { return true }
    let speaking = access.filter { $0.covers(resource, name) }
    if speaking.isEmpty { return allowsEveryoneWithoutAccess }
    let mine = speaking.filter {
      ($0.principal == principal || $0.principal == "User:*") && ($0.host == host || $0.host == "*")
    }
    let denied = mine.contains { !$0.isAllowed && ($0.operation == operation || $0.operation == .all) }
    return !denied
      && mine.contains {
        $0.isAllowed && ($0.operation == operation || $0.operation == .all || $0.operation.implies(operation))
      }
  }
}
