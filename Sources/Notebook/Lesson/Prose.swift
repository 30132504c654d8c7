public import Workbench

/// A piece of the story, ready to be shown: one line a paragraph, which the console wraps.
public struct Prose: Hashable, Sendable {
  public var lines: [Line]

  init(_ lines: [Line]) { self.lines = lines }

  /// Renders blocks, a blank line between two of them.
  ///
  /// Code spans keep their backticks and emphasis its strong tone: in a pipe, without colour, `back` must still be
  /// seen to be a word to type.
  init(_ blocks: [Markdown]) {
    lines = Prose.render(blocks)
  }

  /// The text of a field of a cell, such as `feedback:`. It is Markdown as the story is: where the author ended a line
  /// means nothing, a blank line makes a paragraph.
  init(ofField text: String, _ tone: Tone = .plain) {
    lines = Prose.render(Markdown(parsing: text)).map { line in
      Line(line.spans.map { Line.Span($0.text, $0.tone == .plain ? tone : $0.tone) })
    }
  }

  /// With `label` before the first line.
  func labelled(_ label: Line) -> [Line] {
    lines.enumerated().map { index, line in index == 0 ? label + line : line }
  }

  /// All on one line, for what has to be one: a choice.
  static func inLine(_ text: String, _ tone: Tone = .plain) -> Line {
    let spans = Prose(ofField: text, tone).lines.filter { !$0.spans.isEmpty }.map(\.spans)
    return Line(Array(spans.joined(separator: [Line.Span(" ")])))
  }

  private static func render(_ blocks: [Markdown]) -> [Line] {
    var lines: [Line] = []
    for block in blocks {
      let more = render(block)
      if !more.isEmpty && !lines.isEmpty { lines.append(Line()) }
      lines += more
    }
    return lines
  }

  private static func render(_ block: Markdown) -> [Line] {
    switch block.kind {
    case .heading: [Line(block.children.flatMap { spans($0, .heading) })]
    case .paragraph: paragraphs(block)
    case .quote: render(block.children).map { Line("| ", .faint) + $0 }
    case .list(let first): list(block.children, first)
    case .code(_, let text): text.trimmedEnd.textLines.map { Line("    " + $0, .code) }
    case .table: table(block.children)
    case .rule: [Line("----", .faint)]
    // Comments to other authors, mostly: nothing a reader should see.
    case .html: []
    default: render(block.children)
    }
  }

  /// One line, or more where the author broke it by hand.
  private static func paragraphs(_ block: Markdown) -> [Line] {
    block.children.split(omittingEmptySubsequences: false) { $0.kind == .lineBreak }
      .map { Line(merged($0.flatMap { spans($0, .plain) })) }
  }

  private static func list(_ items: [Markdown], _ first: Int?) -> [Line] {
    var lines: [Line] = []
    for (index, item) in items.enumerated() {
      let mark = first.map { "\($0 + index). " } ?? "- "
      let indent = String(repeating: " ", count: mark.count)
      for (row, line) in item.children.flatMap(render).enumerated() {
        lines.append(Line((row == 0 ? mark : indent), .plain) + line)
      }
    }
    return lines
  }

  private static func table(_ rows: [Markdown]) -> [Line] {
    let cells = rows.map { row in row.children.map { Line(merged($0.children.flatMap { spans($0, .plain) })) } }
    let columns = cells.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      cells.map { column < $0.count ? $0[column].plain.columns : 0 }.max() ?? 0
    }
    var lines = cells.map { row in
      row.enumerated().reduce(Line()) { line, cell in
        let padding = cell.offset == row.count - 1 ? 0 : widths[cell.offset] - cell.element.plain.columns + 2
        return line + cell.element + Line(String(repeating: " ", count: padding))
      }
    }
    guard !lines.isEmpty else { return [] }
    lines.insert(Line(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), .faint), at: 1)
    return lines
  }

  private static func spans(_ node: Markdown, _ tone: Tone) -> [Line.Span] {
    switch node.kind {
    case .text(let text): [Line.Span(text, tone)]
    case .inlineCode(let code): [Line.Span("`\(code)`", .code)]
    case .softBreak, .lineBreak: [Line.Span(" ", tone)]
    case .html: []
    case .emphasis, .strong: node.children.flatMap { spans($0, tone == .plain ? .strong : tone) }
    case .link(let target):
      node.children.flatMap { spans($0, tone) } + (target == node.text ? [] : [Line.Span(" (\(target))", .faint)])
    case .image(let target): [Line.Span("[\(node.text): \(target)]", .faint)]
    default: node.children.flatMap { spans($0, tone) }
    }
  }

  /// Neighbours of one tone become one span.
  private static func merged(_ spans: [Line.Span]) -> [Line.Span] {
    var merged: [Line.Span] = []
    for span in spans {
      if let last = merged.last, last.tone == span.tone {
        merged[merged.count - 1].text += span.text
      } else {
        merged.append(span)
      }
    }
    return merged
  }
}

extension String {
  /// How many columns of a terminal the text takes: Hangul, Han, Kana and emoji take two, combining marks none.
  var columns: Int { reduce(0) { $0 + ($1.unicodeScalars.first.map(\.columns) ?? 0) } }
}

extension Unicode.Scalar {
  /// After Unicode's EastAsianWidth, its wide ranges.
  fileprivate var columns: Int {
    switch value {
    case 0..<0x20, 0x300...0x36F, 0x200B...0x200F: 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }
}
