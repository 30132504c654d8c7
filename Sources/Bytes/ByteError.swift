/// Why bytes could not be read. Reading stops where it was; nothing is returned in part.
public enum ByteError: Error, Hashable, Sendable {
  /// The bytes end before the value does.
  case truncated(needed: Int, remaining: Int)
  /// A varint runs on beyond the bits its type has.
  case overlongVarint
  /// A length or count that is negative or larger than what is left could hold.
  case badLength(Int)
  /// Text that is not UTF-8.
  case notUTF8
}
