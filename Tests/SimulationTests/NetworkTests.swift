import Clockwork
import Simulation
import Testing

@Suite struct NetworkTests {
  static let jittery = LinkQuality(latency: .uniform(.microseconds(1), .milliseconds(50)))

  @Test("Links are first in, first out, however much their latency varies", arguments: 1...20 as ClosedRange<UInt64>)
  func fifo(seed: UInt64) {
    var world = quietWorld(seed: seed, links: Self.jittery)
    world.tell(n1, .sayTo(n2, 30))
    world.run()
    #expect(world.toy(n2)?.words == Array(1...30))
  }

  @Test("With reordering on, messages overtake each other and none is lost")
  func reordering() {
    var world = quietWorld(links: Self.jittery)
    world.strike(.reordering(true, on: .only([Link(n1, n2)])))
    world.tell(n1, .sayTo(n2, 30))
    world.tell(n1, .sayTo(n3, 30))
    world.run()
    #expect(world.toy(n2)?.words != Array(1...30))
    #expect(world.toy(n2)?.words.sorted() == Array(1...30))
    #expect(world.toy(n3)?.words == Array(1...30))
  }

  @Test("A cut link delivers nothing that would arrive while it is cut, and the other direction delivers all")
  func oneWayCut() {
    var world = quietWorld()
    world.strike(.cut([Link(n1, n2)]))
    world.tell(n1, .sayTo(n2, 3))
    world.tell(n2, .sayTo(n1, 3))
    world.run()
    #expect(world.toy(n2)?.words == [])
    #expect(world.toy(n1)?.words == [1, 2, 3])
  }

  @Test("A message in flight is lost by a cut that is there on its arrival, and passes if the link is whole by then")
  func cutIsJudgedOnArrival() {
    let slow = LinkQuality(latency: .constant(.milliseconds(10)))
    var world = quietWorld(links: slow)
    world.tell(n1, .sayTo(n2, 1))
    world.run(for: .milliseconds(5))
    var healed = world
    world.strike(.cut([Link(n1, n2)]))
    world.run()
    #expect(world.toy(n2)?.words == [])
    healed.strike(.cut([Link(n1, n2)]))
    healed.run(for: .milliseconds(2))
    healed.strike(.healAll)
    healed.run()
    #expect(healed.toy(n2)?.words == [1])
  }

  @Test("Loss takes about its share, from its links only")
  func loss() {
    var world = quietWorld()
    world.strike(.loss(perMille: 300, on: .only([Link(n1, n2)])))
    for _ in 0..<20 {
      world.tell(n1, .sayTo(n2, 3))
      world.tell(n1, .sayTo(n3, 3))
    }
    world.run()
    let arrived = world.toy(n2)?.words.count ?? 0
    #expect((25...55).contains(arrived))
    #expect(world.toy(n3)?.words.count == 60)
  }

  @Test("Duplication delivers twice, still in order")
  func duplication() {
    var world = quietWorld()
    world.strike(.duplication(perMille: 1000, on: .all))
    world.tell(n1, .sayTo(n2, 3))
    world.run()
    #expect(world.toy(n2)?.words.sorted() == [1, 1, 2, 2, 3, 3])
  }

  @Test("A latency set on one link holds for it alone, and calm takes it back")
  func latency() {
    var world = quietWorld()
    world.strike(.latency(.constant(.seconds(1)), on: .only([Link(n1, n2)])))
    world.tell(n1, .sayTo(n2, 1))
    world.tell(n1, .sayTo(n3, 1))
    world.run(for: .milliseconds(500))
    #expect(world.toy(n2)?.words == [])
    #expect(world.toy(n3)?.words == [1])
    world.run(for: .milliseconds(500))
    #expect(world.toy(n2)?.words == [1])
    world.strike(.calm)
    #expect(world.quality(of: Link(n1, n2)) == .dataCentre)
  }

  @Test("What is set on every link holds for nodes that come later")
  func standard() {
    var world = quietWorld()
    world.strike(.loss(perMille: 1000, on: .all))
    for late in 4...9 as ClosedRange<Int32> { world.apply(.boot(NodeID(late), Toy.Setup())) }
    #expect(world.quality(of: Link(n1, NodeID(9)))?.lossPerMille == 1000)
    world.tell(n1, .sayTo(NodeID(9), 3))
    world.run()
    #expect(world.toy(NodeID(9))?.words == [])
  }

  @Test("A message to nobody is dropped, and says so")
  func nobody() {
    var world = quietWorld()
    var collector = TraceCollector()
    world.tell(n1, .sayTo(NodeID(77), 1))
    world.run(&collector)
    #expect(collector.events.contains { $0.kind == .dropped(.unknownNode) && $0.node == NodeID(77) })
  }
}

@Suite struct LatencyDistributionTests {
  @Test("A draw stays within its bounds")
  func bounds() {
    var dice = Dice(seed: 3)
    let uniform = LatencyDistribution.uniform(.milliseconds(2), .milliseconds(1))
    for _ in 0..<1000 {
      let drawn = uniform.draw(&dice)
      #expect(drawn >= .milliseconds(1) && drawn <= .milliseconds(2))
    }
    #expect(LatencyDistribution.constant(.milliseconds(-5)).draw(&dice) == .zero)
    let endless = LatencyDistribution.tail(from: .seconds(.max / 1_000_000_000), mean: .seconds(1_000_000))
    #expect(endless.draw(&dice) < .seconds(3600 * 46))
  }

  @Test("A tail has its mean, and is exponential: one in e² is beyond two means")
  func tail() {
    var dice = Dice(seed: 4)
    let tail = LatencyDistribution.tail(from: .milliseconds(1), mean: .milliseconds(10))
    let draws = (0..<20_000).map { _ in tail.draw(&dice).nanoseconds }
    let mean = draws.reduce(0, +) / 20_000
    #expect((10_800_000...11_200_000).contains(mean))
    let beyond = draws.count { $0 > 21_000_000 }
    #expect((2500...2920).contains(beyond))
    #expect(draws.allSatisfy { $0 >= 1_000_000 })
  }
}
