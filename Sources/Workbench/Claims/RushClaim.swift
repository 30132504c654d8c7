import Clockwork
import Delivery
import EventSourcing
import Simulation

/// What may be claimed of bursts of orders, and of what is done about them.
enum RushClaim: Hashable, Sendable {
  case backlog(Measure)
  case noneDeliveredTwice
  /// How often the door said that it is overloaded.
  case refused(Measure)
  case gaveUp(Measure)
  /// The longest that somebody was told, in seconds.
  case longestPromise(Measure)
  case uplift(Measure)
  case naiveUplift(Measure)
  case ridersMoved(Measure)

  static let forms: [ClaimForm] = [
    ClaimForm("backlog is MEASURE", "backlog is 0", "Orders that are in the log and not over, by the logs.") {
      .rush(.backlog($0.measure))
    },
    ClaimForm("no order delivered twice", "no order delivered twice", "No two riders brought the same, none did twice.")
    { _ in .rush(.noneDeliveredTwice) },
    ClaimForm(
      "door refused MEASURE times", "door refused at least 1 time",
      "How often it said overloaded, and when to come again."
    ) { .rush(.refused($0.measure)) },
    ClaimForm("MEASURE customers gave up", "0 customers gave up", "They were told to come again too often.") {
      .rush(.gaveUp($0.measure))
    },
    ClaimForm(
      "longest promise is MEASURE seconds", "longest promise is at least 60 seconds",
      "That the door made in the last burst."
    ) { .rush(.longestPromise($0.measure)) },
    ClaimForm(
      "discount uplift is MEASURE percent", "discount uplift is at most 60 percent", "Against the zones without it."
    ) { .rush(.uplift($0.measure)) },
    ClaimForm(
      "naive uplift is MEASURE percent", "naive uplift is at least 60 percent", "Against the time before alone."
    ) { .rush(.naiveUplift($0.measure)) },
    ClaimForm("riders moved is MEASURE", "riders moved is at least 1", "Riders who went where they were missing.") {
      .rush(.ridersMoved($0.measure))
    },
  ]
}

extension Judge {
  func rush(_ claim: RushClaim) -> Finding {
    guard let judgement = facts.deliveries else {
      return .unknown(["there is no delivery engine"], next: "engine start 2")
    }
    switch claim {
    case .backlog(let measure): return backlog(measure, judgement)
    case .noneDeliveredTwice:
      let twice = judgement.deliveredTwice
      return twice.isEmpty
        ? .holds(["every delivery was handed over at most once"]) : .fails(Array(twice.prefix(3)), next: "order list")
    case .uplift(let measure): return percent(facts.uplift?.perMille, measure, "against the zones without it")
    case .naiveUplift(let measure):
      return percent(facts.uplift?.naivePerMille, measure, "against the time before alone")
    case .ridersMoved(let measure):
      let moved = LiveMap(judgement.logs, City(quarters: [], restaurants: 0, riders: 0, seed: 0)).moved
      let evidence = ["\(counted(moved, "rider")) went where riders were missing"]
      return measure.holds(for: Int64(moved)) ? .holds(evidence) : .fails(evidence, next: "map")
    case .refused, .gaveUp, .longestPromise: return door(claim)
    }
  }

  private func backlog(_ measure: Measure, _ judgement: EngineJudgement) -> Finding {
    guard let accepted = facts.acceptedOrders else { return nobodyToTell }
    let over = Set(judgement.logs.orders.filter { $0.state.phase.isOver }.map(\.number))
    let open = accepted.count { !over.contains($0) }
    let evidence = ["\(accepted.count) accepted into the log, \(open) of them not over"]
    return measure.holds(for: Int64(open)) ? .holds(evidence) : .fails(evidence, next: "burst drain")
  }

  private func door(_ claim: RushClaim) -> Finding {
    guard let rush = facts.apparatus.rush else { return .unknown(["there was no burst"], next: "burst start 300") }
    switch claim {
    case .refused(let measure):
      let evidence = ["the door said \(counted(rush.refused, "time")) that it is overloaded"]
      return measure.holds(for: Int64(rush.refused)) ? .holds(evidence) : .fails(evidence, next: "burst show")
    case .gaveUp(let measure):
      let evidence = ["\(counted(rush.lost, "customer")) gave up"]
      return measure.holds(for: Int64(rush.lost)) ? .holds(evidence) : .fails(evidence, next: "burst show")
    case .longestPromise(let measure):
      let seconds = (rush.promises.values.map(\.eta).max() ?? .zero).milliseconds / 1_000
      let evidence = ["the longest that somebody was told is \(seconds) seconds"]
      return measure.holds(for: seconds) ? .holds(evidence) : .fails(evidence, next: "burst show")
    default: return .unknown(["nothing is known of that"], next: "burst show")
    }
  }

  private func percent(_ perMille: Int64?, _ measure: Measure, _ what: String) -> Finding {
    guard let perMille else {
      return .unknown(["there is no discount, or no orders to compare with"], next: "discount show")
    }
    let evidence = ["\(what): \(UpliftStream.percent(perMille))"]
    return measure.holds(for: perMille / 10) ? .holds(evidence) : .fails(evidence, next: "discount show")
  }
}
