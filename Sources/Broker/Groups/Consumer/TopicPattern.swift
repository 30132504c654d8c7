/// A regular expression over topic names, for members that subscribe by one (KIP-848).
///
/// Matched in time proportional to the name's length times the expression's: all ways through it are walked at once
/// (Thompson, 1968), since it comes from strangers and a backtracking matcher can be kept busy for ever. The syntax is
/// the part of RE2's that topic names call for: literals, `.`, classes, `\d \w \s` and their negations, groups,
/// alternatives, `* + ?` and `{m,n}`, `^` and `$`. The whole name has to match, as in Kafka.
struct TopicPattern: Sendable {
  /// Steps that writing one expression out may come to, repetitions written out.
  static let maxSteps = 10_000
  private static let maxDepth = 100

  private enum Step {
    case byte(ByteSet)
    /// Goes on at both.
    case split(Int, Int)
    case jump(Int)
    /// Goes on at the start of the name only; at its end only.
    case start, end
    case matched
  }

  private let steps: [Step]

  /// Nil for what is no such expression, or too large a one.
  init?(_ text: String) {
    var parser = Parser(Array(text.utf8))
    guard let tree = parser.parse() else { return nil }
    var steps: [Step] = []
    var work = 0
    guard Self.write(tree, &steps, &work) else { return nil }
    steps.append(.matched)
    self.steps = steps
  }

  func matches(_ name: String) -> Bool {
    var states = Set<Int>()
    var left = name.utf8.count
    follow(0, &states, isStart: true, isEnd: left == 0)
    for byte in name.utf8 {
      left -= 1
      var next = Set<Int>()
      for state in states {
        if case .byte(let set) = steps[state], set.contains(byte) {
          follow(state + 1, &next, isStart: false, isEnd: left == 0)
        }
      }
      if next.isEmpty { return false }
      states = next
    }
    return states.contains(steps.count - 1)
  }

  /// All that is reached from `start` without reading.
  private func follow(_ start: Int, _ states: inout Set<Int>, isStart: Bool, isEnd: Bool) {
    var open = [start]
    while let state = open.popLast() {
      guard states.insert(state).inserted else { continue }
      switch steps[state] {
      case .split(let one, let other): open += [one, other]
      case .jump(let next): open.append(next)
      case .start: if isStart { open.append(state + 1) }
      case .end: if isEnd { open.append(state + 1) }
      case .byte, .matched: break
      }
    }
  }

  /// `work` counts what leaves no step as well: an empty group can be repeated, and that repeated.
  private static func write(_ tree: Tree, _ steps: inout [Step], _ work: inout Int) -> Bool {
    work += 1
    guard work < maxSteps else { return false }
    switch tree {
    case .byte(let set): steps.append(.byte(set))
    case .start: steps.append(.start)
    case .end: steps.append(.end)
    case .sequence(let parts): return parts.allSatisfy { write($0, &steps, &work) }
    case .either(let branches):
      var ends: [Int] = []
      for (place, branch) in branches.enumerated() {
        let split = steps.count
        if place < branches.count - 1 { steps.append(.split(split + 1, 0)) }
        guard write(branch, &steps, &work) else { return false }
        guard place < branches.count - 1 else { break }
        ends.append(steps.count)
        steps.append(.jump(0))
        steps[split] = .split(split + 1, steps.count)
      }
      for end in ends { steps[end] = .jump(steps.count) }
    case .repeated(let part, let least, let most):
      for _ in 0..<least { guard write(part, &steps, &work) else { return false } }
      guard let most else {
        let split = steps.count
        steps.append(.split(split + 1, 0))
        guard write(part, &steps, &work) else { return false }
        steps.append(.jump(split))
        steps[split] = .split(split + 1, steps.count)
        return true
      }
      var splits: [Int] = []
      for _ in least..<most {
        splits.append(steps.count)
        steps.append(.split(steps.count + 1, 0))
        guard write(part, &steps, &work) else { return false }
      }
      for split in splits { steps[split] = .split(split + 1, steps.count) }
    }
    return true
  }

  private indirect enum Tree {
    case byte(ByteSet)
    case start, end
    case sequence([Tree])
    case either([Tree])
    case repeated(Tree, least: Int, most: Int?)
  }

  /// Recursive descent over the text's bytes; a name's bytes above 127 match only `.` and negated classes.
  private struct Parser {
    let text: [UInt8]
    var at = 0
    var depth = 0

    init(_ text: [UInt8]) { self.text = text }

    private var next: UInt8? { at < text.count ? text[at] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func parse() -> Tree? {
      guard let tree = alternatives(), at == text.count else { return nil }
      return tree
    }

    private mutating func alternatives() -> Tree? {
      depth += 1
      defer { depth -= 1 }
      guard depth <= maxDepth else { return nil }
      var branches: [Tree] = []
      repeat {
        guard let branch = sequence() else { return nil }
        branches.append(branch)
      } while take("|")
      return branches.count == 1 ? branches[0] : .either(branches)
    }

    private mutating func sequence() -> Tree? {
      var parts: [Tree] = []
      while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
        guard let atom = atom(), let part = repetition(of: atom) else { return nil }
        parts.append(part)
      }
      return .sequence(parts)
    }

    private mutating func repetition(of atom: Tree) -> Tree? {
      var tree = atom
      while let byte = next {
        switch byte {
        case UInt8(ascii: "*"): tree = .repeated(tree, least: 0, most: nil)
        case UInt8(ascii: "+"): tree = .repeated(tree, least: 1, most: nil)
        case UInt8(ascii: "?"): tree = .repeated(tree, least: 0, most: 1)
        case UInt8(ascii: "{"):
          at += 1
          guard let least = number() else { return nil }
          var most: Int? = least
          if take(",") { most = next == UInt8(ascii: "}") ? nil : number() ?? -1 }
          guard next == UInt8(ascii: "}"), most.map({ $0 >= least }) ?? true else { return nil }
          tree = .repeated(tree, least: least, most: most)
        default: return tree
        }
        at += 1
        // Lazy ones match the same names.
        _ = take("?")
      }
      return tree
    }

    /// At most 1000, as in RE2.
    private mutating func number() -> Int? {
      var value: Int?
      while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), (value ?? 0) <= 1000 {
        value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        at += 1
      }
      return value.flatMap { $0 <= 1000 ? $0 : nil }
    }

    private mutating func atom() -> Tree? {
      guard let byte = next else { return nil }
      at += 1
      switch byte {
      case UInt8(ascii: "."): return .byte(.all)
      case UInt8(ascii: "["): return bracket().map { .byte($0) }
      case UInt8(ascii: "\\"): return escape().map { .byte($0) }
      case UInt8(ascii: "("):
        if take("?") { guard take(":") else { return nil } }
        guard let inside = alternatives(), take(")") else { return nil }
        return inside
      case UInt8(ascii: "^"): return .start
      case UInt8(ascii: "$"): return .end
      case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"): return nil
      default: return .byte(ByteSet(byte...byte))
      }
    }

    private mutating func escape() -> ByteSet? {
      guard let byte = next else { return nil }
      at += 1
      switch byte {
      case UInt8(ascii: "d"): return .digits
      case UInt8(ascii: "D"): return ByteSet.digits.inverted
      case UInt8(ascii: "w"): return .word
      case UInt8(ascii: "W"): return ByteSet.word.inverted
      case UInt8(ascii: "s"): return .space
      case UInt8(ascii: "S"): return ByteSet.space.inverted
      default:
        // Letters and digits would mean something that is not known here.
        return ByteSet.word.contains(byte) && byte != UInt8(ascii: "_") ? nil : ByteSet(byte...byte)
      }
    }

    private mutating func bracket() -> ByteSet? {
      let isInverted = take("^")
      var set = ByteSet()
      var isFirst = true
      while let byte = next, isFirst || byte != UInt8(ascii: "]") {
        isFirst = false
        at += 1
        if byte == UInt8(ascii: "\\") {
          guard let escaped = escape() else { return nil }
          set.formUnion(escaped)
          continue
        }
        if next == UInt8(ascii: "-"), at + 1 < text.count, text[at + 1] != UInt8(ascii: "]") {
          let last = text[at + 1]
          at += 2
          guard last >= byte, last != UInt8(ascii: "\\") else { return nil }
          set.formUnion(ByteSet(byte...last))
        } else {
          set.formUnion(ByteSet(byte...byte))
        }
      }
      guard take("]") else { return nil }
      return isInverted ? set.inverted : set
    }
  }
}

/// A set of bytes, as a bitmap.
private struct ByteSet {
  private var bits: (UInt128, UInt128) = (0, 0)

  init() {}

  init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

  static let all = ByteSet(0...255)
  static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
  static let word: ByteSet = {
    var set = digits
    set.formUnion(ByteSet(UInt8(ascii: "a")...UInt8(ascii: "z")))
    set.formUnion(ByteSet(UInt8(ascii: "A")...UInt8(ascii: "Z")))
    set.insert(UInt8(ascii: "_"))
    return set
  }()
  static let space: ByteSet = {
    var set = ByteSet(9...13)
    set.insert(32)
    return set
  }()

  func contains(_ byte: UInt8) -> Bool {
    (byte < 128 ? bits.0 : bits.1) & Self.bit(byte) != 0
  }

  mutating func insert(_ byte: UInt8) {
    if byte < 128 { bits.0 |= Self.bit(byte) } else { bits.1 |= Self.bit(byte) }
  }

  mutating func formUnion(_ other: ByteSet) {
    bits.0 |= other.bits.0
    bits.1 |= other.bits.1
  }

  var inverted: ByteSet {
    var set = self
    set.bits = (~bits.0, ~bits.1)
    return set
  }

  private static func bit(_ byte: UInt8) -> UInt128 { 1 << UInt128(byte & 127) }
}
