import AtomicCommit
import Clockwork
import Foundation
import GRDB
import RecordLog
import Testing

@testable import CheckoutServer

@Suite("A service's database")
struct ServiceDatabaseTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "checkout-\(UUID().uuidString)").path
  private let work = Checkout(order: 7, customer: 3, dish: 4, amount: 9000)
  private let id = TransactionID(7)

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func path(_ service: Service) -> String { "\(folder)/\(service.rawValue).sqlite" }

  private func manager(_ service: Service) throws -> (ServiceDatabase, DatabaseQueue) {
    let database = try ServiceDatabase.open(service, at: path(service))
    return (ServiceDatabase(.init(service, database)), database)
  }

  @Test(
    "a yes keeps the row from everybody, another program included, until the decision",
    arguments: [Outcome.commit, .abort])
  func locks(_ outcome: Outcome) throws {
    var (payment, database) = try manager(.payment)
    #expect(payment.prepare(id, work) == .yes)
    #expect(payment.prepare(TransactionID(8), Checkout(order: 8, customer: 3, dish: 1, amount: 1)) == .no)
    let stranger = try DatabaseQueue(path: path(.payment))
    let steal = "UPDATE wallets SET balance = 0 WHERE customer = 3"
    #expect(throws: DatabaseError.self) { try stranger.write { try $0.execute(sql: steal) } }
    payment.settle(id, outcome)
    payment.settle(id, outcome)
    let books = try ServiceBooks(.payment, at: path(.payment))
    #expect(books.orders == (outcome == .commit ? [7] : []))
    #expect(books.locks == 0 && books.prepared == 0 && books.isBalanced)
    try database.write { try $0.execute(sql: steal) }
    #expect(payment.failure == nil)
  }

  @Test("who cannot pay and what has run out is refused")
  func refusals() throws {
    var (payment, _) = try manager(.payment)
    #expect(payment.prepare(id, Checkout(order: 7, customer: 7, dish: 1, amount: 30_001)) == .no)
    #expect(payment.prepare(id, Checkout(order: 7, customer: 100_000, dish: 1, amount: 1)) == .no)
    var (kitchen, _) = try manager(.kitchen)
    for number in 1...6 as ClosedRange<UInt32> {
      let vote = kitchen.prepare(TransactionID(number), Checkout(order: number, customer: 1, dish: 9, amount: 1))
      #expect(vote == (number <= 5 ? .yes : .no))
      kitchen.settle(TransactionID(number), .commit)
    }
  }

  @Test("recovery does what was decided, keeps what is in doubt, and releases what was never promised")
  func recovery() throws {
    do {
      var (order, _) = try manager(.order)
      for number in 1...3 as ClosedRange<UInt32> {
        #expect(
          order.prepare(TransactionID(number), Checkout(order: number, customer: number, dish: 1, amount: 1)) == .yes)
      }
    }
    var (order, _) = try manager(.order)
    order.recover(TransactionID(1), Checkout(order: 1, customer: 1, dish: 1, amount: 1), .commit)
    order.recover(TransactionID(2), Checkout(order: 2, customer: 2, dish: 1, amount: 1), nil)
    order.endRecovery()
    let books = try ServiceBooks(.order, at: path(.order))
    #expect(books.orders == [1])
    #expect(books.prepared == 1 && books.locks == 1)
    #expect(order.failure == nil)
  }

  @Test("a log file gives back what was written, without what a crash tore")
  func journal() throws {
    let records: [CommitRecord<Checkout>] = [
      .started(id, Members(first: 3)), .prepared(id, Members(first: 3), work),
      .promised(id, Members(first: 3), Ballot(4)),
      .attempted(id, Attempt(Ballot(4), .commit)), .accepted(id, Members(first: 3), Ballot(2), Votes()),
      .decided(id, Members(first: 3), .commit), .settled(id, Members(first: 3), .commit), .ended(id),
    ]
    var log = CommitLog<Checkout>()
    do {
      let (journal, empty) = try CommitJournal.open(in: LogDirectory(folder))
      #expect(empty.stable.isEmpty)
      for record in records { log.replay(record) }
      var unsynced = CommitLog<Checkout>()
      for record in records { unsynced.append(record) }
      try journal.write(unsynced)
    }
    let file = try LogDirectory(folder).file(CommitJournal.name)
    let size = try file.size()
    try file.write([0, 0, 0, 9, 1, 2], at: size)
    let (_, again) = try CommitJournal.open(in: LogDirectory(folder))
    #expect(again.stable == log.stable)
    #expect(try file.size() == size)
    try file.write([0xff], at: 30)
    #expect(throws: CheckoutError.self) { try CommitJournal.open(in: LogDirectory(folder)) }
  }

  @Test("every message reads back, and no prefix of one does")
  func messages() throws {
    let (all, ballot, votes) = (Members(first: 3), Ballot(513), Votes(yes: Members(bits: 5), known: Members(first: 3)))
    let messages: [CommitMessage<Checkout>] = [
      .begin(id, all, work), .request(id, all, work), .vote(id, .yes), .vote(id, .no),
      .prepare(id, Attempt(ballot, .abort)), .prepared(id, ballot), .decide(id, .commit), .acknowledge(id),
      .ask(id, all),
      .crashedInDoubt(id), .inquire(id, all, ballot), .state(id, ballot, nil),
      .state(id, ballot, Attempt(ballot, .commit)),
      .accept(id, all, ballot, votes), .accepted(id, ballot, votes), .propose(id, all, ballot),
      .promised(id, ballot, accepted: nil, votes), .promised(id, ballot, accepted: .first, votes),
    ]
    for message in messages {
      let bytes = Envelope.seal(message, from: NodeID(3))
      let opened = Envelope.open(bytes[...])
      #expect(opened?.message == message && opened?.from == NodeID(3))
      for count in 0..<bytes.count { #expect(Envelope.open(bytes[..<count]) == nil, "\(message) in \(count) bytes") }
      #expect(Envelope.open((bytes + [0])[...]) == nil)
    }
    #expect(Envelope.open([0, 0, 0, 1, 99, 0, 0, 0, 1][...]) == nil)
  }
}
