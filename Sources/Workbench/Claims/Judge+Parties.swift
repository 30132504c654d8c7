import Delivery
import EventSourcing
import Simulation

/// What claims say about party orders: judged by the logs.
extension Judge {
  func party(_ number: Int64, _ text: String, _ judgement: EngineJudgement) -> Finding {
    guard let state = state(number, judgement) else { return noParty(number) }
    let evidence = ["party \(number) is \(state.statusText)"]
    return state.statusText == text || "\(state.phase)" == text
      ? .holds(evidence) : .fails(evidence, next: "party show \(number)")
  }

  func partyRider(_ number: Int64, _ rider: Int64, _ judgement: EngineJudgement) -> Finding {
    guard let state = state(number, judgement) else { return noParty(number) }
    let evidence = ["party \(number) has \(state.rider.map { "rider \($0)" } ?? "no rider")"]
    return state.rider == UInt64(clamping: rider) ? .holds(evidence) : .fails(evidence, next: "party show \(number)")
  }

  func partyReady(_ number: Int64, _ measure: Measure, _ judgement: EngineJudgement) -> Finding {
    let id = EntityID.party(UInt64(clamping: number))
    let times = judgement.logs.history(of: id).count {
      if case .event(.party(.allReady), _) = $0.entry.body { true } else { false }
    }
    let evidence = ["party \(number) said \(counted(times, "time")) that all is ready"]
    return measure.holds(for: Int64(times)) ? .holds(evidence) : .fails(evidence, next: "party history \(number)")
  }

  func partyRefunded(_ number: Int64, _ measure: Measure, _ judgement: EngineJudgement) -> Finding {
    guard let payment = judgement.logs.payment(of: .party(UInt64(clamping: number))) else { return noParty(number) }
    let evidence = ["of \(payment.amount) won for party \(number), \(payment.refunded) went back"]
    return measure.holds(for: payment.refunded) ? .holds(evidence) : .fails(evidence, next: "party show \(number)")
  }

  func partyPlan(_ number: Int64, _ judgement: EngineJudgement) -> Finding {
    guard let trip = judgement.logs.trip(of: .party(UInt64(clamping: number))) else { return noParty(number) }
    let evidence = ["the rider's phone knows plan \(trip.acknowledged), and the newest is \(trip.plan)"]
    return trip.acknowledged >= trip.plan ? .holds(evidence) : .fails(evidence, next: "run 15s")
  }

  private func state(_ number: Int64, _ judgement: EngineJudgement) -> Party.State? {
    judgement.logs.parties.first { $0.number == UInt64(clamping: number) }?.state
  }

  private func noParty(_ number: Int64) -> Finding {
    .fails(["there is no party \(number)"], next: "party open \(number)")
  }
}
