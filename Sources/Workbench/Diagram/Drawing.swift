import Clockwork

/// Puts events on a canvas, row by row.
struct Drawing {
  private let lanes: Lanes
  private let flights: Flights
  private var canvas: Canvas
  /// The canvas row of each event; straight arrows share one row for both of theirs.
  private var rows: [Int] = []
  private let isASCII: Bool

  init(lanes: Lanes, flights: Flights, width: Int, isASCII: Bool) {
    self.lanes = lanes
    self.flights = flights
    self.isASCII = isASCII
    canvas = Canvas(width: width, isASCII: isASCII)
  }

  var lines: [Line] { (0..<canvas.height).map { canvas.line(ofRow: $0) } }

  mutating func draw(_ events: [DiagramEvent]) {
    let bottom = placeRows(events)
    canvas.grow(to: bottom)
    drawHeading(events)
    drawLanes(events, bottom)
    for flight in flights.flights { drawLines(of: flight, bottom) }
    for (event, row) in zip(events, rows) { drawText(event, row) }
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
      rows.append(next)
      next += max(1, noteLines(event).count)
    }
    return next
  }

  private func noteLines(_ event: DiagramEvent) -> [String] {
    switch event.kind {
    case .notes(let node, let text), .stops(let node, let text), .starts(let node, let text):
      return lanes.column(of: node).map { wrapped(text, columns: noteWidth(at: $0)) } ?? []
    default: return []
    }
  }

  /// A note takes four rows at most; the prose form has it whole.
  private func wrapped(_ text: String, columns: Int) -> [String] {
    let lines = Wrapping.hard(ascii(text), columns: columns)
    guard lines.count > 4 else { return lines }
    return lines.prefix(3) + [DisplayWidth.fitting(lines[3] + " " + lines[4], in: columns, ellipsis: ellipsis)]
  }

  private mutating func drawHeading(_ events: [DiagramEvent]) {
    for node in lanes.nodes {
      guard let column = lanes.column(of: node) else { continue }
      canvas.text(node.description, row: 0, column: column, tone: node.isClient ? .strong : .node(Int(node.rawValue)))
    }
    var shown = ""
    for (place, event) in events.enumerated() {
      let time = event.at.description
      let isFirstOfRow = place == 0 || rows[place] != rows[place - 1]
      guard isFirstOfRow, time != shown else { continue }
      canvas.text(time, row: rows[place], column: max(0, 8 - DisplayWidth.of(time)), tone: .faint)
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

  private mutating func drawText(_ event: DiagramEvent, _ row: Int) {
    switch event.kind {
    case .sends(_, let from, let to, let label): drawLabel(label, row, from, to)
    case .arrives(let message, let from, let to, let label), .isLost(let message, let from, let to, let label, _):
      let isKnown = flights.flights.contains {
        $0.message == message && $0.from == from && $0.to == to && $0.sent != nil
      }
      if !isKnown { drawLabel(label, row, to, from) }
    case .notes(let node, _): drawNote(event, row, node, mark: "•", .plain)
    case .stops(let node, _): drawNote(event, row, node, mark: "✗", .bad)
    case .starts(let node, _): drawNote(event, row, node, mark: "○", .good)
    }
  }

  /// Writes a message's label into its line, in the longest stretch that no other line crosses.
  private mutating func drawLabel(_ label: String, _ row: Int, _ near: NodeID, _ far: NodeID) {
    guard let a = lanes.column(of: near), let b = lanes.column(of: far), abs(a - b) > 3 else { return }
    var best = 0..<0
    var run: Range<Int>?
    let inside = (min(a, b) + 2)...(max(a, b) - 2)
    for column in inside {
      if canvas.isTaken(row: row, column: column) {
        run = nil
        continue
      }
      run = (run?.lowerBound ?? column)..<(column + 1)
      if let run, run.count > best.count { best = run }
    }
    let text = DisplayWidth.fitting(" \(ascii(label)) ", in: best.count - 1, ellipsis: ellipsis)
    guard DisplayWidth.of(text) > 4 else { return }
    canvas.text(text, row: row, column: best.lowerBound + (best.count - DisplayWidth.of(text)) / 2)
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
