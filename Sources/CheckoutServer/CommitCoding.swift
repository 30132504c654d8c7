import AtomicCommit
import Bytes
import Clockwork

/// Messages and log records as bytes, in a format of our own: a tag, then fields of fixed width. Total: whatever does not
/// read back whole is refused.
enum CommitCoding {
  typealias Message = CommitMessage<Checkout>
  typealias Record = CommitRecord<Checkout>

  static func encode(_ message: Message, into writer: inout ByteWriter) {
    switch message {
    case .begin(let id, let members, let work): writer.write(1, id, members, work)
    case .request(let id, let members, let work): writer.write(2, id, members, work)
    case .vote(let id, let vote):
      writer.write(3, id)
      writer.write(vote.rawValue)
    case .prepare(let id, let attempt):
      writer.write(4, id)
      writer.write(attempt)
    case .prepared(let id, let ballot):
      writer.write(5, id)
      writer.write(ballot.rawValue)
    case .decide(let id, let outcome):
      writer.write(6, id)
      writer.write(outcome.rawValue)
    case .acknowledge(let id): writer.write(7, id)
    case .ask(let id, let members): writer.write(8, id, members)
    case .crashedInDoubt(let id): writer.write(9, id)
    case .inquire(let id, let members, let ballot):
      writer.write(10, id, members)
      writer.write(ballot.rawValue)
    case .state(let id, let ballot, let attempt):
      writer.write(11, id)
      writer.write(ballot.rawValue)
      writer.write(attempt == nil ? 0 as UInt8 : 1)
      writer.write(attempt ?? Attempt(.first, .abort))
    case .accept(let id, let members, let ballot, let votes):
      writer.write(12, id, members)
      writer.write(ballot.rawValue)
      writer.write(votes)
    case .accepted(let id, let ballot, let votes):
      writer.write(13, id)
      writer.write(ballot.rawValue)
      writer.write(votes)
    case .propose(let id, let members, let ballot):
      writer.write(14, id, members)
      writer.write(ballot.rawValue)
    case .promised(let id, let ballot, let accepted, let votes):
      writer.write(15, id)
      writer.write(ballot.rawValue)
      writer.write(accepted == nil ? 0 as UInt8 : 1)
      writer.write((accepted ?? .first).rawValue)
      writer.write(votes)
    }
  }

  static func message(from reader: inout ByteReader) throws(ByteError) -> Message {
    let tag: UInt8 = try reader.read()
    let id = TransactionID(try reader.read())
    switch tag {
    case 1: return .begin(id, try reader.members(), try reader.work())
    case 2: return .request(id, try reader.members(), try reader.work())
    case 3: return .vote(id, try reader.choice() ? .yes : .no)
    case 4: return .prepare(id, try reader.attempt())
    case 5: return .prepared(id, try reader.ballot())
    case 6: return .decide(id, try reader.choice() ? .commit : .abort)
    case 7: return .acknowledge(id)
    case 8: return .ask(id, try reader.members())
    case 9: return .crashedInDoubt(id)
    case 10: return .inquire(id, try reader.members(), try reader.ballot())
    case 11:
      let ballot = try reader.ballot()
      let isThere = try reader.choice()
      let attempt = try reader.attempt()
      return .state(id, ballot, isThere ? attempt : nil)
    case 12: return .accept(id, try reader.members(), try reader.ballot(), try reader.votes())
    case 13: return .accepted(id, try reader.ballot(), try reader.votes())
    case 14: return .propose(id, try reader.members(), try reader.ballot())
    case 15:
      let ballot = try reader.ballot()
      let isThere = try reader.choice()
      let accepted = try reader.ballot()
      return .promised(id, ballot, accepted: isThere ? accepted : nil, try reader.votes())
    default: throw .badLength(Int(tag))
    }
  }

  static func encode(_ record: Record, into writer: inout ByteWriter) {
    switch record {
    case .started(let id, let members): writer.write(1, id, members)
    case .decided(let id, let members, let outcome):
      writer.write(2, id, members)
      writer.write(outcome.rawValue)
    case .ended(let id): writer.write(3, id)
    case .prepared(let id, let members, let work): writer.write(4, id, members, work)
    case .settled(let id, let members, let outcome):
      writer.write(5, id, members)
      writer.write(outcome.rawValue)
    case .promised(let id, let members, let ballot):
      writer.write(6, id, members)
      writer.write(ballot.rawValue)
    case .attempted(let id, let attempt):
      writer.write(7, id)
      writer.write(attempt)
    case .accepted(let id, let members, let ballot, let votes):
      writer.write(8, id, members)
      writer.write(ballot.rawValue)
      writer.write(votes)
    }
  }

  static func record(from reader: inout ByteReader) throws(ByteError) -> Record {
    let tag: UInt8 = try reader.read()
    let id = TransactionID(try reader.read())
    switch tag {
    case 1: return .started(id, try reader.members())
    case 2: return .decided(id, try reader.members(), try reader.choice() ? .commit : .abort)
    case 3: return .ended(id)
    case 4: return .prepared(id, try reader.members(), try reader.work())
    case 5: return .settled(id, try reader.members(), try reader.choice() ? .commit : .abort)
    case 6: return .promised(id, try reader.members(), try reader.ballot())
    case 7: return .attempted(id, try reader.attempt())
    case 8: return .accepted(id, try reader.members(), try reader.ballot(), try reader.votes())
    default: throw .badLength(Int(tag))
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ tag: UInt8, _ id: TransactionID) {
    write(tag)
    write(id.rawValue)
  }

  fileprivate mutating func write(_ tag: UInt8, _ id: TransactionID, _ members: Members) {
    write(tag, id)
    write(members.bits)
  }

  fileprivate mutating func write(_ tag: UInt8, _ id: TransactionID, _ members: Members, _ work: Checkout) {
    write(tag, id, members)
    for field in [work.order, work.customer, work.dish, work.amount] { write(field) }
  }

  fileprivate mutating func write(_ attempt: Attempt) {
    write(attempt.ballot.rawValue)
    write(attempt.outcome.rawValue)
  }

  fileprivate mutating func write(_ votes: Votes) {
    write(votes.yes.bits)
    write(votes.known.bits)
  }
}

extension ByteReader {
  fileprivate mutating func members() throws(ByteError) -> Members { Members(bits: try read()) }
  fileprivate mutating func ballot() throws(ByteError) -> Ballot { Ballot(try read()) }

  fileprivate mutating func choice() throws(ByteError) -> Bool {
    let byte: UInt8 = try read()
    guard byte < 2 else { throw .badLength(Int(byte)) }
    return byte == 1
  }

  fileprivate mutating func work() throws(ByteError) -> Checkout {
    Checkout(order: try read(), customer: try read(), dish: try read(), amount: try read())
  }

  fileprivate mutating func attempt() throws(ByteError) -> Attempt {
    Attempt(try ballot(), try choice() ? .commit : .abort)
  }

  fileprivate mutating func votes() throws(ByteError) -> Votes { Votes(yes: try members(), known: try members()) }
}
