public import Clockwork

/// What comes into a world from outside. With the seed, these decide everything that happens.
public enum WorldInput<N: Node>: Sendable {
  /// A new node's first boot, with an empty disk.
  case boot(NodeID, N.Setup)
  /// The operator changes a node's setup. One that is paused or down hears of it when it can.
  case reconfigure(NodeID, N.Setup)
  /// The console sends a message; it is heard in an event of its own, now.
  case message(N.Message, to: NodeID)
  case fault(Fault)
}

extension World {
  /// Whether the input would change anything: it names nodes that exist (or, to boot, one that does not), and asks for
  /// something that is not so already. At most 256 nodes can boot, named `n1 ... n999` and `c1 ... c9999`.
  public func accepts(_ input: WorldInput<N>) -> Bool {
    switch input {
    case .boot(let id, _): Roster.canName(id) && slot(of: id) == nil && hosts.count < Roster.limit
    case .reconfigure(let id, _), .message(_, to: let id): slot(of: id) != nil && !queue.isFull
    case .fault(let fault): accepts(fault)
    }
  }

  /// Lets the input happen now, as an event of its own. False, and nothing happens, when it is not accepted.
  @discardableResult
  public mutating func apply(_ input: WorldInput<N>, _ observer: inout some TraceObserver) -> Bool {
    guard accepts(input) else { return false }
    beginEvent(at: now)
    var fx = Effects<N>(me: .console, now: now, choices: choices, narrating: observer.isListening)
    let touched: NodeID
    switch input {
    case .boot(let id, let setup):
      touched = id
      admit(id, setup, &fx, &observer)
    case .reconfigure(let id, let setup):
      touched = id
      reconfigure(roster.slot(of: id), setup, &fx, &observer)
    case .message(let message, let to):
      touched = to
      command(message, to, &observer)
    case .fault(let fault):
      touched = fault.node ?? .console
      inflict(fault, &fx, &observer)
    }
    judge(touched: touched, &observer)
    return true
  }

  /// As above, with nobody watching.
  @discardableResult
  public mutating func apply(_ input: WorldInput<N>) -> Bool {
    var nobody = NoObserver()
    return apply(input, &nobody)
  }

  private mutating func admit(
    _ id: NodeID, _ setup: N.Setup, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    roster.add(id, at: hosts.count)
    hosts.append(Host(id, fsync: standardFsync))
    belongings.append(Belongings(setup))
    network.addNode()
    record(.boot, id, .console, 0)
    boot(hosts.count - 1, &fx, &observer)
  }

  /// Boots the node of a slot from its disk; at its first boot the slot has no node yet, and the disk is empty.
  mutating func boot(_ slot: Int, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    let isFirst = slot == members.count
    let disk = isFirst ? N.Disk() : members[slot].disk
    let written = disk.position
    hosts[slot].status = .up
    hosts[slot].boots += 1
    hosts[slot].platter = 0
    hosts[slot].lastSync = now
    hosts[slot].owesReconfigure = false
    if observer.isListening { tell(&observer, .booted, hosts[slot].id, nil, nil, "", false) }
    begin(slot, &fx)
    let node = N(hosts[slot].id, belongings[slot].setup, recovering: disk, &fx)
    if isFirst { members.append(node) } else { members[slot] = node }
    finish(slot, written, &fx, &observer)
  }

  private mutating func reconfigure(
    _ slot: Int, _ setup: N.Setup, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    belongings[slot].setup = setup
    record(.reconfigure, hosts[slot].id, .console, 0)
    guard hosts[slot].status == .up else {
      hosts[slot].owesReconfigure = true
      return
    }
    reconfigure(slot, &fx, &observer)
  }

  mutating func reconfigure(_ slot: Int, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    hosts[slot].owesReconfigure = false
    if observer.isListening { tell(&observer, .reconfigured, hosts[slot].id, nil, nil, "", false) }
    let written = members[slot].disk.position
    begin(slot, &fx)
    let setup = belongings[slot].setup
    members[slot].reconfigure(setup, &fx)
    finish(slot, written, &fx, &observer)
  }

  private mutating func command(_ message: N.Message, _ to: NodeID, _ observer: inout some TraceObserver) {
    messageCount += 1
    record(.command, to, .console, messageCount)
    if observer.isListening { tell(&observer, .sent, .console, to, messageCount, message.summary, message.isRoutine) }
    let pending = Pending<N>(
      .message(message, from: .console, sender: -1, number: messageCount), to: roster.slot(of: to))
    enqueue(pending, at: now)
  }
}
