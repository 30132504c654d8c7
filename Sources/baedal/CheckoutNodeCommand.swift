import ArgumentParser
import AtomicCommit
import CheckoutServer
import Clockwork
import Glibc

/// `baedal checkout-node`: one node of the checkout in a process of its own.
struct CheckoutNodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkout-node",
    abstract: "Run the coordinator or one service of the checkout, with its log and database, on the loopback address.",
    discussion: """
      Node 1 coordinates; 2, 3 and 4 are order, payment and kitchen; under paxos-commit 5 and 6 are acceptors.

      baedal checkout-node --id 2 --ports 1:7001,2:7002,3:7003,4:7004 --data /tmp/order
      """)

  @Option(help: "Which node it is.") var id: Int32
  @Option(help: "Everybody's port, as id:port with commas between.") var ports: String
  @Option(name: .customLong("protocol"), help: "How they agree: 2pc, 2pc-pa, 3pc, q3pc, paxos-commit.")
  var rule = CommitProtocol.twoPhase
  @Option(help: "Its folder: the log, and a service's database.") var data: String
  @Flag(help: "End when the process that started it ends.") var withParent = false

  static func roster(_ rule: CommitProtocol) -> CommitRoster {
    let patience = Patience(answers: .milliseconds(300), doubt: .milliseconds(300), resend: .milliseconds(500))
    return .standard(rule, participants: Service.allCases.count, patience: patience)
  }

  static func service(_ id: NodeID, _ roster: CommitRoster) -> Service? {
    roster.place(of: id).map { Service.allCases[$0] }
  }

  func run() throws {
    let roster = Self.roster(rule)
    let me = NodeID(id)
    let addresses = try ports.split(separator: ",").map { pair in
      let parts = pair.split(separator: ":")
      guard parts.count == 2, let id = Int32(parts[0]), let port = UInt16(parts[1]), port > 0 else {
        throw ValidationError("--ports \(ports): expected id:port with commas between, like 1:7001,2:7002.")
      }
      return (id: NodeID(id), port: port)
    }
    let missing = roster.everyone.filter { id in !addresses.contains { $0.id == id } }
    guard missing.isEmpty else {
      let ids = missing.map { String($0.rawValue) }.joined(separator: ", ")
      throw ValidationError("--ports \(ports): expected a port for \(ids) too.")
    }
    guard roster.everyone.contains(me) else {
      throw ValidationError("--id \(id): expected one of 1 to \(roster.everyone.count).")
    }
    let parent = getppid()
    let process = try CheckoutProcess(
      me, service: Self.service(me, roster), roster: roster, addresses: .init(addresses), folder: data)
    try process.run { !withParent || getppid() == parent }
  }
}
