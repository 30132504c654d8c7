import Clockwork
import Delivery
import EventSourcing
import Testing

/// A zone's board while far more orders wait than riders are free.
@Suite("A board with a long queue")
struct ZoneBoardTests {
  private static let here = Location(latitude: 37_498_000, longitude: 127_027_000)
  private static let zone = Zone(of: here)

  private func board(jobs: UInt64, riders: UInt64) -> ZoneBoard.State {
    var state = ZoneBoard.initial
    for trip in 1...jobs {
      let seek = ZoneBoard.Command.seek(trip: trip, pickup: Self.here, home: Self.zone, backup: false, not: [])
      perform(seek, &state, at: .start + .milliseconds(Int64(trip)))
    }
    free(riders, from: 1, &state)
    return state
  }

  private func free(_ riders: UInt64, from first: UInt64, _ state: inout ZoneBoard.State) {
    for rider in first..<(first + riders) { perform(.list(rider: rider, at: Self.here), &state, at: .start) }
  }

  @discardableResult
  private func perform(
    _ command: ZoneBoard.Command, _ state: inout ZoneBoard.State, at now: Instant
  ) -> [ZoneBoard.Event] {
    let events = ZoneBoard.decide(command, state, at: now)
    for event in events { ZoneBoard.evolve(&state, event) }
    return events
  }

  @Test("a round looks at the head of the queue, however long the queue is", arguments: [0, 10, 400] as [UInt64])
  func roundsStaySmall(riders: UInt64) throws {
    var state = board(jobs: 5_000, riders: riders)
    let events = perform(.match, &state, at: .start + .seconds(9))
    let matched = events.compactMap { if case .matched(let trip, _, _) = $0 { trip } else { nil } }
    #expect(matched.count == Int(riders))
    let looked = max(ZoneBoard.front, 2 * Int(riders))
    #expect(matched.allSatisfy { $0 <= UInt64(looked) }, "those that wait longest come first")
    let waiting = events.compactMap { if case .roundPassed(let waiting, _) = $0 { waiting.count } else { nil } }
    #expect(waiting == [looked - Int(riders)])
    #expect(state.isGathering, "another round is due as long as somebody waits")
  }

  @Test("riders that come one by one work the whole queue off, in its order")
  func everybodyHasTheirTurn() {
    var state = board(jobs: 300, riders: 0)
    var served: [UInt64] = []
    var now = Instant.start + .seconds(1)
    for rider in 1...300 as ClosedRange<UInt64> {
      free(1, from: rider, &state)
      now = now + .seconds(5)
      for case .matched(let trip, _, _) in perform(.match, &state, at: now) {
        served.append(trip)
        perform(.drop(trip: trip), &state, at: now)
      }
    }
    #expect(served.count == 300)
    // Everybody is as far from everybody: the longest wait decides.
    #expect(served == served.sorted())
    #expect(state.jobs.isEmpty)
  }

  @Test("while the pressure lasts riders are asked again, each time from farther away, and not in between")
  func askingGoesOn() {
    var state = board(jobs: 50, riders: 0)
    var asked: [(at: Instant, zones: [Zone], riders: UInt64)] = []
    let entity = EntityID.zone(Self.zone)
    for round in 1...50 as ClosedRange<Int64> {
      let now = Instant.start + .seconds(5 * round)
      for event in ZoneBoard.decide(.match, state, at: now) {
        ZoneBoard.evolve(&state, event)
        guard case .pressureRose = event else { continue }
        var zones: [Zone] = []
        var riders: UInt64 = 0
        for effect in BoardProcess.react(Happened(entity, version: 1, at: now, event), state) {
          guard case .send(let addressed) = effect, case .board(.lend(_, let most)) = addressed.command else {
            continue
          }
          zones.append(Zone(bits: addressed.to.number))
          riders += most
        }
        asked.append((now, zones, riders))
      }
    }
    #expect(asked.count == 5)
    #expect(zip(asked, asked.dropFirst()).allSatisfy { $1.at >= $0.at + ZoneBoard.coolDown })
    #expect(asked.map(\.zones) == [1, 2, 3, 1, 2].map { Self.zone.ring($0) })
    // A share each: no more riders set out than are needed, but for what rounding adds.
    #expect(asked.allSatisfy { $0.riders >= 50 && $0.riders < 50 + UInt64($0.zones.count) })
    free(60, from: 1, &state)
    let relief = perform(.match, &state, at: .start + .seconds(400))
    #expect(relief.contains(.pressureFell) && state.askings == 0)
  }

  @Test("one order in a zone without riders, and without any next to it, is reason enough to ask")
  func oneHopelessOrder() {
    var state = board(jobs: 1, riders: 0)
    var rose = 0
    for round in 1...20 as ClosedRange<Int64> {
      for case .pressureRose in perform(.match, &state, at: .start + .seconds(5 * round)) { rose += 1 }
    }
    #expect(state.jobs[1]?.isEscalated == true)
    #expect(rose > 0)
  }
}
