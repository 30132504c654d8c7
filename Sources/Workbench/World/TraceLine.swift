import Clockwork
import Simulation

extension TraceEvent {
  /// What goes on all the time and means little by itself.
  var isMachinery: Bool {
    switch kind {
    case .timer, .wrote, .synced, .held: true
    case .sent, .delivered, .waiting, .dropped: isRoutine
    case .booted, .reconfigured, .crashed, .powerLost, .paused, .resumed, .cut, .healed, .changed, .note, .violated:
      false
    }
  }
}

/// An event as one line of text.
enum TraceLine {
  static func line(_ event: TraceEvent) -> Line {
    let number = String(event.index)
    let place = String(repeating: " ", count: max(0, 6 - number.count)) + number
    return Line("\(place)  \(DisplayWidth.padded(event.time.description, to: 8)) ", .faint)
      + Line(DisplayWidth.fitting(text(event), in: 62), tone(event))
  }

  private static func text(_ event: TraceEvent) -> String {
    let node = event.node
    let peer = event.peer?.description ?? ""
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
    case .cut: return node == .console ? "every link is cut" : "\(node) → \(peer)  is cut"
    case .healed: return node == .console ? "every link is mended" : "\(node) → \(peer)  is mended"
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
  init?(_ event: TraceEvent) {
    let node = event.node
    let peer = event.peer ?? .console
    let number = event.number ?? 0
    let kind: Kind
    switch event.kind {
    // The person at the console has no lane: what is typed stands at the client that was told.
    case .sent where node == .console: return nil
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
    case .cut: kind = .notes(node, node == .console ? "cuts every link" : "to \(peer): cut")
    case .healed: kind = .notes(node, node == .console ? "mends every link" : "to \(peer): mended")
    case .changed: kind = .notes(node, event.summary)
    case .note: kind = .notes(node, event.summary)
    case .held, .violated: return nil
    }
    self.init(at: event.time, kind)
  }
}

/// What nodes said of themselves while time passed: elections, changes of the in-sync set.
enum Highlights {
  /// A longer stretch is not gone through again for its notes.
  private static let longest = 50_000
  private static let most = 8

  static func lines(_ bench: Bench, since event: Int) -> [Line] {
    let last = bench.timeline.position.event
    guard event < last, last - event <= longest else { return [] }
    var notable = bench.timeline.trace((event + 1)...last).events.filter { !$0.isMachinery && $0.isTold }
    // Elections and changes of the in-sync set come before what every record causes.
    if notable.count > most { notable.removeAll(where: \.isMinor) }
    let earlier = notable.count > most ? [Line("        … \(notable.count - most) earlier", .faint)] : []
    return earlier + notable.suffix(most).map { TraceLine.line($0) }
  }
}

extension TraceEvent {
  /// What happens for every record: appends, moves of the high watermark, and all about the internal topics.
  fileprivate var isMinor: Bool {
    ["high watermark", "appends ", "__"].contains { summary.contains($0) }
  }

  fileprivate var isTold: Bool {
    switch kind {
    case .note, .booted, .crashed, .powerLost, .violated: true
    default: false
    }
  }
}
