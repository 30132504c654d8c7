import Clockwork
import Delivery
import EventSourcing
import Simulation

/// What may be claimed of the delivery engine.
enum DeliveryClaim: Hashable, Sendable {
  case orderIs(Int64, String)
  case orderDeliveredOnce(Int64)
  case orderHasRider(Int64, Int64)
  case orderHeld(Int64)
  case partyIs(Int64, String)
  case partyHasRider(Int64, Int64)
  case partyReady(Int64, Measure)
  case partyRefunded(Int64, Measure)
  case partyPlanHeard(Int64)
  case riderIdle(Int64)
  case noDoubleAssignment
  case noOrderLost
  case viewsAgree
  case readModelAgrees
  case readModelBehind(Measure)
  case orderEstimated(Int64)
}

/// Facts without an engine.
extension ClusterFacts {
  var engines: [BrokerFact] { [] }
  var deliveries: EngineJudgement? { nil }
  var strayRows: [UInt64]? { nil }
  var acceptedOrders: [UInt64]? { nil }
  var readModelLag: Int? { nil }
}

extension Judge {
  func delivery(_ claim: DeliveryClaim) -> Finding {
    guard let judgement = facts.deliveries else {
      return .unknown(["there is no delivery engine"], next: "engine start 2")
    }
    switch claim {
    case .orderIs(let number, let text):
      return order(number, judgement) { $0.statusText == text || $0.phase.name == text }
    case .orderHasRider(let number, let rider):
      return order(number, judgement) { $0.rider == UInt64(clamping: rider) }
    case .orderDeliveredOnce(let number): return deliveredOnce(number, judgement)
    case .orderHeld(let number): return held(number, judgement)
    case .partyIs(let number, let text): return party(number, text, judgement)
    case .partyHasRider(let number, let rider): return partyRider(number, rider, judgement)
    case .partyReady(let number, let measure): return partyReady(number, measure, judgement)
    case .partyRefunded(let number, let measure): return partyRefunded(number, measure, judgement)
    case .partyPlanHeard(let number): return partyPlan(number, judgement)
    case .riderIdle(let number): return idle(number, judgement)
    case .noDoubleAssignment:
      return nothing(
        judgement.doubleAssignments + judgement.misnumbered, "no rider ever had two deliveries", "rider show")
    case .noOrderLost: return noOrderLost(judgement)
    case .viewsAgree:
      return nothing(judgement.staleScreens, "every device shows what the log says of orders that are over", "run 5s")
    case .readModelBehind(let measure):
      guard let lag = facts.readModelLag else { return .unknown(["there is no read model"], next: "project lag") }
      let evidence = ["the read model is \(counted(lag, "entry", "entries")) behind"]
      return measure.holds(for: Int64(lag)) ? .holds(evidence) : .fails(evidence, next: "project lag")
    case .orderEstimated(let number): return estimated(number, judgement)
    case .readModelAgrees:
      guard let strays = facts.strayRows else { return .unknown(["there is no read model"], next: "project lag") }
      return nothing(
        strays.map { "order \($0) is not a fold of its log" }, "every row is a fold of the log", "project show")
    }
  }

  private func nothing(_ found: [String], _ good: String, _ next: String) -> Finding {
    found.isEmpty ? .holds([good]) : .fails(Array(found.prefix(3)), next: next)
  }

  private func order(_ number: Int64, _ judgement: EngineJudgement, _ isRight: (Order.State) -> Bool) -> Finding {
    guard let state = judgement.logs.orders.first(where: { $0.number == UInt64(clamping: number) })?.state else {
      return .fails(["there is no order \(number)"], next: "order list")
    }
    let rider = state.rider.map { ", rider \($0)" } ?? ""
    let evidence = ["order \(number) is \(state.statusText)\(rider)"]
    return isRight(state) ? .holds(evidence) : .fails(evidence, next: "order history \(number)")
  }

  private func estimated(_ number: Int64, _ judgement: EngineJudgement) -> Finding {
    let events = OrderLines.events(judgement.logs.history(of: .order(UInt64(clamping: number))))
    let count = events.count { if case .estimateChanged = $0 { true } else { false } }
    let evidence = ["order \(number) was estimated again \(counted(count, "time"))"]
    return count > 0 ? .holds(evidence) : .fails(evidence, next: "order history \(number)")
  }

  private func deliveredOnce(_ number: Int64, _ judgement: EngineJudgement) -> Finding {
    let trip = EntityID.delivery(of: .order(UInt64(clamping: number))).number
    var count = 0
    for partition in 0..<judgement.logs.partitions {
      for placed in judgement.logs.log(.riderEvents, partition) {
        if case .event(.rider(.delivered(trip, _)), _) = placed.entry.body { count += 1 }
      }
    }
    let evidence = ["riders handed order \(number) over \(count == 1 ? "once" : "\(count) times")"]
    return count == 1 ? .holds(evidence) : .fails(evidence, next: "order history \(number)")
  }

  private func held(_ number: Int64, _ judgement: EngineJudgement) -> Finding {
    let order = EntityID.order(UInt64(clamping: number))
    let hold = judgement.logs.memories.lazy.compactMap { $0.holds.held[order] }.first
    guard let hold else { return .fails(["order \(number) is not held"], next: "engine show") }
    return .holds(["order \(number) is held with \(hold.items.count) waiting: \(hold.reason)"])
  }

  private func idle(_ number: Int64, _ judgement: EngineJudgement) -> Finding {
    guard let state = judgement.logs.riders.first(where: { $0.number == UInt64(clamping: number) })?.state else {
      return .fails(["there is no rider \(number)"], next: "rider show")
    }
    let evidence = ["rider \(number) is \(state.word)"]
    return state.isIdle ? .holds(evidence) : .fails(evidence, next: "rider show")
  }

  private func noOrderLost(_ judgement: EngineJudgement) -> Finding {
    guard let accepted = facts.acceptedOrders else { return nobodyToTell }
    let known = Set(judgement.logs.orders.map(\.number))
    let lost = accepted.filter { !known.contains($0) }
    if lost.isEmpty {
      return .holds(["\(accepted.count) accepted into order.commands, each with a history of its own"])
    }
    let names = lost.prefix(5).map { "order \($0)" }.joined(separator: ", ")
    return .fails(["accepted and without a history so far: \(names)"], next: "run 10s")
  }
}
