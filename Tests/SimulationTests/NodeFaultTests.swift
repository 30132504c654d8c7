import Clockwork
import Simulation
import Testing

@Suite struct NodeFaultTests {
  @Test("A crash keeps what was written, synced or not, and loses memory, timers and held-back messages")
  func crash() {
    var world = quietWorld()
    world.tell(n1, .scribble(7))
    world.tell(n1, .remindAt(Interval.seconds(1).after))
    world.tell(n1, .write(8, replyTo: n2))
    world.run(events: 3)
    world.strike(.crash(n1))
    #expect(world.status(n1) == .down)
    #expect(world.withDisk(n1) { $0.entries } == [7, 8])
    world.run(until: Interval.milliseconds(100).after)
    world.strike(.restart(n1))
    world.run(until: Interval.seconds(2).after)
    let reborn = world.toy(n1)
    #expect(world.boots(of: n1) == 2)
    #expect(reborn?.disk.entries == [7, 8])
    #expect(reborn?.disk.synced == 0)
    #expect(reborn?.heard == [])
    #expect(reborn?.rings == [])
    #expect(reborn?.durable == [])
    #expect(world.toy(n2)?.heard == [])
  }

  @Test("Losing power keeps everything synced and any part of the rest", arguments: 1...40 as ClosedRange<UInt64>)
  func powerLoss(seed: UInt64) {
    var world = quietWorld(seed: seed)
    world.tell(n1, .write(1, replyTo: n2))
    world.run()
    for number in 2...5 { world.tell(n1, .scribble(number)) }
    world.run()
    world.strike(.losePower(n1))
    world.strike(.restart(n1))
    let entries = world.toy(n1)?.disk.entries ?? []
    #expect(entries.first == 1)
    #expect(entries == Array((1...5).prefix(entries.count)))
  }

  @Test("Over many seeds power loss leaves every length, and torn tails")
  func powerLossVaries() {
    var lengths: Set<Int> = []
    var torn = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      var world = quietWorld(seed: seed)
      for number in 1...4 { world.tell(n1, .scribble(number)) }
      world.run()
      world.strike(.losePower(n1))
      world.strike(.restart(n1))
      lengths.insert(world.toy(n1)?.disk.entries.count ?? -1)
      torn += world.toy(n1)?.foundTorn == true ? 1 : 0
    }
    #expect(lengths == [0, 1, 2, 3, 4])
    #expect((10...50).contains(torn))
  }

  @Test("A machine can lose power after its process died: the page cache goes then")
  func powerLossAfterCrash() {
    var world = World<Toy>(seed: 1, choices: Choices(script: []))
    world.apply(.boot(n1, Toy.Setup()))
    world.tell(n1, .scribble(1))
    world.run()
    world.strike(.crash(n1))
    #expect(world.withDisk(n1) { $0.entries } == [1])
    world.strike(.losePower(n1))
    #expect(world.withDisk(n1) { $0.entries } == [])
  }

  @Test("A held-back message leaves only when its sync is done, and syncs are done in order")
  func heldBack() {
    var world = World<Toy>(seed: 1, fsync: .uniform(.milliseconds(1), .milliseconds(90)))
    for node in [n1, n2] { world.apply(.boot(node, Toy.Setup())) }
    for number in 1...10 { world.tell(n1, .write(number, replyTo: n2)) }
    var collector = TraceCollector()
    world.run(&collector)
    #expect(world.toy(n1)?.durable == Array(1...10))
    #expect(world.toy(n2)?.heard.map(\.message) == (1...10).map { .written($0) })
    let story = collector.events.filter { $0.node == n1 }
    for held in story where held.kind == .held {
      let number = held.number
      let left = story.firstIndex { $0.kind == .sent && $0.number == number }
      guard
        case .written(let written)? = (1...10).map({ Toy.Message.written($0) }).first(where: {
          $0.summary == held.summary
        })
      else {
        Issue.record("an unexpected message was held: \(held.summary)")
        continue
      }
      let synced = story.firstIndex { $0.kind == .synced(through: UInt64(written)) }
      #expect(synced != nil && left != nil)
      #expect((synced ?? .max) < (left ?? .min))
    }
    #expect(story.count { $0.kind == .held } == 10)
  }

  @Test("A paused node hears everything later, in order; its timers come late")
  func pause() {
    var world = quietWorld()
    world.tell(n2, .remindAt(Interval.milliseconds(10).after))
    world.run(events: 1)
    world.strike(.pause(n2))
    world.tell(n1, .sayTo(n2, 3))
    world.run(until: Interval.milliseconds(50).after)
    #expect(world.toy(n2)?.words == [])
    #expect(world.toy(n2)?.rings == [])
    world.strike(.resume(n2))
    world.tell(n1, .sayTo(n2, 5))
    world.run()
    #expect(world.toy(n2)?.words == [1, 2, 3, 1, 2, 3, 4, 5])
    #expect(world.toy(n2)?.rings == [Interval.milliseconds(50).after])
  }

  @Test("What arrives at the very instant of a resume is heard behind what waited")
  func resumeKeepsOrder() {
    var world = quietWorld(links: LinkQuality(latency: .constant(.milliseconds(1))))
    world.strike(.pause(n2))
    world.tell(n1, .sayTo(n2, 2))
    world.run(for: .milliseconds(1))
    world.run(for: .milliseconds(1))
    world.tell(n2, .word(3))
    world.strike(.resume(n2))
    world.run()
    #expect(world.toy(n2)?.words == [1, 2, 3])
  }

  @Test("A sync that ends while the process is paused survives a power loss")
  func syncWhilePaused() {
    var world = World<Toy>(seed: 1, choices: Choices(script: []))
    world.apply(.boot(n1, Toy.Setup()))
    world.tell(n1, .write(1, replyTo: n1))
    world.run(events: 1)
    world.strike(.pause(n1))
    world.run()
    #expect(world.toy(n1)?.durable == [])
    world.strike(.losePower(n1))
    #expect(world.withDisk(n1) { $0.entries } == [1])
  }

  @Test("A reconfiguration reaches a running node now, a paused one on resume, a dead one at its boot")
  func reconfigure() {
    let setup = Toy.Setup(peers: [], every: .seconds(9))
    var world = quietWorld()
    world.strike(.pause(n2))
    world.strike(.crash(n3))
    for node in [n1, n2, n3] { world.apply(.reconfigure(node, setup)) }
    #expect(world.toy(n1)?.setup.every == .seconds(9))
    #expect(world.toy(n2)?.setup.every == .milliseconds(10))
    world.strike(.resume(n2))
    world.strike(.restart(n3))
    #expect(world.toy(n2)?.setup.every == .seconds(9))
    #expect(world.toy(n3)?.setup.every == .seconds(9))
  }

  @Test(
    "What makes no sense is refused and changes nothing",
    arguments: [
      Fault.crash(NodeID(9)), .restart(n1), .resume(n1), .cut([]), .cut([Link(n1, n1)]), .cut([Link(n1, NodeID(9))]),
      .skew(NodeID(9), offset: .zero, driftPPM: 0), .fsync(.constant(.zero), on: NodeID(9)),
    ])
  func refused(fault: Fault) {
    var world = quietWorld()
    let before = world.fingerprint()
    #expect(world.apply(.fault(fault)) == false)
    #expect(world.apply(.boot(n1, Toy.Setup())) == false)
    #expect(world.apply(.boot(.console, Toy.Setup())) == false)
    #expect(world.apply(.message(.word(1), to: NodeID(9))) == false)
    #expect(world.fingerprint() == before)
  }
}

@Suite struct ClockTests {
  @Test(
    "A clock that is ahead rings early in the world's time, never early on its own", arguments: [-400, -1, 0, 1, 400])
  func offset(milliseconds: Int64) {
    var world = quietWorld()
    world.strike(.skew(n1, offset: .milliseconds(milliseconds), driftPPM: 0))
    #expect(world.clock(of: n1) == world.now + .milliseconds(milliseconds))
    world.tell(n1, .remindAt(Interval.seconds(1).after))
    world.run()
    #expect(world.toy(n1)?.rings == [Interval.seconds(1).after])
    #expect(world.now == Interval.milliseconds(1000 - milliseconds).after)
  }

  @Test("A drift adds up, and a timer never rings before its time", arguments: [-500_000, -333, -1, 1, 333, 500_000])
  func drift(ppm: Int) {
    var world = quietWorld()
    world.strike(.skew(n1, offset: .milliseconds(3), driftPPM: ppm))
    for second in 1...20 as ClosedRange<Int64> { world.tell(n1, .remindAt(Interval.milliseconds(second * 777).after)) }
    world.run()
    let rings = world.toy(n1)?.rings ?? []
    #expect(rings.count == 20)
    for (ring, second) in zip(rings, 1...) {
      let late = ring - Interval.milliseconds(Int64(second) * 777).after
      #expect(late >= .zero && late <= .microseconds(1))
    }
  }

  @Test("Timers that were set before a clock is changed move with it")
  func changedClock() {
    var world = quietWorld()
    world.tell(n1, .remindAt(Interval.seconds(1).after))
    world.run()
    world.tell(n1, .remindAt(Interval.seconds(2).after))
    world.tell(n1, .remindAt(Interval.seconds(3).after))
    world.run(events: 2)
    world.strike(.skew(n1, offset: .milliseconds(1500), driftPPM: 0))
    world.run(for: .zero)
    #expect(world.toy(n1)?.rings.count == 2)
    world.strike(.skew(n1, offset: .zero, driftPPM: 0))
    world.run()
    #expect(world.toy(n1)?.rings.last == Interval.seconds(3).after)
    #expect(world.now == Interval.seconds(3).after)
  }
}
