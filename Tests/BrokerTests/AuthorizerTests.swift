import Testing

@testable import Broker

@Suite("Authorizer")
struct AuthorizerTests {
  func authorizer(_ bindings: AccessBinding..., everyone: Bool = false) -> Authorizer {
    var image = MetadataImage()
    var changes = MetadataChanges()
    for (offset, binding) in bindings.enumerated() { image.apply(.accessAdded(binding), at: Int64(offset), &changes) }
    return Authorizer(image, superUsers: ["User:admin"], allowsEveryoneWithoutAccess: everyone)
  }

  func allows(_ authorizer: Authorizer, _ principal: String, _ operation: AccessOperation, _ name: String) -> Bool {
    authorizer.allows(principal: principal, host: "10.0.0.1", operation: operation, resource: .topic, name: name)
  }

  @Test("without ACLs only super users may, unless everyone may")
  func empty() {
    #expect(allows(authorizer(), "User:admin", .write, "orders"))
    #expect(!allows(authorizer(), "User:kim", .write, "orders"))
    #expect(allows(authorizer(everyone: true), "User:kim", .write, "orders"))
  }

  @Test("a denial beats a permission")
  func denies() {
    let both = authorizer(
      AccessBinding(.topic, "*", principal: "User:*", .all),
      AccessBinding(.topic, "ord", .prefixed, principal: "User:kim", .write, isAllowed: false))
    #expect(allows(both, "User:kim", .write, "riders"))
    #expect(!allows(both, "User:kim", .write, "orders"))
    #expect(allows(both, "User:lee", .write, "orders"))
  }

  @Test("who may read may describe; hosts and prefixes count")
  func implies() {
    let one = authorizer(
      AccessBinding(.topic, "ord", .prefixed, principal: "User:kim", .read),
      AccessBinding(.topic, "riders", principal: "User:kim", host: "10.0.0.2", .read))
    #expect(allows(one, "User:kim", .describe, "orders"))
    #expect(!allows(one, "User:kim", .describe, "or"))
    #expect(!allows(one, "User:kim", .write, "orders"))
    #expect(!allows(one, "User:kim", .read, "riders"))
  }

  @Test("a filter finds bindings exactly, or all that touch a name")
  func filters() {
    let prefixed = AccessBinding(.topic, "ord", .prefixed, principal: "User:kim", .read)
    let wildcard = AccessBinding(.topic, "*", principal: "User:kim", .read)
    var filter = AccessFilter()
    #expect(filter.matches(prefixed))
    filter.name = "orders"
    #expect(!filter.matches(prefixed))
    filter.pattern = .match
    #expect(filter.matches(prefixed) && filter.matches(wildcard))
    filter.pattern = .exactly(.literal)
    filter.name = "*"
    #expect(filter.matches(wildcard) && !filter.matches(prefixed))
    filter.operation = .write
    #expect(!filter.matches(wildcard))
  }

  @Test("users and ACLs come and go through the controller")
  func stores() {
    let world = TopicAdministrationTests().cluster()
    let user = ScramUser(
      name: "kim", mechanism: .sha256, salt: [1], storedKey: [2], serverKey: [3], iterations: 4096)
    #expect(world.ask(.alterScramUser(name: "kim", .sha256, user)) == .done)
    #expect(world.image.scramUser("kim", .sha256) == user)
    #expect(world.image.scramUser("kim", .sha512) == nil)
    #expect(world.ask(.alterScramUser(name: "kim", .sha256, nil)) == .done)
    let again = world.ask(.alterScramUser(name: "kim", .sha256, nil))
    #expect(TopicAdministrationTests().refusal(again) == .resourceNotFound)

    let binding = AccessBinding(.topic, "orders", principal: "User:kim", .read)
    #expect(world.ask(.createAccess([binding, binding])) == .done)
    #expect(world.image.access == [binding])
    #expect(world.ask(.deleteAccess([AccessFilter()])) == .accessDeleted([[binding]]))
    #expect(world.image.access.isEmpty)
  }
}
