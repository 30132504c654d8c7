/// One record: what a producer sends and a consumer reads.
public struct Record: Hashable, Sendable {
  public struct Header: Hashable, Sendable {
    public var key: String
    public var value: [UInt8]?

    public init(key: String, value: [UInt8]?) {
      self.key = key
      self.value = value
    }
  }

  public var key: [UInt8]?
  /// Nil is a tombstone: compaction removes the key.
  public var value: [UInt8]?
  /// Milliseconds, on whatever clock the producer had.
  public var timestamp: Int64
  public var headers: [Header]
  /// Its place in the log once it is read from a batch; not looked at when a batch is made.
  public var offset: Offset

  public init(
    key: [UInt8]?, value: [UInt8]?, timestamp: Int64 = 0, headers: [Header] = [], offset: Offset = .zero
  ) {
    self.key = key
    self.value = value
    self.timestamp = timestamp
    self.headers = headers
    self.offset = offset
  }

  /// A record of text.
  public init(key: String?, value: String, timestamp: Int64 = 0) {
    self.init(key: key.map { Array($0.utf8) }, value: Array(value.utf8), timestamp: timestamp)
  }

  /// The key as text, unreadable bytes replaced; nil when there is no key.
  public var keyText: String? { key.map { String(decoding: $0, as: UTF8.self) } }
  /// The value as text, unreadable bytes replaced; nil for a tombstone.
  public var valueText: String? { value.map { String(decoding: $0, as: UTF8.self) } }
}
