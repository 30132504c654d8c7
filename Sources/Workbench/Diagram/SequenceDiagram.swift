import Clockwork

/// A sequence diagram in characters: a lane for each node, time flowing down, an arrow from the row in which a message
/// leaves to the row in which it arrives.
///
/// A message that is under way while other things happen runs down an elbow beside the lane it is going to, so that
/// messages that overtake each other are seen to cross. One that arrives before anything else happens takes one row.
/// The layout depends on the events, the width and the character set, and on nothing else.
public struct SequenceDiagram: Sendable {
  public var events: [DiagramEvent]
  /// Columns available.
  public var width: Int
  /// Only characters of ASCII.
  public var isASCII: Bool
  /// What a node is called: `order` where its number says less.
  var names: NodeNames

  public init(_ events: [DiagramEvent], width: Int = 80, isASCII: Bool = false) {
    self.init(events, width: width, isASCII: isASCII, names: .numbers)
  }

  init(_ events: [DiagramEvent], width: Int, isASCII: Bool, names: NodeNames) {
    self.events = events
    self.width = width
    self.isASCII = isASCII
    self.names = names
  }

  /// The diagram, a heading with the names of the lanes first. One line of prose when there is nothing to draw or no
  /// room to draw it.
  public var lines: [Line] {
    guard !events.isEmpty else { return ["Nothing has happened yet."] }
    guard let lanes = Lanes(for: events, width: width) else {
      return [Line("No room for a diagram in \(width) columns. Try: diagram --prose", .faint)]
    }
    // What goes on between lanes that are not shown leaves no empty rows.
    let events = events.filter { event in event.nodes.allSatisfy(lanes.nodes.contains) }
    var drawing = Drawing(lanes: lanes, flights: Flights(events, lanes), names: names, width: width, isASCII: isASCII)
    drawing.draw(events)
    var lines = drawing.lines
    if !lanes.hidden.isEmpty {
      let names = lanes.hidden.map { self.names[$0] }.joined(separator: " ")
      lines.append(Line("No room for \(names). Try: diagram --prose", .faint))
    }
    return lines
  }

  /// The same events as sentences, one line an event, for a screen reader or a narrow terminal.
  public var prose: [Line] {
    guard !events.isEmpty else { return ["Nothing has happened yet."] }
    return Narration(events, names).sentences.flatMap { sentence in
      Wrapping.lines(sentence, columns: width, indent: 10).map { Line($0) }
    }
  }
}

/// Where each node's lane stands.
struct Lanes {
  /// Columns taken by the time at the left.
  static let gutter = 9
  /// The least distance of two lanes: an arrow of one cell, two elbows, a head.
  static let narrowest = 9
  static let widest = 34

  private(set) var nodes: [NodeID]
  private(set) var hidden: [NodeID] = []
  private(set) var gap: Int

  /// Nil when not even two lanes fit.
  init?(for events: [DiagramEvent], width: Int) {
    var involvement: [(node: NodeID, count: Int)] = []
    for node in events.flatMap(\.nodes) {
      if let place = involvement.firstIndex(where: { $0.node == node }) {
        involvement[place].count += 1
      } else {
        involvement.append((node, 1))
      }
    }
    let room = width - Self.gutter - 2
    let most = room / Self.narrowest
    guard most >= 2 else { return nil }
    involvement.sort { ($1.count, $0.node) < ($0.count, $1.node) }
    // The person at the console, then clients, then brokers.
    func rank(_ node: NodeID) -> (Int, NodeID) { (node == .console ? 0 : node.isClient ? 1 : 2, node) }
    nodes = involvement.prefix(most).map(\.node).sorted { rank($0) < rank($1) }
    hidden = involvement.dropFirst(most).map(\.node).sorted()
    // The last lane keeps a margin too, for its notes.
    gap = min(Self.widest, room / nodes.count)
  }

  func column(of node: NodeID) -> Int? {
    nodes.firstIndex(of: node).map { Self.gutter + 1 + $0 * gap }
  }
}
