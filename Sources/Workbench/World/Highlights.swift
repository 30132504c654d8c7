import Broker
import Clockwork
import Simulation

/// What mattered most while time passed: in the order of time, the weighty before the rest when there is no room for all.
enum Highlights {
  /// How much a happening says about the records. An election of the controller takes a dozen notes, and the one about
  /// a log that was cut must not drown in them.
  enum Weight: Int, Comparable {
    case decisive, telling, progress, quorum

    static func < (a: Weight, b: Weight) -> Bool { a.rawValue < b.rawValue }
  }

  /// A longer stretch is not gone through again for its notes.
  private static let longest = 50_000
  private static let most = 8

  static func lines(_ bench: Bench, since event: Int) -> [Line] {
    let last = bench.timeline.position.event
    guard event < last, last - event <= longest else { return [] }
    var told: [(index: Int, weight: Weight, line: Line)] = []
    for change in bench.chronicle?.inSyncChanges ?? [] where change.event > event {
      guard let image = bench.image, image.topic(change.partition.topic) != nil else { continue }
      let text = "in-sync \(image.name(of: change.partition)): \(set(change.before)) → \(set(change.after))"
      told.append((change.event, .decisive, TraceLine.line(change.event, change.time, text, .strong)))
    }
    for event in bench.named(bench.timeline.trace((event + 1)...last).events.filter { $0.weight != nil }) {
      if let weight = event.weight { told.append((event.index, weight, TraceLine.line(event))) }
    }
    let inOrder = told.enumerated().sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
      .map(\.element)
    let kept = kept(inOrder.map(\.weight), most: most)
    let left = inOrder.count - kept.count
    let note = left > 0 ? [Line("        … and \(left) of less weight; trace lists all", .faint)] : []
    return kept.map { inOrder[$0].line } + note
  }

  private static func set(_ nodes: [NodeID]) -> String { nodes.isEmpty ? "nobody" : list(nodes) }

  /// The places of the weightiest, ascending; of equals the later ones.
  static func kept(_ weights: [Weight], most: Int) -> [Int] {
    weights.indices.sorted { (weights[$0], $1) < (weights[$1], $0) }.prefix(most).sorted()
  }
}

extension TraceEvent {
  /// Nil for what is not told.
  var weight: Highlights.Weight? {
    switch kind {
    case .crashed, .powerLost, .violated: .decisive
    case .booted: .telling
    case .note: Self.weight(ofNote: summary)
    default: nil
    }
  }

  /// By how the broker's notes begin; what is not known here is `telling`.
  private static func weight(ofNote text: String) -> Highlights.Weight {
    func begins(_ words: String...) -> Bool { words.contains { text.hasPrefix($0) } }
    if begins(
      "leads the controller quorum", "votes for", "stands for controller", "follows controller", "hears nothing from",
      "resigns as controller", "cuts its metadata log")
    {
      return .quorum
    }
    if begins("truncates ", "leads ", "cannot append ", "refuses to cut ") { return .decisive }
    if begins("high watermark ", "learns high watermark ", "appends ") { return .progress }
    return .telling
  }
}
