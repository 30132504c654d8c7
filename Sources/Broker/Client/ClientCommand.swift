/// What a person at the console tells a client to do.
public enum ClientCommand: Hashable, Sendable {
  case placeholder
  public var summary: String { "" }
}
