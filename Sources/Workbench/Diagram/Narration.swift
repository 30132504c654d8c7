import Clockwork

/// A diagram's events as sentences: `n1 sends Fetch orders/0 from 17 to n2; 2.1ms later it arrives.`
struct Narration {
  private let events: [DiagramEvent]
  private let names: NodeNames

  init(_ events: [DiagramEvent], _ names: NodeNames) {
    self.events = events
    self.names = names
  }

  var sentences: [String] {
    var told = Set<Int>()
    var sentences: [String] = []
    for (row, event) in events.enumerated() where !told.contains(row) {
      let time = DisplayWidth.padded(event.at.description, to: 9)
      sentences.append(time + " " + sentence(row, event, &told))
    }
    return sentences
  }

  private func sentence(_ row: Int, _ event: DiagramEvent, _ told: inout Set<Int>) -> String {
    switch event.kind {
    case .sends(let message, let from, let to, let label):
      var fates: [String] = []
      for later in (row + 1)..<max(row + 1, events.count) {
        guard let fate = fate(events[later].kind, of: message, from, to) else { continue }
        told.insert(later)
        let delay = events[later].at - event.at
        fates.append(delay == .zero ? "\(fate) at once" : "\(delay) later \(fate)")
      }
      let end = fates.isEmpty ? "still under way" : fates.joined(separator: ", ")
      return "\(names[from]) sends \(label) to \(names[to]); \(end)."
    case .arrives(_, let from, let to, let label): return "\(label) from \(names[from]) arrives at \(names[to])."
    case .isLost(_, let from, let to, let label, let why):
      return "\(label) from \(names[from]) to \(names[to]) is lost (\(why))."
    case .notes(let node, let text), .stops(let node, let text), .starts(let node, let text):
      return "\(names[node]): \(text)."
    }
  }

  private func fate(_ kind: DiagramEvent.Kind, of message: UInt64, _ sender: NodeID, _ receiver: NodeID) -> String? {
    switch kind {
    case .arrives(message, sender, receiver, _): "it arrives"
    case .isLost(message, sender, receiver, _, let why): "it is lost (\(why))"
    default: nil
    }
  }
}
