import Clockwork

/// Puts events on a canvas, row by row.
struct Drawing {
  private let lanes: Lanes
  private let flights: Flights
  private let names: NodeNames
  private var canvas: Canvas
  /// The canvas row of each event; straight arrows share one row for both of theirs. A label's upper lines stand above.
  private var rows: [Int] = []
  /// By event, for those that have one.
  private var labels: [LabelPlace?] = []
  private let isASCII: Bool

  init(lanes: Lanes, flights: Flights, names: NodeNames, width: Int, isASCII: Bool) {
    self.lanes = lanes
    self.flights = flights
    self.names = names
    self.isASCII = isASCII
    canvas = Canvas(width: width, isASCII: isASCII)
  }

  var lines: [Line] { (0..<canvas.height).map { canvas.line(ofRow: $0) } }

  mutating func draw(_ events: [DiagramEvent]) {
    placeLabels(events)
    let bottom = placeRows(events)
    canvas.grow(to: bottom)
    drawHeading(events)
    drawLanes(events, bottom)
    for flight in flights.flights { drawLines(of: flight, bottom) }
    for (place, event) in events.enumerated() { drawText(event, place) }
    for (place, event) in events.enumerated() { drawEnds(place, event) }
  }

  /// How many columns a note may take: to the lane at its right, or to the margin.
  private func noteWidth(at column: Int) -> Int {
    column == lanes.nodes.last.flatMap(lanes.column) ? canvas.width - column - 3 : lanes.gap - 3
  }

  private var ellipsis: String { isASCII ? ".." : "…" }

  /// Decides every event's row, below the heading, and tells how many rows there are.
  private mutating func placeRows(_ events: [DiagramEvent]) -> Int {
    var next = 1
    for (place, event) in events.enumerated() {
      if let flight = flights.byEvent[place], flights.flights[flight].isStraight,
        flights.flights[flight].sent != place, let before = rows.last
      {
        rows.append(before)
        continue
      }
      next += above(place)
      rows.append(next)
      next += max(1, noteLines(event).count)
    }
    return next
  }

  /// How many rows the event's label takes above its own.
  private func above(_ place: Int) -> Int { max(0, (labels[place]?.lines.count ?? 0) - 1) }

  private mutating func placeLabels(_ events: [DiagramEvent]) {
    let words = Labels(events)
    for (place, event) in events.enumerated() {
      labels.append(labelPlace(place, event, words, events.count))
    }
  }

  /// A label stands where the message leaves; where it arrives only if that was before the first event shown.
  private func labelPlace(_ place: Int, _ event: DiagramEvent, _ words: Labels, _ count: Int) -> LabelPlace? {
    let label: String
    switch event.kind {
    case .sends(_, _, _, let text), .arrives(_, _, _, let text), .isLost(_, _, _, let text, _): label = text
    case .notes, .stops, .starts: return nil
    }
    guard let own = flights.byEvent[place] else { return nil }
    let flight = flights.flights[own]
    guard flight.sent ?? flight.ends.first == place, let from = lanes.column(of: flight.from),
      let to = lanes.column(of: flight.to)
    else { return nil }
    let end = flight.isStraight ? to : flight.elbow
    let elbows = flights.flights.indices.filter { other in
      let flight = flights.flights[other]
      return other != own && !flight.isStraight && (flight.sent ?? -1) <= place && (flight.ends.last ?? count) >= place
    }
    return LabelPlace(
      words.forms(ascii(label)), inside: Self.between(from, end),
      above: (min(from, to) + 1)..<max(from, to),
      elbows: elbows.map { flights.flights[$0].elbow }, lanes: lanes.nodes.compactMap(lanes.column), ellipsis: ellipsis)
  }

  private func noteLines(_ event: DiagramEvent) -> [String] {
    switch event.kind {
    case .notes(let node, let text), .stops(let node, let text), .starts(let node, let text):
      return lanes.column(of: node).map { wrapped(text, columns: noteWidth(at: $0)) } ?? []
    default: return []
    }
  }

  /// A note takes five rows at most; the prose form has it whole.
  private func wrapped(_ text: String, columns: Int) -> [String] {
    Wrapping.rows(ascii(text), columns: columns, most: 5, ellipsis: ellipsis)
  }

  private mutating func drawHeading(_ events: [DiagramEvent]) {
    for node in lanes.nodes {
      guard let column = lanes.column(of: node) else { continue }
      canvas.text(names[node], row: 0, column: column, tone: node.isClient ? .strong : .node(Int(node.rawValue)))
    }
    var shown = ""
    for (place, event) in events.enumerated() {
      let time = event.at.description
      let isFirstOfRow = place == 0 || rows[place] != rows[place - 1]
      guard isFirstOfRow, time != shown else { continue }
      canvas.text(time, row: rows[place] - above(place), column: max(0, 8 - DisplayWidth.of(time)), tone: .faint)
      shown = time
    }
  }

  /// A lane is a line while its node is up. A node whose first event is a start was down before.
  private mutating func drawLanes(_ events: [DiagramEvent], _ bottom: Int) {
    for node in lanes.nodes {
      guard let column = lanes.column(of: node) else { continue }
      var changes: [(row: Int, isUp: Bool)] = []
      for (event, row) in zip(events, rows) {
        switch event.kind {
        case .stops(node, _): changes.append((row, false))
        case .starts(node, _): changes.append((row, true))
        default: break
        }
      }
      var isUp = changes.first.map { !$0.isUp } ?? true
      for row in 1..<max(1, bottom) {
        for change in changes where change.row == row { isUp = change.isUp }
        if isUp { canvas.line(.vertical, row: row, column: column) }
      }
    }
  }

  private mutating func drawLines(of flight: Flights.Flight, _ bottom: Int) {
    guard let from = lanes.column(of: flight.from), let to = lanes.column(of: flight.to) else { return }
    let toward: Canvas.Directions = from < to ? .right : .left
    let back: Canvas.Directions = from < to ? .left : .right
    if flight.isStraight, let sent = flight.sent {
      canvas.line(toward, row: rows[sent], column: from)
      canvas.horizontal(row: rows[sent], between: from, and: to)
      return
    }
    let first = flight.sent.map { rows[$0] } ?? 0
    let last = flight.ends.last.map { rows[$0] } ?? bottom
    if flight.sent != nil {
      canvas.line(toward, row: first, column: from)
      canvas.horizontal(row: first, between: from, and: flight.elbow)
      canvas.line(last == first ? back : [back, .down], row: first, column: flight.elbow)
    }
    if first + 1 < last {
      for row in (first + 1)..<last { canvas.line(.vertical, row: row, column: flight.elbow) }
    }
    for end in flight.ends {
      let isLast = rows[end] == last
      canvas.line(isLast ? [.up, toward] : [.up, .down, toward], row: rows[end], column: flight.elbow)
      canvas.horizontal(row: rows[end], between: flight.elbow, and: to)
    }
  }

  private mutating func drawText(_ event: DiagramEvent, _ place: Int) {
    let row = rows[place]
    switch event.kind {
    case .sends, .arrives, .isLost: if let label = labels[place] { drawLabel(label, row) }
    case .notes(let node, _): drawNote(event, row, node, mark: "•", .plain)
    case .stops(let node, _): drawNote(event, row, node, mark: "✗", .bad)
    case .starts(let node, _): drawNote(event, row, node, mark: "○", .good)
    }
  }

  private static func between(_ a: Int, _ b: Int) -> Range<Int> {
    let first = min(a, b) + 2
    return first..<max(first, max(a, b) - 1)
  }

  private mutating func drawLabel(_ label: LabelPlace, _ row: Int) {
    for (step, line) in label.lines.reversed().enumerated() where !line.isEmpty {
      let text = " \(line) "
      let column = label.columns.lowerBound + (label.columns.count - DisplayWidth.of(text)) / 2
      canvas.text(text, row: row - step, column: column)
    }
  }

  private mutating func drawNote(_ event: DiagramEvent, _ row: Int, _ node: NodeID, mark: String, _ tone: Tone) {
    guard let column = lanes.column(of: node) else { return }
    canvas.text(ascii(mark), row: row, column: column, tone: tone)
    for (step, text) in noteLines(event).enumerated() {
      canvas.text(text, row: row + step, column: column + 2, tone: tone)
    }
  }

  /// Heads and crosses, over everything else.
  private mutating func drawEnds(_ place: Int, _ event: DiagramEvent) {
    let row = rows[place]
    switch event.kind {
    case .arrives(_, let from, let to, _):
      guard let a = lanes.column(of: from), let b = lanes.column(of: to) else { return }
      canvas.text(ascii(a < b ? "▶" : "◀"), row: row, column: a < b ? b - 1 : b + 1, tone: .strong)
    case .isLost(_, let from, let to, _, _):
      guard let a = lanes.column(of: from), let b = lanes.column(of: to) else { return }
      canvas.text(ascii("✗"), row: row, column: a < b ? b - 1 : b + 1, tone: .bad)
    default: break
    }
  }

  private func ascii(_ text: String) -> String {
    guard isASCII else { return text }
    let replacements: [Character: String] = [
      "▶": ">", "◀": "<", "✗": "X", "•": "*", "○": "o", "…": "..", "–": "-", "µ": "u", "→": "->", "≥": ">=", "≤": "<=",
    ]
    return text.reduce(into: "") { result, character in
      result += character.isASCII ? String(character) : replacements[character] ?? "?"
    }
  }
}
