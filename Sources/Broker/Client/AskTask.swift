import Clockwork

/// A question with one answer: to the active controller, or to a group's coordinator.
struct AskTask: Sendable {
  enum Question: Hashable, Sendable {
    case controller(ControllerRequest)
    case group(GroupRequest)
  }

  let ticket: Ticket
  let question: Question
  let started: Instant
  var attempt: Attempt
  /// Who is said to be the one to ask; nil while unknown.
  var target: NodeID?
}

extension Client {
  mutating func begin(_ ticket: Ticket, _ question: AskTask.Question, _ fx: inout BrokerEffects) {
    let attempt = Attempt(now: fx.now, giveUp: fx.now + setup.deliveryTimeout)
    asks.append(AskTask(ticket: ticket, question: question, started: fx.now, attempt: attempt))
    pose(asks.count - 1, &fx)
  }

  private mutating func pose(_ at: Int, _ fx: inout BrokerEffects) {
    let correlation = newCorrelation()
    let lostAt = fx.now + setup.requestTimeout
    switch asks[at].question {
    case .controller(let request):
      guard let target = asks[at].target ?? metadata?.controller else {
        asks[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
        return awaitMetadata(&fx)
      }
      asks[at].attempt.send(correlation, to: target, lostAt: lostAt)
      fx.send(.toController(request, correlation), to: target)
    case .group(let request):
      let target = asks[at].target ?? nextBroker()
      asks[at].attempt.send(correlation, to: target, lostAt: lostAt)
      fx.send(
        .toGroup(asks[at].target == nil ? .findCoordinator(group: request.group) : request, correlation), to: target)
    }
    ringBy(lostAt, &fx)
  }

  mutating func hear(_ reply: ControllerReply, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    guard let at = asks.firstIndex(where: { $0.attempt.out == id }) else { return }
    if case .refused(let error, let reason, let hint) = reply {
      guard error == .notController else {
        let task = asks.remove(at: at)
        return finish(task.ticket, .failed(error, reason: reason, definite: !task.attempt.isDoubtful))
      }
      asks[at].attempt.lastError = error
      asks[at].target = hint
      asks[at].attempt.settle(retryAt: fx.now + (hint == nil ? setup.retryBackoff : .zero))
      metadata?.controller = hint
      if hint == nil { awaitMetadata(&fx) }
    } else {
      let task = asks.remove(at: at)
      finish(task.ticket, .done(by: from))
    }
  }

  mutating func hear(_ reply: GroupReply, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    guard let at = asks.firstIndex(where: { $0.attempt.out == id }) else { return }
    switch reply {
    case .coordinator(let node):
      asks[at].target = node
      asks[at].attempt.settle(retryAt: fx.now)
    case .refused(let error, _) where error.isRetriable:
      asks[at].attempt.lastError = error
      asks[at].target = nil
      asks[at].attempt.settle(retryAt: fx.now + setup.retryBackoff)
    case .refused(let error, _):
      let ticket = asks.remove(at: at).ticket
      finish(ticket, .failed(error, reason: error.advice, definite: true))
    default:
      let ticket = asks.remove(at: at).ticket
      finish(ticket, .group(reply, by: from))
    }
  }

  mutating func tendAsks(_ fx: inout BrokerEffects) {
    var at = 0
    while at < asks.count {
      switch asks[at].attempt.step(fx.now) {
      case .wait: break
      case .send: pose(at, &fx)
      case .overdue:
        asks[at].attempt.isDoubtful = true
        asks[at].target = nil
        asks[at].attempt.settle(retryAt: fx.now)
        metadata?.controller = nil
        awaitMetadata(&fx)
      case .expired:
        let task = asks.remove(at: at)
        finish(
          task.ticket,
          .timedOut(
            after: fx.now - task.started, last: task.attempt.lastError, definite: !task.attempt.isDoubtful))
        continue
      }
      ringBy(asks[at].attempt.next, &fx)
      at += 1
    }
  }
}
