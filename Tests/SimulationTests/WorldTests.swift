import Clockwork
import Simulation
import Testing

/// Three gossiping nodes under every fault there is.
func stormyTrial(_ seed: UInt64) -> Trial<Toy> {
  let end = Interval.seconds(3).after
  var schedule = Schedule<Toy>()
  let nemesis = Nemesis(nodes: [n1, n2, n3], pace: .milliseconds(40))
  schedule.add(nemesis.plan(seed: seed, from: .start, to: end))
  for tick in 1...20 as ClosedRange<Int64> {
    schedule.add(.message(.write(Int(tick), replyTo: n2), to: n1), at: Interval.milliseconds(tick * 130).after)
  }
  return Trial(world: busyWorld(seed: seed), schedule: schedule, end: end + .seconds(1))
}

@Suite struct WorldTests {
  @Test("The same seed and inputs give the same world; another seed gives another")
  func determinism() {
    func finished(_ seed: UInt64) -> World<Toy> {
      var trial = stormyTrial(seed)
      trial.world.run(trial.schedule, until: trial.end)
      return trial.world
    }
    let (one, same, other) = (finished(1), finished(1), finished(2))
    #expect(one.traceHash == same.traceHash)
    #expect(one.fingerprint() == same.fingerprint())
    #expect(one.traceHash != other.traceHash)
  }

  @Test("The hash of a run that uses everything is the same in every build and every process")
  func pinnedHash() {
    var trial = stormyTrial(2024)
    trial.world.run(trial.schedule, until: trial.end)
    #expect(trial.world.eventCount == 3190)
    #expect(trial.world.traceHash == 8_454_448_837_933_073_956)
    #expect(trial.world.fingerprint() == 13_488_316_593_022_946_123)
  }

  @Test("Watching changes nothing")
  func watching() {
    var (one, other) = (stormyTrial(5), stormyTrial(5))
    var collector = TraceCollector()
    one.world.run(one.schedule, until: one.end)
    other.world.run(other.schedule, until: other.end, &collector)
    #expect(one.world.fingerprint() == other.world.fingerprint())
    #expect(collector.events.count > 1000)
    #expect(collector.events.contains { $0.kind == .note })
  }

  @Test("Every delivery, drop and wait in a trace has a sending with its number, before it")
  func pairing() {
    var trial = stormyTrial(6)
    var collector = TraceCollector()
    trial.world.run(trial.schedule, until: trial.end, &collector)
    var sent: Set<UInt64> = []
    var delivered = 0
    for event in collector.events {
      guard let number = event.number else { continue }
      switch event.kind {
      case .sent, .held: sent.insert(number)
      case .delivered, .dropped, .waiting:
        #expect(sent.contains(number))
        delivered += 1
      default: break
      }
    }
    #expect(delivered > 500)
    #expect(collector.events.map(\.index) == collector.events.map(\.index).sorted())
  }

  @Test("Dice of the network do not disturb what nodes choose")
  func separateDice() {
    func choices(loss: Int) -> [NodeID?] {
      var world = busyWorld(seed: 3)
      world.strike(.loss(perMille: loss, on: .all))
      var collector = TraceCollector()
      world.run(until: Interval.milliseconds(200).after, &collector)
      return collector.events.filter { $0.kind == .sent && $0.summary.hasPrefix("write") }.map(\.peer)
    }
    #expect(choices(loss: 0) == choices(loss: 1000))
  }

  @Test("A snapshot stays as it was while the world lives on")
  func snapshot() {
    var world = busyWorld(seed: 4)
    world.run(for: .milliseconds(100))
    let snapshot = world
    let before = snapshot.fingerprint()
    world.strike(.cut(Link.between([n1], [n2, n3])))
    world.run(for: .seconds(1))
    #expect(snapshot.fingerprint() == before)
    #expect(world.fingerprint() != before)
    var again = snapshot
    again.strike(.cut(Link.between([n1], [n2, n3])))
    again.run(for: .seconds(1))
    #expect(again.fingerprint() == world.fingerprint())
  }

  @Test("A run ends at its instant, at its number of events, or when nothing is left")
  func ends() {
    var busy = busyWorld(seed: 1)
    #expect(busy.run(until: Interval.milliseconds(25).after) == .reached)
    #expect(busy.now == Interval.milliseconds(25).after)
    let events = busy.eventCount
    #expect(busy.run(events: 5) == .reached)
    #expect(busy.eventCount == events + 5)
    var quiet = quietWorld()
    #expect(quiet.run() == .idle)
    #expect(quiet.run(until: Interval.seconds(5).after) == .idle)
    #expect(quiet.now == Interval.seconds(5).after)
    var nobody = NoObserver()
    let stepped = quiet.step(&nobody)
    #expect(!stepped)
    #expect(quiet.run(events: 0) == .reached)
  }

  @Test("Scripted choices decide what dice decide otherwise")
  func scriptedChoices() {
    func first(_ script: [UInt32]) -> NodeID? {
      var world = World<Toy>(seed: 1, choices: Choices(script: script))
      for node in [n2, n3] { world.apply(.boot(node, Toy.Setup())) }
      world.apply(.boot(n1, Toy.Setup(peers: [n2, n3])))
      var collector = TraceCollector()
      world.run(until: Interval.milliseconds(11).after, &collector)
      return collector.events.first { $0.kind == .sent }?.peer
    }
    #expect(first([0]) == n2)
    #expect(first([1]) == n3)
  }

  @Test("Calls it a violation when nodes flood the queues, and stays within its bounds")
  func flood() {
    var world = World<Toy>(seed: 1, mostPending: 100)
    for node in [n1, n2] { world.apply(.boot(node, Toy.Setup())) }
    world.tell(n1, .sayTo(n2, 101))
    #expect(world.run() == .violated)
    #expect(world.violation?.name == "BoundedQueues")
    #expect(world.pendingCount == 100)
  }
}

/// At most so many words heard by one node, and it remembers how often it looked.
struct FewWords: Invariant {
  typealias N = Toy
  let most: Int
  var looks = 0
  var name: String { "FewWords" }

  mutating func check(_ world: borrowing World<Toy>, touched: NodeID) -> String? {
    looks += 1
    let words = world.withNode(touched) { $0.words.count } ?? 0
    return words > most ? "\(touched) heard \(words) words in \(looks) events" : nil
  }
}

@Suite struct InvariantTests {
  @Test("The first violation is kept, with its event, and stops the run there")
  func firstViolation() {
    var world = quietWorld()
    world.invariants = [FewWords(most: 3), FewWords(most: 5)]
    world.tell(n1, .sayTo(n2, 9))
    #expect(world.run() == .violated)
    #expect(world.toy(n2)?.words.count == 4)
    #expect(world.violation?.event == world.eventCount)
    #expect(world.violation?.text == "n2 heard 4 words in 6 events")
    let first = world.violation
    #expect(world.run() == .idle)
    #expect(world.toy(n2)?.words.count == 9)
    #expect(world.violation == first)
  }

  @Test("When told to, a run goes on over a violation")
  func goesOn() {
    var world = quietWorld()
    world.invariants = [FewWords(most: 3)]
    world.stopsAtViolation = false
    world.tell(n1, .sayTo(n2, 9))
    #expect(world.run() == .idle)
    #expect(world.violation != nil)
  }

  @Test("What an invariant remembers rewinds with the world")
  func rewinds() {
    var world = quietWorld()
    world.invariants = [FewWords(most: 3)]
    world.tell(n1, .sayTo(n2, 9))
    var timeline = Timeline(world, spacing: 1)
    #expect(timeline.run() == .violated)
    let violation = timeline.world.violation
    timeline.back(3)
    #expect(timeline.world.violation == nil)
    #expect(timeline.run() == .violated)
    #expect(timeline.world.violation == violation)
  }
}
