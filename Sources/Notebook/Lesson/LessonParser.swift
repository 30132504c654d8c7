extension Lesson {
  /// Reads a lesson. `file` is its path as it should appear in complaints.
  public init(_ text: String, file: String) throws(LessonError) {
    let source = SourceText(text, file: file)
    let end = try Lesson.endOfFrontMatter(source)
    let yaml = source.lines[1..<end].joined(separator: "\n")
    front = try FrontMatter(Fields(yaml, firstLine: 2, of: source, what: "the front matter", keys: FrontMatter.keys))
    self.file = file

    // Blank lines in place of the front matter keep the numbers of all lines below.
    let blanks = Array(repeating: "", count: end + 1)
    let document = Markdown(parsing: (blanks + source.lines[(end + 1)...]).joined(separator: "\n"))
    var builder = StepBuilder(front.title, source)
    for block in document.children { try builder.add(block) }
    builder.close()
    steps = builder.steps
    links = document.children.flatMap { Lesson.links(in: $0, SourcePlace(file, $0.line, $0.column)) }
    guard !steps.isEmpty else {
      throw LessonError(SourcePlace(file, end + 2), expected: "a story below the front matter", found: "nothing")
    }
    try refuseUnansweredPredictions()
  }

  /// The front matter alone: enough for a menu, and quick.
  public static func front(of text: String, file: String) throws(LessonError) -> FrontMatter {
    let source = SourceText(text, file: file)
    let end = try endOfFrontMatter(source)
    let yaml = source.lines[1..<end].joined(separator: "\n")
    return try FrontMatter(Fields(yaml, firstLine: 2, of: source, what: "the front matter", keys: FrontMatter.keys))
  }

  /// The index of the line that closes the front matter.
  private static func endOfFrontMatter(_ source: SourceText) throws(LessonError) -> Int {
    guard source.lines.first?.trimmedEnd == "---" else {
      let found = source.lines.first?.trimmed ?? ""
      throw LessonError(
        SourcePlace(source.file, 1), expected: "the front matter, which opens with `---`",
        found: found.isEmpty ? "an empty line" : "`\(found)`")
    }
    guard let end = source.lines.indices.dropFirst().first(where: { source.lines[$0].trimmedEnd == "---" }) else {
      throw LessonError(
        SourcePlace(source.file, source.lines.count), expected: "`---` that closes the front matter",
        found: "the end of the file")
    }
    return end
  }

  private func refuseUnansweredPredictions() throws(LessonError) {
    for step in steps {
      var open: PredictionCell?
      for block in step.blocks {
        switch block {
        case .prediction(let cell): open = open ?? cell
        case .commands: open = nil
        case .prose: break
        case .task, .expectation, .review:
          if let open { throw Lesson.unanswered(open) }
        }
      }
      if let open { throw Lesson.unanswered(open) }
    }
  }

  private static func unanswered(_ cell: PredictionCell) -> LessonError {
    LessonError(
      cell.place, expected: "a `baedal` cell after the prediction, in the same step", found: "none",
      advice: "A prediction is answered by a run.")
  }

  private static func links(in node: Markdown, _ place: SourcePlace) -> [Link] {
    var links: [Link] = []
    // Places of inline nodes are kept only where the parser gives them.
    let place = node.line > 0 ? SourcePlace(place.file, node.line, node.column) : place
    switch node.kind {
    case .link(let target), .image(let target): links.append(Link(target: target, place: place))
    default: break
    }
    return links + node.children.flatMap { Lesson.links(in: $0, place) }
  }
}

/// Sorts the blocks of a document into steps.
private struct StepBuilder {
  private(set) var steps: [Lesson.Step] = []
  private var step: Lesson.Step
  private var prose: [Markdown] = []
  private let source: SourceText

  init(_ title: String, _ source: SourceText) {
    self.source = source
    step = Lesson.Step(title: title, place: SourcePlace(source.file, 1), blocks: [])
  }

  mutating func add(_ block: Markdown) throws(LessonError) {
    if case .heading(let level) = block.kind, level <= 2 {
      close()
      step = Lesson.Step(title: block.text, place: SourcePlace(source.file, block.line, block.column), blocks: [])
      return
    }
    guard let fence = try fence(block) else {
      try refuseNestedCells(block)
      prose.append(block)
      return
    }
    closeProse()
    switch fence.kind {
    case "baedal", "terminal": step.blocks.append(.commands(try CommandCell(fence)))
    case "predict": step.blocks.append(.prediction(try PredictionCell(fence)))
    case "task": step.blocks.append(.task(try TaskCell(fence)))
    case "expect": step.blocks.append(.expectation(try ExpectCell(fence)))
    default: step.blocks.append(.review(try ReviewCell(fence)))
    }
  }

  /// Ends the step. A heading with nothing below it, such as the lesson's own title, is not a step.
  mutating func close() {
    closeProse()
    if !step.blocks.isEmpty { steps.append(step) }
    step.blocks = []
  }

  private mutating func closeProse() {
    let rendered = Prose(prose)
    if !rendered.lines.isEmpty { step.blocks.append(.prose(rendered)) }
    prose = []
  }

  /// The block as a cell; nil for prose, which includes code in any other language.
  private func fence(_ block: Markdown) throws(LessonError) -> Fence? {
    guard case .code(let info, let text) = block.kind else { return nil }
    let words = info.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let kind = words.first else { return nil }
    let fence = Fence(
      kind: kind, flags: Array(words.dropFirst()), place: SourcePlace(source.file, block.line, block.column),
      text: text,
      source: source)
    guard Fence.kinds.contains(kind) else {
      guard kind.nearest(among: Fence.kinds) != nil, kind != "text" else { return nil }
      let kinds = Fence.kinds.map { "`\($0)`" }.joined(separator: ", ")
      throw fence.mistaken(kind, expected: "one of the cells \(kinds), or another language", among: Fence.kinds)
    }
    let last = source.lines[min(block.endLine, source.lines.count) - 1].trimmed
    guard last.hasPrefix("```") || last.hasPrefix("~~~"), block.endLine > block.line else {
      throw LessonError(
        SourcePlace(source.file, source.lines.count), expected: "the fence that closes the cell of line \(block.line)",
        found: "the end of the file")
    }
    return fence
  }

  private func refuseNestedCells(_ block: Markdown) throws(LessonError) {
    for child in block.children {
      if case .code(let info, _) = child.kind, let kind = info.split(separator: " ").first.map(String.init),
        Fence.kinds.contains(kind)
      {
        throw LessonError(
          SourcePlace(source.file, child.line, child.column), expected: "a `\(kind)` cell at the margin",
          found: "one inside a list or a quote")
      }
      try refuseNestedCells(child)
    }
  }
}
