import Clockwork

extension Fault {
  /// The one node that it is about, if it is about one.
  var node: NodeID? {
    switch self {
    case .crash(let id), .losePower(let id), .restart(let id), .pause(let id), .resume(let id), .skew(let id, _, _): id
    case .fsync(_, let id): id
    case .cut, .heal, .healAll, .latency, .loss, .duplication, .reordering, .calm: nil
    }
  }

  /// Its part of the running hash. The numbers are pinned, as those of `HashedKind` are.
  fileprivate var code: UInt64 {
    switch self {
    case .crash: 1
    case .losePower: 2
    case .restart: 3
    case .pause: 4
    case .resume: 5
    case .cut: 6
    case .heal: 7
    case .healAll: 8
    case .latency: 9
    case .loss: 10
    case .duplication: 11
    case .reordering: 12
    case .skew: 13
    case .fsync: 14
    case .calm: 15
    }
  }
}

extension World {
  func accepts(_ fault: Fault) -> Bool {
    switch fault {
    case .crash(let id): status(id) == .up || status(id) == .paused
    case .losePower(let id), .skew(let id, _, _): status(id) != nil
    case .restart(let id): status(id) == .down
    case .pause(let id): status(id) == .up
    case .resume(let id): status(id) == .paused
    case .cut(let links), .heal(let links): accepts(.only(links))
    case .latency(_, let links), .loss(_, let links), .duplication(_, let links), .reordering(_, let links):
      accepts(links)
    case .fsync(_, let id): id == nil || id.flatMap(status) != nil
    case .healAll, .calm: true
    }
  }

  private func accepts(_ links: LinkSelection) -> Bool {
    guard case .only(let links) = links else { return true }
    return !links.isEmpty && links.allSatisfy { $0.from != $0.to && ends(of: $0) != nil }
  }

  /// Lets an accepted fault happen.
  mutating func inflict(_ fault: Fault, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    record(.fault, fault.node ?? .console, .console, fault.code)
    switch fault {
    case .crash(let id): die(roster.slot(of: id), losingPower: false, &observer)
    case .losePower(let id): die(roster.slot(of: id), losingPower: true, &observer)
    case .restart(let id): boot(roster.slot(of: id), &fx, &observer)
    case .pause(let id):
      hosts[roster.slot(of: id)].status = .paused
      if observer.isListening { tell(&observer, .paused, id, nil, nil, "", false) }
    case .resume(let id): resume(roster.slot(of: id), &fx, &observer)
    case .cut(let links): setCut(true, links, &observer)
    case .heal(let links): setCut(false, links, &observer)
    case .healAll:
      network.healAll()
      if observer.isListening { tell(&observer, .healed, .console, nil, nil, fault.description, false) }
    case .latency, .loss, .duplication, .reordering, .skew, .fsync, .calm:
      change(fault)
      if observer.isListening { tell(&observer, .changed, fault.node ?? .console, nil, nil, fault.description, false) }
    }
  }
}

// MARK: - Nodes

extension World {
  private mutating func die(_ slot: Int, losingPower: Bool, _ observer: inout some TraceObserver) {
    let id = hosts[slot].id
    if hosts[slot].status != .down {
      hosts[slot].status = .down
      queue.forgetOwn(of: slot)
      loseUnsent(slot, &observer)
      if !losingPower, observer.isListening { tell(&observer, .crashed, id, nil, nil, "", false) }
    }
    guard losingPower else { return }
    let written = members[slot].disk.position
    members[slot].disk.losePower(&choices)
    let kept = members[slot].disk.position
    if observer.isListening {
      tell(&observer, .powerLost(lost: written > kept ? written - kept : 0), id, nil, nil, "", false)
    }
  }

  /// What a dying node held back, and what it had not yet taken from its sockets, dies with it.
  private mutating func loseUnsent(_ slot: Int, _ observer: inout some TraceObserver) {
    if observer.isListening {
      let id = hosts[slot].id
      for held in belongings[slot].held {
        tell(&observer, .dropped(.died), held.to, id, held.number, held.message.summary, held.message.isRoutine)
      }
      for pending in belongings[slot].waiting {
        guard case .message(let message, let from, _, let number) = pending.body else { continue }
        tell(&observer, .dropped(.died), id, from, number, message.summary, message.isRoutine)
      }
    }
    belongings[slot].held = []
    belongings[slot].waiting = []
  }

  /// What waited is heard now, in the order in which it came, each in an event of its own.
  private mutating func resume(_ slot: Int, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    hosts[slot].status = .up
    if observer.isListening { tell(&observer, .resumed, hosts[slot].id, nil, nil, "", false) }
    var waiting: [Pending<N>] = []
    swap(&waiting, &belongings[slot].waiting)
    waiting += queue.takeDue(slot, at: now)
    for pending in waiting { enqueue(pending, at: now) }
    if hosts[slot].owesReconfigure { reconfigure(slot, &fx, &observer) }
  }
}

// MARK: - Network, disks, clocks

extension World {
  private mutating func setCut(_ isCut: Bool, _ links: [Link], _ observer: inout some TraceObserver) {
    for link in links {
      guard let (from, to) = ends(of: link) else { continue }
      network.setCut(isCut, from, to)
      if observer.isListening { tell(&observer, isCut ? .cut : .healed, link.from, link.to, nil, "", false) }
    }
  }

  private mutating func change(_ fault: Fault) {
    switch fault {
    case .latency(let latency, let links): change(links) { $0.latency = latency }
    case .loss(let perMille, let links): change(links) { $0.lossPerMille = perMille }
    case .duplication(let perMille, let links): change(links) { $0.duplicationPerMille = perMille }
    case .reordering(let on, let links): change(links) { $0.reorders = on }
    case .skew(let id, let offset, let drift):
      let slot = roster.slot(of: id)
      let clock = SkewedClock(offset: offset, driftPPM: drift, from: now)
      hosts[slot].clock = clock
      queue.retime(slot, from: now) { clock.moment(of: $0) }
    case .fsync(let latency, let id): setFsync(latency, on: id)
    case .calm:
      network.calm()
      setFsync(initialFsync, on: nil)
    case .crash, .losePower, .restart, .pause, .resume, .cut, .heal, .healAll: break
    }
  }

  private mutating func setFsync(_ latency: LatencyDistribution, on id: NodeID?) {
    if let id {
      hosts[roster.slot(of: id)].fsync = latency
    } else {
      standardFsync = latency
      for slot in hosts.indices { hosts[slot].fsync = latency }
    }
  }

  private mutating func change(_ links: LinkSelection, _ change: (inout LinkQuality) -> Void) {
    guard case .only(let links) = links else { return network.changeAll(change) }
    for link in links {
      guard let (from, to) = ends(of: link) else { continue }
      network.change(from, to, change)
    }
  }
}
