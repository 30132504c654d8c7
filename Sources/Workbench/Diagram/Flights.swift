import Clockwork

/// The ways of the messages: for each, its row of sending, its rows of arrival or loss, and the column of its elbow.
struct Flights {
  struct Flight {
    var message: UInt64
    var from: NodeID
    var to: NodeID
    var label: String
    /// Nil: it was sent before the first event shown.
    var sent: Int?
    /// Rows in which it arrived or was lost, in order. Empty: still under way after the last event shown.
    var ends: [Int] = []
    /// Arrived in the row after the sending: drawn as one straight arrow.
    var isStraight = false
    /// Beside the lane it is going to; the lane's own column for a straight one.
    var elbow = 0
  }

  private(set) var flights: [Flight] = []
  /// By event: the flight it belongs to.
  private(set) var byEvent: [Int?] = []

  init(_ events: [DiagramEvent], _ lanes: Lanes) {
    for (row, event) in events.enumerated() {
      switch event.kind {
      case .sends(let message, let from, let to, let label):
        flights.append(Flight(message: message, from: from, to: to, label: label, sent: row))
        byEvent.append(flights.count - 1)
      case .arrives(let message, let from, let to, let label), .isLost(let message, let from, let to, let label, _):
        let place = flights.lastIndex { $0.message == message && $0.from == from && $0.to == to }
        if place == nil { flights.append(Flight(message: message, from: from, to: to, label: label)) }
        flights[place ?? flights.count - 1].ends.append(row)
        byEvent.append(place ?? flights.count - 1)
      case .notes, .stops, .starts:
        byEvent.append(nil)
      }
    }
    for place in flights.indices {
      flights[place].isStraight = flights[place].sent.map { flights[place].ends == [$0 + 1] } ?? false
    }
    placeElbows(lanes, lastRow: events.count)
  }

  /// Gives each flight the free column nearest to its lane; when all are taken for a while, the last one is shared.
  private mutating func placeElbows(_ lanes: Lanes, lastRow: Int) {
    var taken: [(column: Int, until: Int)] = []
    let starts = flights.indices.sorted { (flights[$0].sent ?? -1, $0) < (flights[$1].sent ?? -1, $1) }
    for place in starts where !flights[place].isStraight {
      let flight = flights[place]
      guard let from = lanes.column(of: flight.from), let to = lanes.column(of: flight.to) else { continue }
      let begin = flight.sent ?? -1
      let side = from < to ? -1 : 1
      let steps = stride(from: 3, to: max(4, lanes.gap - 2), by: 2).map { to + side * $0 }
      let free = steps.first { column in !taken.contains { $0.column == column && $0.until >= begin } }
      let column = free ?? steps.last ?? to + side * 3
      taken.append((column, flight.ends.last ?? lastRow))
      flights[place].elbow = column
    }
  }
}
