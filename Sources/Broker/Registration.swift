public import Clockwork

/// A broker's standing with the controller (KIP-631).
public struct Registration: Hashable, Sendable {
  /// Drawn anew by each process, so that the controller tells a restart from a repeated request.
  public let incarnation: UInt64
  let clean: Bool
  /// Nil until the controller has registered this process.
  public internal(set) var epoch: BrokerEpoch?
  /// This process has seen its own registration in the committed metadata.
  public internal(set) var isSeen = false
  /// The controller counts this broker as alive.
  public internal(set) var isFenced = true
  /// The operator asked it to stop: leadership moves away first.
  public internal(set) var isStopping = false
  /// Nothing depends on this broker any more: the process may end.
  public internal(set) var mayStop = false
  var correlation: CorrelationID?

  init(incarnation: UInt64, clean: Bool) {
    self.incarnation = incarnation
    self.clean = clean
  }
}

extension Broker {
  /// The controller's clock for this broker: registers, then says that it is alive, again and again.
  mutating func keepRegistered(_ fx: inout BrokerEffects) {
    let wait = registration.epoch == nil || registration.isFenced ? setup.registrationRetry : setup.heartbeatInterval
    fx.set(.lifecycle, at: fx.now + wait)
    guard let controller = quorum.leader else { return }
    let request: ControllerRequest =
      if let epoch = registration.epoch {
        .heartbeat(epoch, caughtUpTo: image.appliedThrough, wantsToStop: registration.isStopping)
      } else {
        .register(
          incarnation: registration.incarnation, cleanShutdown: registration.clean, endpoint: setup.endpoint)
      }
    let correlation = newCorrelation()
    registration.correlation = correlation
    fx.send(.toController(request, correlation), to: controller)
  }

  /// Asks to be let go (KIP-631): the controller moves leaderships away and takes this broker out of in-sync sets, then
  /// `registration.mayStop` holds. It never does while there is no controller, so who waits for it needs a limit.
  public mutating func stop(_ fx: inout BrokerEffects) {
    guard !registration.isStopping else { return }
    registration.isStopping = true
    fx.note("wants to stop")
    // Nobody could take anything over from the only broker there is, or from one that has taken no part yet.
    if setup.voters == [id] || registration.epoch == nil { letGo(&fx) } else { keepRegisteredSoon(&fx) }
  }

  private mutating func letGo(_ fx: inout BrokerEffects) {
    guard !registration.mayStop else { return }
    registration.mayStop = true
    checkpoint()
    fx.note("may stop")
    if setup.voters != [id] { quorum.resign(&fx) }
  }

  mutating func hearController(_ reply: ControllerReply, _ correlation: CorrelationID, _ fx: inout BrokerEffects) {
    switch reply {
    case .registered(let epoch):
      guard registration.correlation == correlation, registration.epoch == nil else { return }
      registration.epoch = epoch
      keepRegisteredSoon(&fx)
    case .heartbeat(let fenced, let mayStop):
      guard registration.correlation == correlation else { return }
      if mayStop, registration.isStopping { letGo(&fx) }
      if registration.isFenced, !fenced { fx.note("is unfenced: the controller counts it as alive") }
      registration.isFenced = fenced
    case .partitionAltered(let partition, let state): settle(partition, correlation, with: state, &fx)
    case .refused(let error, _, _):
      if registration.correlation == correlation {
        // The controller forgot this registration, or a later process of this broker has replaced it.
        if error == .staleBrokerEpoch { registration.epoch = nil }
      } else {
        withdraw(correlation, &fx)
      }
    case .producerIDs(let first, let count): receiveProducerIDs(first: first, count: count, correlation, &fx)
    case .done, .topicCreated, .leadersElected, .accessDeleted: break
    }
  }

  /// A broker that has just been registered wants to be unfenced, not to wait for the next beat.
  private mutating func keepRegisteredSoon(_ fx: inout BrokerEffects) {
    guard let controller = quorum.leader, let epoch = registration.epoch else { return }
    let correlation = newCorrelation()
    registration.correlation = correlation
    fx.send(
      .toController(
        .heartbeat(epoch, caughtUpTo: image.appliedThrough, wantsToStop: registration.isStopping), correlation),
      to: controller)
  }
}
