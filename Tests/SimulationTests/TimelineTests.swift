import Clockwork
import Simulation
import Testing

@Suite struct TimelineTests {
  /// A world run afresh to the same place, by the journal alone.
  func replay(_ origin: World<Toy>, _ journal: [Timeline<Toy>.Entry], to position: Timeline<Toy>.Position) -> World<Toy>
  {
    var world = origin
    for entry in journal where entry.event <= position.event {
      world.run(events: entry.event - 1 - world.eventCount)
      world.run(until: entry.time, events: 0)
      if world.now < entry.time { _ = world.run(until: entry.time) }
      world.apply(entry.input)
    }
    world.run(events: position.event - world.eventCount)
    if world.now < position.time { world.run(until: position.time) }
    return world
  }

  @Test(
    "After any sequence of goto, back, step, run and input it is what a fresh replay is",
    arguments: 1...12 as ClosedRange<UInt64>)
  func randomWalk(seed: UInt64) {
    let origin = busyWorld(seed: seed)
    var timeline = Timeline(origin, spacing: 16, mostCheckpoints: 6)
    var dice = Dice(seed: seed)
    for _ in 0..<60 {
      let span = UInt64(timeline.end.event + 20)
      switch dice.roll(8) {
      case 0: timeline.goto(event: Int(dice.roll(span)))
      case 1: timeline.goto(.start + .microseconds(Int64(dice.roll(UInt64(timeline.end.time.nanoseconds / 1000) + 9))))
      case 2: timeline.back(Int(dice.roll(30)))
      case 3: timeline.step()
      case 4: timeline.run(events: Int(dice.roll(100)))
      case 5: timeline.run(until: timeline.world.now + .microseconds(Int64(dice.roll(90_000))))
      case 6: timeline.apply(.message(.write(Int(dice.roll(9)), replyTo: n3), to: n2))
      default:
        let node = [n1, n2, n3][Int(dice.roll(3))]
        let faults: [Fault] = [
          .crash(node), .restart(node), .pause(node), .resume(node), .losePower(node), .healAll,
          .cut(Link.between([node], [n1, n2])), .skew(node, offset: .milliseconds(Int64(dice.roll(50))), driftPPM: 9),
        ]
        timeline.apply(.fault(faults[Int(dice.roll(UInt64(faults.count)))]))
      }
      let fresh = replay(origin, timeline.journal, to: timeline.position)
      #expect(timeline.world.fingerprint() == fresh.fingerprint())
      #expect(timeline.position.event <= timeline.end.event)
    }
    #expect(timeline.journal.map(\.event) == timeline.journal.map(\.event).sorted())
  }

  @Test("Back undoes a fault, forward does it again by itself")
  func backOverFault() {
    var timeline = Timeline(quietWorld())
    timeline.apply(.fault(.crash(n1)))
    #expect(timeline.world.status(n1) == .down)
    timeline.back()
    #expect(timeline.world.status(n1) == .up)
    #expect(timeline.isInPast)
    timeline.step()
    #expect(timeline.world.status(n1) == .down)
    #expect(!timeline.isInPast)
  }

  @Test("An input in the past drops the recorded future and says how much; a refused one drops nothing")
  func rewriting() {
    var timeline = Timeline(busyWorld(seed: 1), spacing: 8)
    timeline.run(events: 100)
    timeline.apply(.fault(.crash(n1)))
    let end = timeline.end
    timeline.goto(event: 40)
    let refused = timeline.apply(.fault(.restart(n1)))
    #expect(!refused.isAccepted && refused.droppedEvents == 0)
    #expect(timeline.end == end)
    let applied = timeline.apply(.fault(.pause(n1)))
    #expect(applied.isAccepted && applied.droppedEvents == end.event - 40)
    #expect(timeline.end.event == 41)
    #expect(timeline.journal.count == 1)
    timeline.run(events: 200)
    #expect(timeline.world.status(n1) == .paused)
  }

  @Test("A fork lives its own life")
  func fork() {
    var timeline = Timeline(busyWorld(seed: 1), spacing: 8)
    timeline.run(events: 100)
    let before = timeline.world.fingerprint()
    var fork = timeline
    fork.goto(event: 50)
    fork.apply(.fault(.crash(n2)))
    fork.run(events: 100)
    #expect(timeline.world.fingerprint() == before)
    #expect(timeline.journal.isEmpty)
    timeline.goto(event: 60)
    #expect(timeline.world.status(n2) == .up)
  }

  @Test("A moment is behind all that was due by then, and before what was not")
  func moments() {
    var timeline = Timeline(busyWorld(seed: 1), spacing: 8)
    timeline.run(until: Interval.milliseconds(100).after)
    timeline.apply(.fault(.crash(n1)))
    timeline.run(until: Interval.milliseconds(200).after)
    timeline.goto(Interval.milliseconds(99).after)
    #expect(timeline.world.status(n1) == .up)
    #expect(timeline.world.now == Interval.milliseconds(99).after)
    #expect(timeline.world.nextEventTime > Interval.milliseconds(99).after)
    timeline.goto(Interval.milliseconds(100).after)
    #expect(timeline.world.status(n1) == .down)
    #expect(timeline.goto(.never) == timeline.end)
    #expect(timeline.position.time == Interval.milliseconds(200).after)
    #expect(timeline.goto(event: -5) == timeline.beginning)
    #expect(timeline.goto(event: .max).event == timeline.end.event)
  }

  @Test("A trace regenerated from anywhere is the one that a watcher saw", arguments: [1...400, 57...58, 390...900])
  func regeneratedTrace(range: ClosedRange<Int>) {
    var timeline = Timeline(busyWorld(seed: 9), spacing: 32)
    var watcher = TraceCollector()
    timeline.run(events: 200, &watcher)
    timeline.apply(.fault(.losePower(n1)))
    timeline.run(events: 200, &watcher)
    let seen = watcher.events.filter { range.contains($0.index) && $0.index != 204 }
    timeline.goto(event: 100)
    let told = timeline.trace(range).events
    // Event 204 is the power loss, which the watcher of the runs did not watch.
    #expect(told.filter { $0.index != 204 } == seen)
    #expect(told.contains { $0.index == 204 } == range.contains(204))
    #expect(timeline.position.event == 100)
  }

  @Test("The last events are those before the position, and a limit counts what it leaves out")
  func lastEvents() {
    var timeline = Timeline(busyWorld(seed: 9), spacing: 32)
    timeline.run(events: 300)
    timeline.goto(event: 150)
    let last = timeline.trace(last: 10)
    #expect(Set(last.events.map(\.index)).isSubset(of: Set(141...150)))
    #expect(last.events.last?.index == 150)
    let few = timeline.trace(last: 10, limit: 3)
    #expect(few.events == Array(last.events.prefix(3)))
    #expect(few.omitted == last.events.count - 3)
    #expect(timeline.trace(last: 0).events.isEmpty)
  }

  @Test("A run can be stopped from outside, and goes on from there")
  func cancelled() {
    var timeline = Timeline(busyWorld(seed: 1), spacing: 64)
    var polls = 0
    let end = timeline.run(events: 100_000) { _ in
      polls += 1
      return polls < 3
    }
    #expect(end == .cancelled)
    #expect(timeline.position.event < 1000)
    #expect(timeline.run(events: 10) == .reached)
  }

  @Test("Recorded and unrecorded runs of one trial are the same", arguments: 1...5 as ClosedRange<UInt64>)
  func recorded(seed: UInt64) {
    var trial = stormyTrial(seed)
    let timeline = trial.recorded()
    trial.world.run(trial.schedule, until: trial.end)
    #expect(timeline.world.fingerprint() == trial.world.fingerprint())
    #expect(timeline.end.event == trial.world.eventCount)
  }
}
