import Yams

/// The YAML of a front matter or a cell, read by key, with every complaint placed in the lesson file.
struct Fields {
  let what: String
  let place: SourcePlace
  private let mapping: Node.Mapping
  private let source: SourceText
  /// The file's line before the first line of YAML.
  private let offset: Int

  /// Reads `yaml`, whose first line is line `firstLine` of the source.
  init(
    _ yaml: String, firstLine: Int, of source: SourceText, what: String, keys: [String]
  ) throws(LessonError) {
    let offset = firstLine - 1
    let top = source.place(line: firstLine)
    guard let node = try Fields.compose(yaml, source, offset) else {
      throw LessonError(
        top, expected: "\(what) with \(keys.map { "`\($0):`" }.joined(separator: ", "))", found: "nothing")
    }
    try self.init(node, source, offset, what, keys)
  }

  private init(
    _ node: Node, _ source: SourceText, _ offset: Int, _ what: String, _ keys: [String]
  ) throws(LessonError) {
    self.what = what
    self.source = source
    self.offset = offset
    place = Fields.place(node.mark, source, offset)
    guard let mapping = node.mapping else {
      throw LessonError(place, expected: "\(what) in `key: value` lines", found: Fields.name(node))
    }
    self.mapping = mapping
    for (key, _) in mapping {
      let name = key.string ?? Fields.name(key)
      guard !keys.contains(name) else { continue }
      throw LessonError(
        Fields.place(key.mark, source, offset),
        expected: "one of \(keys.map { "`\($0):`" }.joined(separator: ", ")) in \(what)", found: "`\(name):`",
        advice: name.nearest(among: keys).map { "Did you mean `\($0):`?" })
    }
  }

  /// Reads YAML that is a list of groups.
  static func list(
    _ yaml: String, firstLine: Int, of source: SourceText, what: String, keys: [String]
  ) throws(LessonError) -> [Fields] {
    let offset = firstLine - 1
    guard let node = try compose(yaml, source, offset), let items = node.sequence, !items.isEmpty else {
      throw LessonError(
        source.place(line: firstLine), expected: "a list of groups, each beginning with `- \(keys[0]):`",
        found: yaml.trimmed.isEmpty ? "nothing" : "`\(yaml.trimmed.textLines[0])`")
    }
    var found: [Fields] = []
    for item in items { found.append(try Fields(item, source, offset, what, keys)) }
    return found
  }

  func has(_ key: String) -> Bool { mapping[key] != nil }

  /// The place of a key's value; of the whole when the key is missing.
  func place(_ key: String) -> SourcePlace {
    mapping[key].map { Fields.place($0.mark, source, offset) } ?? place
  }

  /// A value that is one text, perhaps of several lines.
  func text(_ key: String) throws(LessonError) -> String {
    let node = try value(key)
    guard let scalar = node.scalar, !scalar.string.trimmed.isEmpty else { throw mistaken(key, node, "text") }
    return scalar.string.trimmedEnd
  }

  /// A value that is a list of texts, or a text with one item a line. Blank lines are left out.
  func lines(_ key: String) throws(LessonError) -> [SourceLine] {
    let node = try value(key)
    let found = try read(node, key).filter { !$0.text.isEmpty }
    guard !found.isEmpty else { throw mistaken(key, node, "at least one line") }
    return found
  }

  /// A list in which an item may have several lines, such as hints.
  func texts(_ key: String) throws(LessonError) -> [String] {
    let node = try value(key)
    if let scalar = node.scalar, !scalar.string.trimmed.isEmpty { return [scalar.string.trimmedEnd] }
    guard let items = node.sequence, !items.isEmpty else { throw mistaken(key, node, "a list of texts") }
    var found: [String] = []
    for item in items {
      guard let scalar = item.scalar else { throw mistaken(key, item, "text") }
      found.append(scalar.string.trimmedEnd)
    }
    return found
  }

  /// A value that is a list of `key: value` groups.
  func groups(_ key: String, what: String, keys: [String]) throws(LessonError) -> [Fields] {
    let node = try value(key)
    guard let items = node.sequence, !items.isEmpty else { throw mistaken(key, node, "a list of \(what)") }
    var found: [Fields] = []
    for item in items { found.append(try Fields(item, source, offset, what, keys)) }
    return found
  }

  func whole(_ key: String, in range: ClosedRange<Int>, orElse missing: Int? = nil) throws(LessonError) -> Int {
    if let missing, !has(key) { return missing }
    let node = try value(key)
    guard let scalar = node.scalar, let number = Int(scalar.string), range.contains(number) else {
      let limits =
        range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw mistaken(key, node, "a whole number \(limits)")
    }
    return number
  }

  // MARK: -

  private func value(_ key: String) throws(LessonError) -> Node {
    if let node = mapping[key] { return node }
    let given = mapping.map { "`\($0.key.string ?? "?"):`" }.joined(separator: ", ")
    throw LessonError(place, expected: "`\(key):` in \(what)", found: given.isEmpty ? "nothing" : "only \(given)")
  }

  private func mistaken(_ key: String, _ node: Node, _ expected: String) -> LessonError {
    let advice = node.mapping == nil ? nil : "Quote text that has a colon followed by a space."
    return LessonError(
      Fields.place(node.mark, source, offset), expected: "\(expected) for `\(key):`", found: Fields.name(node),
      advice: advice)
  }

  private func read(_ node: Node, _ key: String) throws(LessonError) -> [SourceLine] {
    if let items = node.sequence {
      var found: [SourceLine] = []
      for item in items { found += try read(item, key) }
      return found
    }
    guard let scalar = node.scalar else { throw mistaken(key, node, "lines of text") }
    let start = Fields.place(node.mark, source, offset)
    guard scalar.style == .literal else { return [SourceLine(text: scalar.string.trimmed, place: start)] }
    // The mark of a block is its `|`; its text begins on the next line.
    return scalar.string.textLines.enumerated().map { index, line in
      SourceLine(text: line.trimmed, place: source.place(line: start.line + 1 + index))
    }
  }

  private static func compose(_ yaml: String, _ source: SourceText, _ offset: Int) throws(LessonError) -> Node? {
    do {
      return try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw complaint(error, source, offset)
    } catch {
      throw LessonError(source.place(line: offset + 1), expected: "YAML", found: "\(error)")
    }
  }

  private static func complaint(_ error: YamlError, _ source: SourceText, _ offset: Int) -> LessonError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let advice =
        problem.contains("mapping values")
        ? "Quote text that has a colon followed by a space, or write it after `|`." : nil
      return LessonError(place(mark, source, offset), expected: "YAML", found: "a mistake (\(problem))", advice: advice)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let name = duplicates.first ?? "a key"
      return LessonError(place(context.mark, source, offset), expected: "each key once", found: "`\(name):` twice")
    default:
      return LessonError(source.place(line: offset + 1), expected: "YAML", found: "\(error)")
    }
  }

  private static func place(_ mark: Mark?, _ source: SourceText, _ offset: Int) -> SourcePlace {
    guard let mark else { return source.place(line: offset + 1) }
    return SourcePlace(source.file, offset + mark.line, mark.column)
  }

  private static func name(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "`\(scalar.string.textLines[0])`"
    case .mapping: "a group of keys"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
