import ArgumentParser
import Broker
import Clockwork
import Glibc
import RecordLog
import Simulation

/// Simulated events a second: on real broker nodes, beside the ceiling of nodes that do nothing.
struct WorldBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "world",
    abstract: "Simulated events a second on broker nodes, beside trivial nodes.",
    discussion: "  swift run -c release baedal-bench world --events 2000000")

  @Option(help: "Events a round.") var events = 1_000_000
  @Option(help: "Rounds; the best of each is printed.") var rounds = 5

  func run() throws {
    var brokers: [Double] = []
    var ceiling: [Double] = []
    for round in 0..<rounds {
      brokers.append(rate(of: BenchCluster.world(seed: UInt64(round))))
      ceiling.append(rate(of: Echo.world(seed: UInt64(round))))
    }
    let best = (brokers.max() ?? 0, ceiling.max() ?? 0)
    print("three brokers, acks=all load   \(millions(best.0)) M events/s")
    print("two trivial nodes (ceiling)    \(millions(best.1)) M events/s")
    print("ratio                          \(millions(best.0 / best.1))")
    // An optimisation must not change what happens: equal events and seed, equal hashes, in every build.
    let world = BenchCluster.run(events: events, seed: 0)
    print("acknowledged batches           \(world.acknowledged(acks: .all).count)")
    let (trace, state) = (String(world.traceHash, radix: 16), String(world.fingerprint(), radix: 16))
    print("seed 0, behind \(events) events: trace \(trace), state \(state)")
  }

  private func rate<N: Node>(of start: World<N>) -> Double {
    var world = start
    let began = coreSeconds()
    world.run(events: events)
    return Double(world.eventCount - start.eventCount) / (coreSeconds() - began)
  }
}

/// The time that this process has had of its core, in seconds: it does not count what other processes take away.
func coreSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// A figure in millions with two decimals (or a plain ratio).
func millions(_ figure: Double) -> String {
  let scaled = figure > 1000 ? figure / 1e6 : figure
  let hundredths = Int((scaled * 100).rounded())
  return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
}

/// Three brokers that replicate what three clients produce as fast as they can.
enum BenchCluster {
  static func world(seed: UInt64) -> ClusterWorld {
    var world = ClusterWorld(seed: seed)
    for input in ClusterWorld.cluster(brokers: 3, clients: 3) { world.apply(input) }
    world.run(until: .start + .seconds(5))
    let topic = ControllerRequest.createTopic(name: "orders", partitions: 3, replication: 3, config: [])
    world.apply(.message(.command(.administer(Ticket(1), topic)), to: .client(1)))
    world.run(until: .start + .seconds(8))
    for client in 0..<3 {
      let order = ProduceOrder(
        topic: "orders", partition: Int32(client),
        source: .load(batches: .max, recordsPerBatch: 1, bytes: 100), acks: .all, inFlight: 5)
      world.apply(.message(.command(.produce(Ticket(2), order)), to: .client(Int32(client + 1))))
    }
    return world
  }

  static func run(events: Int, seed: UInt64) -> ClusterWorld {
    var world = world(seed: seed)
    world.run(events: events)
    return world
  }
}

/// A node that answers every message with another: what the world itself costs.
struct Echo: Node {
  struct Ping: Hashable, Sendable, Narratable {
    var count: Int
    var summary: String { "ping" }
    var isRoutine: Bool { false }
  }

  struct Nothing: Durable {
    var position: UInt64 { 0 }
    mutating func synced(through position: UInt64) {}
    mutating func losePower(_ choices: inout Choices) {}
  }

  typealias Message = Ping
  typealias Timer = Int
  typealias Setup = Int

  var heard = 0
  var disk = Nothing()

  init(_ id: NodeID, _ setup: Int, recovering disk: consuming Nothing, _ fx: inout Effects<Echo>) {}
  mutating func reconfigure(_ setup: Int, _ fx: inout Effects<Echo>) {}

  mutating func on(_ event: consuming Event<Echo>, _ fx: inout Effects<Echo>) {
    guard case .message(let ping, let from) = event else { return }
    heard += 1
    fx.send(Ping(count: ping.count + 1), to: from == .console ? NodeID(3 - fx.me.rawValue) : from)
  }

  func fingerprint(into hasher: inout StateHasher) { hasher.combine(heard) }

  static func world(seed: UInt64) -> World<Echo> {
    var world = World<Echo>(seed: seed)
    world.apply(.boot(NodeID(1), 0))
    world.apply(.boot(NodeID(2), 0))
    for _ in 0..<16 { world.apply(.message(Ping(count: 0), to: NodeID(1))) }
    return world
  }
}
