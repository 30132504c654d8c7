import Clockwork
import Simulation

extension TraceEvent {
  /// What goes on all the time and means little by itself.
  var isMachinery: Bool {
    switch kind {
    case .timer, .wrote, .synced, .held: true
    // A controller greets voters that do not answer once a second, for as long as they are down.
    case .sent, .delivered, .waiting, .dropped: isRoutine || summary.hasPrefix("BeginQuorumEpoch ")
    case .booted, .reconfigured, .crashed, .powerLost, .paused, .resumed, .cut, .healed, .changed, .note, .violated:
      false
    }
  }
}

/// An event as one line of text.
enum TraceLine {
  static func line(_ event: TraceEvent, _ names: NodeNames = .numbers) -> Line {
    line(event.index, event.time, text(event, names), tone(event))
  }

  static func line(_ index: Int, _ time: Instant, _ text: String, _ tone: Tone) -> Line {
    let number = String(index)
    let place = String(repeating: " ", count: max(0, 6 - number.count)) + number
    return Line("\(place)  \(DisplayWidth.padded(time.description, to: 8)) ", .faint)
      + Line(DisplayWidth.fitting(text, in: 62), tone)
  }

  private static func text(_ event: TraceEvent, _ names: NodeNames) -> String {
    let node = names[event.node]
    let peer = event.peer.map { names[$0] } ?? ""
    switch event.kind {
    case .sent: return "\(node) → \(peer)  \(event.summary)"
    case .held: return "\(node) → \(peer)  \(event.summary) (when its disk has caught up)"
    case .delivered: return "\(node) ← \(peer)  \(event.summary)"
    case .waiting: return "\(node) ← \(peer)  \(event.summary) (waits: \(node) is paused)"
    case .dropped(let reason): return "\(node) ✗ \(peer)  \(event.summary) (\(Self.why(reason)))"
    case .timer: return "\(node)  timer \(event.summary)"
    case .wrote(let position): return "\(node)  writes, up to \(position)"
    case .synced(let position): return "\(node)  synced, up to \(position)"
    case .booted: return "\(node)  starts"
    case .reconfigured: return "\(node)  is reconfigured"
    case .crashed: return "\(node)  crashes"
    case .powerLost(let lost): return "\(node)  loses power" + (lost > 0 ? ", and \(lost) unsynced writes" : "")
    case .paused: return "\(node)  pauses"
    case .resumed: return "\(node)  resumes"
    case .cut: return event.node == .console ? "every link is cut" : "\(node) → \(peer)  is cut"
    case .healed: return event.node == .console ? "every link is mended" : "\(node) → \(peer)  is mended"
    case .changed: return event.summary
    case .note: return "\(node)  \(event.summary)"
    case .violated: return "broken: \(event.summary)"
    }
  }

  static func why(_ reason: TraceEvent.DropReason) -> String {
    switch reason {
    case .cut: "the link is cut"
    case .lost: "lost"
    case .down: "it is down"
    case .unknownNode: "no such node"
    case .died: "it died"
    }
  }

  private static func tone(_ event: TraceEvent) -> Tone {
    switch event.kind {
    case .dropped, .crashed, .powerLost, .cut, .violated: .bad
    case .note: .strong
    case .booted, .resumed, .healed: .good
    case .sent, .held, .delivered, .waiting, .timer, .wrote, .synced, .reconfigured, .paused, .changed: .plain
    }
  }
}

extension DiagramEvent {
  /// Nil for what has no place in a diagram.
  init?(_ event: TraceEvent, _ names: NodeNames = .numbers) {
    let node = event.node
    let peer = event.peer ?? .console
    let number = event.number ?? 0
    let kind: Kind
    switch event.kind {
    // The person at the console has no lane: what is typed stands at the client that was told.
    case .sent where node == .console || peer == node: return nil
    // No arrow leads from a lane to itself: a controller that asks itself is noted.
    case .delivered where peer == node: kind = .notes(node, event.summary)
    case .delivered where event.peer == .console: kind = .notes(node, event.summary)
    case .sent: kind = .sends(message: number, from: node, to: peer, label: event.summary)
    case .delivered: kind = .arrives(message: number, from: peer, to: node, label: event.summary)
    case .dropped(let reason):
      kind = .isLost(message: number, from: peer, to: node, label: event.summary, why: TraceLine.why(reason))
    case .waiting: kind = .notes(node, "paused: \(event.summary) waits")
    case .timer: kind = .notes(node, "timer \(event.summary)")
    case .wrote(let position): kind = .notes(node, "writes, up to \(position)")
    case .synced(let position): kind = .notes(node, "synced, up to \(position)")
    case .booted: kind = .starts(node, "starts")
    case .reconfigured: kind = .notes(node, "is reconfigured")
    case .crashed: kind = .stops(node, "crashes")
    case .powerLost: kind = .stops(node, "loses power")
    case .paused: kind = .notes(node, "pauses")
    case .resumed: kind = .notes(node, "resumes")
    case .cut: kind = .notes(node, node == .console ? "cuts every link" : "to \(names[peer]): cut")
    case .healed: kind = .notes(node, node == .console ? "mends every link" : "to \(names[peer]): mended")
    case .changed: kind = .notes(node, event.summary)
    case .note: kind = .notes(node, event.summary)
    case .held, .violated: return nil
    }
    self.init(at: event.time, kind)
  }
}
