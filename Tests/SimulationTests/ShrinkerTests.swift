import Clockwork
import Testing

@testable import Simulation

@Suite("Shrinking a failing run")
struct ShrinkerTests {
  /// Broken once n1 has heard both 3 and 5.
  private struct NeverBoth: Invariant {
    var name: String { "NeverBoth" }
    mutating func check(_ world: borrowing World<Toy>, touched: NodeID) -> String? {
      let words = world.withNode(n1) { $0.words } ?? []
      return words.contains(3) && words.contains(5) ? "n1 heard 3 and 5" : nil
    }
  }

  private let sweep = Sweep<Toy> { seed in
    var world = World<Toy>(seed: seed)
    world.invariants = [NeverBoth()]
    var schedule = Schedule<Toy>()
    for node in [n1, n2] { schedule.add(.boot(node, Toy.Setup()), at: .start) }
    for step in 1...20 {
      schedule.add(.message(.word(step % 8), to: n1), at: .start + .milliseconds(Int64(step)))
      schedule.add(.fault(step % 2 == 0 ? .pause(n2) : .resume(n2)), at: .start + .milliseconds(Int64(step)))
    }
    return Trial(world: world, schedule: schedule, end: .start + .seconds(1))
  }

  @Test("keeps what is needed and nothing else", arguments: 1...3 as ClosedRange<UInt64>)
  func minimal(seed: UInt64) throws {
    let shrunk = try #require(Shrinker(sweep).shrink(seed: seed))
    #expect(shrunk.total == 42)
    #expect(
      shrunk.trial.schedule.entries.map(\.input.description).sorted() == [
        "n1 boots", "tell n1: word(3)", "tell n1: word(5)",
      ])
    #expect(shrunk.violation.name == "NeverBoth")
    #expect(shrunk.choosesFirst)
    // What is left breaks the same again, from the numbers alone.
    let again = Shrinker(sweep).trial(seed, keeping: shrunk.kept, choosesFirst: shrunk.choosesFirst)
    #expect(Shrinker(sweep).violation(of: again) == shrunk.violation)
    // And without any one of them it does not.
    for place in shrunk.kept.indices {
      var fewer = shrunk.kept
      fewer.remove(at: place)
      let trial = Shrinker(sweep).trial(seed, keeping: fewer, choosesFirst: true)
      #expect(Shrinker(sweep).violation(of: trial) == nil)
    }
  }

  @Test("has nothing to do with a sound run, and stops when told to")
  func ends() throws {
    var sound = Sweep<Toy> { _ in Trial(world: World<Toy>(seed: 1), schedule: Schedule(), end: .start) }
    #expect(Shrinker(sound).shrink(seed: 1) == nil)
    sound = sweep
    let stopped = try #require(Shrinker(sound).shrink(seed: 1) { _, runs in runs < 3 })
    #expect(stopped.violation.name == "NeverBoth")
  }
}
