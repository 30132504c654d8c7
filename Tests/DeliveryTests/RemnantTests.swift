import Clockwork
import Delivery
import EventSourcing
import Testing

/// What has ended leaves memory, and nobody can tell.
@Suite("What is left of an entity that has ended")
struct RemnantTests {
  private static let lines: [UInt8] = [0, 1, 2, 3]

  /// Whatever is asked of what has ended, the whole state and what is left of it answer alike, and so does what comes of
  /// the answer.
  private func ends<P: EntityProcess>(
    _: P.Type, _ entity: EntityID, seed: UInt64, walks: Int = 300, _ ask: (inout Dice) -> P.Subject.Command
  ) -> [P.Subject.State] {
    typealias Subject = P.Subject
    var dice = Dice(seed: seed)
    var ends: [Subject.State] = []
    for _ in 0..<walks {
      var whole = Subject.initial
      var steps = 0
      while steps < 60, Subject.remains(of: whole, entity.number) == nil {
        steps += 1
        let events = (try? Subject.decide(ask(&dice), whole, at: .start + .seconds(Int64(steps)))) ?? []
        for event in events { Subject.evolve(&whole, event) }
      }
      guard let remains = Subject.remains(of: whole, entity.number) else { continue }
      ends.append(whole)
      var left = Subject.state(from: remains, entity.number)
      for step in 0..<40 {
        let (command, now) = (ask(&dice), Instant.start + .seconds(Int64(100 + step)))
        let one = outcome(Subject.self, command, whole, now)
        #expect(one == outcome(Subject.self, command, left, now), "\(command) on \(whole)")
        for event in (try? one.get()) ?? [] {
          Subject.evolve(&whole, event)
          Subject.evolve(&left, event)
          let happened = Happened(entity, version: 1, at: now, event)
          #expect(P.react(happened, whole) == P.react(happened, left), "\(event) on \(whole)")
        }
        #expect(Subject.remains(of: whole, entity.number) == Subject.remains(of: left, entity.number))
      }
    }
    return ends
  }

  private func outcome<D: Decider>(
    _: D.Type, _ command: D.Command, _ state: D.State, _ now: Instant
  ) -> Result<[D.Event], D.Rejection> {
    do throws(D.Rejection) { return .success(try D.decide(command, state, at: now)) } catch { return .failure(error) }
  }

  private static func time(_ dice: inout Dice) -> Instant { .start + .seconds(Int64(dice.roll(3))) }
  private static func line(_ dice: inout Dice) -> UInt8 { lines[Int(dice.roll(4))] }

  @Test("orders", arguments: 1...4)
  func orders(seed: UInt64) {
    let ends = ends(OrderProcess.self, .order(9), seed: seed) { dice in
      switch dice.roll(18) {
      case 0, 1: .place(basket())
      case 2, 3: .paymentAuthorised
      case 4: .paymentDeclined
      case 5: .paymentOverdue
      case 6, 7: .kitchenAccepted(readyAt: Self.time(&dice))
      case 8: [.kitchenRefused, .kitchenOverdue][Int(dice.roll(2))]
      case 9: [.kitchenCooking, .kitchenReady][Int(dice.roll(2))]
      case 10: .estimate(readyAt: Self.time(&dice))
      case 11: [.riderAssigned(dice.roll(3)), .riderLost][Int(dice.roll(2))]
      case 12, 13: .pickedUp
      case 14: .delivered
      case 15: .escalated
      case 16: .cancel
      default: [.deliveryAborted, .deliveryTooLate][Int(dice.roll(2))]
      }
    }
    #expect(Set(ends.map(\.phase)) == [.delivered, .cancelled, .rejected])
  }

  @Test("kitchens' tickets", arguments: 1...4)
  func tickets(seed: UInt64) {
    let ends = ends(KitchenProcess.self, .ticket(of: .party(9), line: 2), seed: seed) { dice in
      switch dice.roll(12) {
      case 0, 1: .propose(restaurant: 5, lines: [OrderLine("bibimbap"), OrderLine("kimbap")])
      case 2, 3: .accept(readyAt: Self.time(&dice))
      case 4: .refuse
      case 5: .startCooking
      case 6: .delay(readyAt: Self.time(&dice))
      case 7: .soldOut(item: "kimbap", substitute: "ramyeon")
      case 8: [.substitute(item: "kimbap", with: "ramyeon"), .drop(item: "kimbap")][Int(dice.roll(2))]
      case 9: .ready
      case 10: .handOver
      default: .void
      }
    }
    #expect(Set(ends.map(\.phase)) == [.handedOver, .refused, .voided])
  }

  @Test("payments, of which parts can still go back", arguments: 1...4)
  func payments(seed: UInt64) {
    let ends = ends(PaymentProcess.self, .payment(of: .party(9)), seed: seed) { dice in
      switch dice.roll(9) {
      case 0, 1: .request(amount: 9_000 + Int64(dice.roll(3)) * 1_000, card: .good)
      case 2, 3: .bankSaidYes
      case 4: .bankSaidNo
      case 5: .capture
      case 6: .refund(amount: Int64(dice.roll(4)) * 3_000)
      case 7: .increase(amount: Int64(dice.roll(3)) * 2_000)
      default: .cancel
      }
    }
    #expect(Set(ends.map(\.phase)).isSuperset(of: [.captured, .declined, .voided]))
    #expect(ends.contains { $0.phase == .captured && $0.refunded > 0 })
  }

  @Test("deliveries, to which a stop can still be added", arguments: [EntityID.order(9), .party(9)])
  func trips(owner: EntityID) {
    func stop(_ dice: inout Dice) -> Stop {
      Stop(
        ticket: EntityID.ticket(of: owner, line: Self.line(&dice)).number, restaurant: 5, location: gangnam,
        readyAt: Self.time(&dice))
    }
    let ends = ends(TripProcess.self, .delivery(of: owner), seed: 3) { dice in
      switch dice.roll(14) {
      case 0, 1: .request(home: home, stops: [stop(&dice)], dropoff: door)
      case 2, 3: .assign(rider: 1 + dice.roll(2), epoch: 1 + dice.roll(2), at: gangnam)
      case 4: .riderLost(rider: 1 + dice.roll(2), epoch: 1 + dice.roll(2))
      case 5: dice.roll(2) == 0 ? .widen(to: home) : .escalate
      case 6: .arrived(ticket: stop(&dice).ticket)
      case 7, 8: .collected(ticket: stop(&dice).ticket)
      case 9: .delivered
      case 10: dice.roll(3) == 0 ? .abort : .planAcknowledged(version: 1 + dice.roll(2))
      case 11: .estimate(ticket: stop(&dice).ticket, readyAt: Self.time(&dice))
      case 12: .add(stop: stop(&dice))
      default: dice.roll(2) == 0 ? .remove(ticket: stop(&dice).ticket) : .planOverdue(version: 1 + dice.roll(2))
      }
    }
    #expect(Set(ends.map(\.phase)) == [.delivered, .aborted])
    #expect(ends.contains { $0.stops.count > 1 && $0.acknowledged < $0.plan })
  }

  @Test("parties", arguments: 1...4)
  func parties(seed: UInt64) {
    let ends = ends(PartyProcess.self, .party(9), seed: seed) { dice in
      let line = Self.line(&dice)
      switch dice.roll(20) {
      case 0, 1: return .open(customer: 77, dropoff: door)
      case 2, 3: return .join(line: line, basket: basket([OrderLine("bibimbap"), OrderLine("kimbap")]))
      case 4: return .lock(card: .good)
      case 5: return .paymentAuthorised
      case 6: return dice.roll(3) == 0 ? .paymentDeclined : .paymentAuthorised
      case 7, 8: return .kitchenAccepted(line: line, readyAt: Self.time(&dice))
      case 9: return [.kitchenRefused(line: line), .kitchenOverdue, .lineOverdue(line: line)][Int(dice.roll(3))]
      case 10: return [.kitchenReady(line: line), .estimate(line: line, readyAt: Self.time(&dice))][Int(dice.roll(2))]
      case 11: return .soldOut(line: line, item: "kimbap", substitute: dice.roll(2) == 0 ? "" : "ramyeon")
      case 12: return .choose(line: line, choice: [.substitute, .drop, .without][Int(dice.roll(3))])
      case 13: return .offerOverdue(line: line)
      case 14: return .add(line: line, basket: basket([OrderLine("naengmyeon")]))
      case 15: return [.riderAssigned(1), .riderLost, .escalated][Int(dice.roll(3))]
      case 16, 17: return .collected(line: line)
      case 18: return dice.roll(3) == 0 ? .cancel : .delivered
      default: return [.deliveryAborted, .deliveryTooLate, .pickupTooLate(line: line)][Int(dice.roll(3))]
      }
    }
    #expect(Set(ends.map(\.phase)) == [.delivered, .cancelled, .rejected])
    #expect(ends.contains { $0.lines.count > 1 })
  }

  /// Everything is asked twice, and nothing is absorbed: second copies reach what has long ended.
  @Test("the same evening leaves the same logs, whatever is kept whole", arguments: 1...8)
  func sameLogs(seed: UInt64) {
    func evening(_ most: Int?, absorbs: Bool, crashes: Bool) -> Loop {
      var loop = CodingTests.busy(seed: seed, keepingWhole: most) {
        $0.settings.absorbs = absorbs
        $0.crashes = crashes
      }
      for topic in Topic.inputs {
        for partition in 0..<2 { loop.topics[topic]![partition] += loop.topics[topic]![partition] }
      }
      loop.run(for: .seconds(300))
      return loop
    }
    for absorbs in [true, false] {
      let whole = evening(nil, absorbs: absorbs, crashes: false)
      let few = evening(0, absorbs: absorbs, crashes: seed.isMultiple(of: 3))
      #expect(few.topics == whole.topics)
      for topic in Topic.inputs {
        for (one, other) in zip(few.tasks[topic]!, whole.tasks[topic]!) {
          #expect(one.memory.digest == other.memory.digest)
        }
      }
    }
  }

  @Test("of orders that are over only so many stay whole; all are still there, as they ended")
  func few() {
    var loop = Loop(
      EngineSettings(partitions: 1, autopilot: Autopilot(cooking: .seconds(5), riding: .seconds(3))), keepingWhole: 5)
    for rider: UInt64 in 1...20 { loop.online(rider) }
    for order: UInt64 in 1...60 { loop.place(order) }
    loop.run(for: .seconds(600))
    let memory = { (topic: Topic) in loop.tasks[topic]![0].memory }
    let orders = memory(.orderCommands).orders
    #expect(orders.wholeCount == 5 && orders.numbers == Array(1...60))
    #expect((1...60).allSatisfy { orders[$0].state.phase == .delivered && orders[$0].version >= 5 })
    #expect(memory(.ticketCommands).tickets.wholeCount == 5 && memory(.ticketCommands).tickets.count == 60)
    #expect(memory(.paymentCommands).payments.wholeCount == 5 && memory(.paymentCommands).payments.count == 60)
    #expect(memory(.dispatchJobs).trips.wholeCount == 5 && memory(.dispatchJobs).trips.count == 60)
    // Whoever asks for what is over is told so, by name.
    loop.send(.order(.order(1), .cancel))
    loop.place(2)
    loop.run(for: .seconds(1))
    let answers = loop.topics[.orderEvents]![0].suffix(2).map { (try? LogEntry(encoded: $0))?.body }
    let over = "refused: over(Delivery.Order.Phase.delivered)"
    #expect(answers == [.nothing(why: over), .nothing(why: "refused: exists")])
  }
}
