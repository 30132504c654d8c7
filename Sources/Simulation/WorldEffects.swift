import Clockwork

// MARK: - Carrying out what a node wants

extension World {
  mutating func carryOut(_ slot: Int, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    // Backwards and from the end, so that messages are moved out and never copied.
    if !fx.syncs.isEmpty { askSyncs(slot, &fx) }
    if fx.timers.count > 1 { fx.timers.reverse() }
    while let (timer, at) = fx.timers.popLast() { arm(timer, at, slot) }
    if fx.outgoing.count > 1 { fx.outgoing.reverse() }
    while let outgoing = fx.outgoing.popLast() { post(outgoing, slot, &observer) }
  }

  /// Syncs of one disk are done in the order in which they were asked for.
  private mutating func askSyncs(_ slot: Int, _ fx: inout Effects<N>) {
    for token in fx.syncs {
      let done = max(now + hosts[slot].fsync.draw(&diskDice), hosts[slot].lastSync)
      hosts[slot].lastSync = done
      enqueue(Pending(.durable(token), to: slot), at: done)
    }
    fx.syncs.removeAll(keepingCapacity: true)
  }

  private mutating func arm(_ timer: consuming N.Timer, _ at: Instant, _ slot: Int) {
    let moment = hosts[slot].clock.moment(of: at)
    guard moment != .never else { return }
    enqueue(Pending(.timer(timer, at: at), to: slot), at: max(now, moment))
  }

  private mutating func post(
    _ outgoing: consuming Effects<N>.Outgoing, _ slot: Int, _ observer: inout some TraceObserver
  ) {
    messageCount += 1
    guard let after = outgoing.after, after.position > hosts[slot].platter else {
      return transmit(outgoing.message, to: outgoing.to, from: slot, messageCount, &observer)
    }
    guard belongings[slot].held.count < queue.limit else { return accuseOfFlooding() }
    if observer.isListening {
      let (summary, isRoutine) = (outgoing.message.summary, outgoing.message.isRoutine)
      tell(&observer, .held, hosts[slot].id, outgoing.to, messageCount, summary, isRoutine)
    }
    belongings[slot].held.append(
      .init(after: after.position, message: outgoing.message, to: outgoing.to, number: messageCount))
  }

  private mutating func transmit(
    _ message: consuming N.Message, to: NodeID, from slot: Int, _ number: UInt64,
    _ observer: inout some TraceObserver
  ) {
    let me = hosts[slot].id
    if observer.isListening { tell(&observer, .sent, me, to, number, message.summary, message.isRoutine) }
    let receiver = roster.slot(of: to)
    guard receiver >= 0 else {
      if observer.isListening { tell(&observer, .dropped(.unknownNode), to, me, number, message.summary, false) }
      return
    }
    switch network.send(slot, receiver, at: now, &networkDice) {
    case .cut:
      if observer.isListening {
        tell(&observer, .dropped(.cut), to, me, number, message.summary, message.isRoutine)
      }
    case .lost:
      if observer.isListening {
        tell(&observer, .dropped(.lost), to, me, number, message.summary, message.isRoutine)
      }
    case .arrives(let time):
      enqueue(Pending(.message(message, from: me, sender: slot, number: number), to: receiver), at: time)
    case .arrivesTwice(let first, let second):
      enqueue(Pending(.message(copy message, from: me, sender: slot, number: number), to: receiver), at: first)
      enqueue(Pending(.message(message, from: me, sender: slot, number: number), to: receiver), at: second)
    }
  }

  mutating func enqueue(_ pending: consuming Pending<N>, at time: Instant) {
    guard !queue.isFull else { return accuseOfFlooding() }
    queue.push(pending, at: time)
  }

  /// Bounds every queue of the world: a node that floods it is wrong, whatever its other invariants say.
  mutating func accuseOfFlooding() {
    accuse("BoundedQueues", "more than \(queue.limit) events are waiting; the rest is thrown away")
  }
}

// MARK: - Disks

extension World {
  /// The platter has it. The node hears of it separately, once it can hear.
  mutating func completeSync(_ token: SyncToken, in slot: Int, _ observer: inout some TraceObserver) {
    members[slot].disk.synced(through: token.position)
    hosts[slot].platter = max(hosts[slot].platter, token.position)
    if observer.isListening {
      tell(&observer, .synced(through: token.position), hosts[slot].id, nil, nil, "", true)
    }
  }

  /// Messages that were held back for the disk leave, oldest first, before the node does anything new.
  mutating func releaseHeld(of slot: Int, _ observer: inout some TraceObserver) {
    guard !belongings[slot].held.isEmpty else { return }
    var held: [Belongings<N>.Held] = []
    swap(&held, &belongings[slot].held)
    for message in held {
      if message.after <= hosts[slot].platter {
        transmit(message.message, to: message.to, from: slot, message.number, &observer)
      } else {
        belongings[slot].held.append(message)
      }
    }
  }
}
