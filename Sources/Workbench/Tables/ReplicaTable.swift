public import Clockwork

/// Every replica's log of one partition, side by side: a row an offset, a column a replica.
///
/// Below the last record under the high watermark stands a rule marked HW, below the last record one marked LEO (the
/// log end offset); where readers of committed records stop before the high watermark, LSO. A record that differs from the leader's at the same offset is marked `≠`. The layout depends on
/// this value and on nothing else.
public struct ReplicaTable: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public var node: NodeID
    /// `leader`, `in sync`, `lagging`, `down`, …: what stands under the node's name.
    public var role: String
    public var isUp: Bool
    public var start: Int64
    /// The log end offset.
    public var end: Int64
    /// Nil when the node knows none (it is down).
    public var highWatermark: Int64?
    /// The last stable offset: marked where it is not the high watermark.
    public var lastStable: Int64?
    /// In offset order.
    public var records: [Record]

    public init(
      node: NodeID, role: String, isUp: Bool = true, start: Int64 = 0, end: Int64, highWatermark: Int64?,
      lastStable: Int64? = nil, records: [Record]
    ) {
      self.node = node
      self.role = role
      self.isUp = isUp
      self.start = start
      self.end = end
      self.highWatermark = highWatermark
      self.lastStable = lastStable
      self.records = records
    }
  }

  public struct Record: Hashable, Sendable {
    public var offset: Int64
    public var epoch: Int32
    /// `key=value`, or the value alone.
    public var text: String

    public init(offset: Int64, epoch: Int32, text: String) {
      self.offset = offset
      self.epoch = epoch
      self.text = text
    }
  }

  /// `orders/0 · epoch 3 · in sync n1 n2`
  public var title: String
  public var columns: [Column]
  /// The replica that the others are compared with: the leader, when there is one.
  public var leader: NodeID?
  /// At most this many offsets are shown: the last ones.
  public var most: Int

  public init(title: String, columns: [Column], leader: NodeID?, most: Int = 12) {
    self.title = title
    self.columns = columns
    self.leader = leader
    self.most = most
  }

  public func lines(width: Int = 80, isASCII: Bool = false) -> [Line] {
    let glyphs = isASCII ? Glyphs.ascii : Glyphs.unicode
    let title = isASCII ? title.replacing("·", with: "-") : title
    var lines = Wrapping.lines(title, columns: width, indent: 2).map { Line($0, .heading) }
    guard !columns.isEmpty else { return lines + [Line("  No replica.", .faint)] }
    let last = columns.map(\.end).max() ?? 0
    let first = max(columns.map(\.start).min() ?? 0, last - Int64(max(1, most)))
    let gutter = max(8, String(last).count + 3)
    let cell = max(8, min(26, (width - gutter) / columns.count))
    lines.append(heading(gutter, cell))
    lines.append(roles(gutter, cell))
    if first > (columns.map(\.start).min() ?? 0) {
      lines.append(Line(DisplayWidth.padded("", to: gutter) + "\(glyphs.more) \(first) earlier", .faint))
    }
    lines += rule(above: first, gutter, cell, glyphs)
    for offset in first..<max(first, last) {
      lines.append(row(offset, gutter, cell, glyphs))
      lines += rule(above: offset + 1, gutter, cell, glyphs)
    }
    return lines.map(Self.trimmed)
  }

  private struct Glyphs {
    var rule: Character
    var differs: String
    var more: String
    var ellipsis: String
    static let unicode = Glyphs(rule: "─", differs: "≠", more: "…", ellipsis: "…")
    static let ascii = Glyphs(rule: "-", differs: "!", more: "..", ellipsis: "..")
  }

  private func heading(_ gutter: Int, _ cell: Int) -> Line {
    var line = Line(DisplayWidth.padded("offset", to: gutter), .faint)
    for column in columns {
      line.spans.append(Line.Span(fit(column.node.description, cell), .node(Int(column.node.rawValue))))
    }
    return line
  }

  private func roles(_ gutter: Int, _ cell: Int) -> Line {
    var line = Line(DisplayWidth.padded("", to: gutter))
    for column in columns {
      let tone: Tone = !column.isUp ? .bad : column.node == leader ? .good : .faint
      line.spans.append(Line.Span(fit(column.role, cell), tone))
    }
    return line
  }

  private func row(_ offset: Int64, _ gutter: Int, _ cell: Int, _ glyphs: Glyphs) -> Line {
    let number = String(offset)
    let padding = String(repeating: " ", count: max(0, gutter - 2 - number.count))
    var line = Line(padding + number + "  ", .faint)
    let reference = columns.first { $0.node == leader }?.records.first { $0.offset == offset }
    for column in columns {
      guard let record = column.records.first(where: { $0.offset == offset }) else {
        line.spans.append(Line.Span(fit("", cell)))
        continue
      }
      let differs = reference.map { $0 != record } ?? false
      let text = (differs ? glyphs.differs : "") + "e\(record.epoch) \(record.text)"
      let tone: Tone = differs ? .bad : column.isUp ? .plain : .faint
      line.spans.append(Line.Span(fit(text, cell, glyphs.ellipsis), tone))
    }
    return line
  }

  /// The marks between the offset before `offset` and `offset` itself, if any column has one there.
  private func rule(above offset: Int64, _ gutter: Int, _ cell: Int, _ glyphs: Glyphs) -> [Line] {
    let marks = columns.map { column in
      let isStable = column.lastStable == offset && column.lastStable != column.highWatermark
      return [isStable ? "LSO" : nil, column.highWatermark == offset ? "HW" : nil, column.end == offset ? "LEO" : nil]
        .compactMap { $0 }
    }
    guard marks.contains(where: { !$0.isEmpty }) else { return [] }
    var line = Line(DisplayWidth.padded("", to: gutter))
    for mark in marks {
      guard !mark.isEmpty else {
        line.spans.append(Line.Span(fit("", cell)))
        continue
      }
      let dash = String(repeating: glyphs.rule, count: 2)
      let text = "\(dash) \(mark.joined(separator: " ")) "
      let tail = String(repeating: glyphs.rule, count: max(0, cell - 2 - DisplayWidth.of(text)))
      line.spans.append(Line.Span(fit(text + tail, cell), mark.contains("HW") ? .good : .faint))
    }
    return [line]
  }

  /// Cut or padded to a cell, with two columns left free between cells.
  private func fit(_ text: String, _ cell: Int, _ ellipsis: String = "…") -> String {
    DisplayWidth.padded(DisplayWidth.fitting(text, in: cell - 2, ellipsis: ellipsis), to: cell)
  }

  private static func trimmed(_ line: Line) -> Line {
    var line = line
    while let last = line.spans.last {
      let text = String(last.text.reversed().drop { $0 == " " }.reversed())
      if text.isEmpty {
        line.spans.removeLast()
      } else {
        line.spans[line.spans.count - 1].text = text
        break
      }
    }
    return line
  }
}
