import Bytes
public import EventSourcing

/// A command as a record of an input topic: which version of the vocabulary, its name, whom it is for, what.
public struct Envelope: Hashable, Sendable {
  /// The newest vocabulary there is. An engine of an older one holds what it does not know, rather than guess.
  public static let newestSchema: UInt8 = 2

  public var schema: UInt8
  public var id: CommandID
  public var addressed: Addressed

  public init(_ addressed: Addressed, id: CommandID, schema: UInt8 = 1) {
    self.addressed = addressed
    self.id = id
    self.schema = schema
  }

  public var key: [UInt8] { addressed.key.key }

  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 96)
    Head(schema: schema, id: id, to: addressed.to, key: addressed.key).write(into: &writer)
    addressed.command.write(into: &writer)
    return writer.bytes
  }

  public init(encoded bytes: [UInt8]) throws(SchemaError) {
    var reader = ByteReader(bytes)
    let head = try Head(from: &reader)
    let command = try EngineCommand(for: head.to.known, from: &reader)
    guard reader.isAtEnd else { throw .trailing(reader.remaining) }
    self.init(Addressed(to: head.to, key: head.key, command), id: head.id, schema: head.schema)
  }

  /// What can be read of an envelope even when its command cannot: whom it concerns.
  struct Head {
    var schema: UInt8
    var id: CommandID
    var to: EntityID
    var key: EntityID

    init(schema: UInt8, id: CommandID, to: EntityID, key: EntityID) {
      (self.schema, self.id, self.to, self.key) = (schema, id, to, key)
    }

    init(from reader: inout ByteReader) throws(SchemaError) {
      schema = try reader.readByte()
      id = try CommandID(from: &reader)
      to = try EntityID(from: &reader)
      key = try EntityID(from: &reader)
    }

    func write(into writer: inout ByteWriter) {
      writer.write(schema)
      id.encode(into: &writer)
      to.encode(into: &writer)
      key.encode(into: &writer)
    }
  }
}
