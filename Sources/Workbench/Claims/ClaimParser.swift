import Clockwork

/// Reads a claim by the table of forms. `not` in front, or after `is`, turns it round.
struct ClaimParser {
  /// A place in a claim where a form expects a word that is not there.
  private struct Stop {
    var place: Int
    var expected: String
  }

  static func parse(_ words: [String]) throws(Refusal) -> Claim {
    guard !words.isEmpty else {
      throw Refusal("No claim.", expected: "Expected one, like: leader orders/0 is n2.", attempt: "help expect")
    }
    if words[0] == "not" {
      return .not(try parse(Array(words.dropFirst())))
    }
    if let place = words.indices.first(where: { words[$0] == "not" && $0 > 0 && words[$0 - 1] == "is" }) {
      var rest = words
      rest.remove(at: place)
      return .not(try parse(rest))
    }
    var stops: [Stop] = []
    for form in ClaimForm.all {
      for variant in form.variants {
        switch match(variant, words) {
        case .success(let gaps): return form.make(gaps)
        case .failure(let miss): stops.append(miss.stop)
        }
      }
    }
    throw refusal(words, stops)
  }

  /// What may follow the words so far: small words, and gaps in capitals. Forms only; the bench fills gaps with names.
  static func continuations(_ words: [String]) -> [String] {
    let words = words.filter { $0 != "not" }
    var next: [String] = []
    for form in ClaimForm.all {
      for variant in form.variants {
        if case .failure(let miss) = match(variant, words), miss.stop.place == words.count,
          !next.contains(miss.stop.expected)
        {
          next.append(miss.stop.expected)
        }
      }
    }
    return next
  }

  private struct Miss: Error { var stop: Stop }

  private static func match(_ form: [String], _ words: [String]) -> Result<ClaimForm.Gaps, Miss> {
    var gaps = ClaimForm.Gaps()
    var place = 0
    for (step, expected) in form.enumerated() {
      guard place < words.count else { return .failure(Miss(stop: Stop(place: place, expected: expected))) }
      let taken = fill(expected, words, place, isLast: step == form.count - 1, &gaps)
      guard taken > 0 else { return .failure(Miss(stop: Stop(place: place, expected: expected))) }
      place += taken
    }
    return place == words.count ? .success(gaps) : .failure(Miss(stop: Stop(place: place, expected: "nothing more")))
  }

  /// How many words the expected word or gap takes at `place`; 0 when it does not fit.
  private static func fill(
    _ expected: String, _ words: [String], _ place: Int, isLast: Bool, _ gaps: inout ClaimForm.Gaps
  ) -> Int {
    let word = words[place]
    switch expected {
    case "PARTITION":
      guard let partition = PartitionName(parsing: word) else { return 0 }
      gaps.partitions.append(partition)
    case "PARTITIONS":
      let names = words[place...].prefix { PartitionName(parsing: $0) != nil }
      gaps.partitions += names.compactMap { PartitionName(parsing: $0) }
      return names.count
    case "GROUP", "STREAM", "REGION", "SYSTEM":
      gaps.texts.append(word)
    case "PARTY":
      gaps.texts.append(word)
    case "NODE":
      guard let node = NodeID(parsing: word) else { return 0 }
      gaps.nodes.append(node)
    case "NODES":
      let nodes = words[place...].prefix { NodeID(parsing: $0) != nil }.compactMap { NodeID(parsing: $0) }
      gaps.nodes += nodes
      return nodes.count
    case "NUMBER":
      guard let number = Int64(word), number >= 0 else { return 0 }
      gaps.measures.append(Measure(relation: .exactly, number: number))
    case "MEASURE":
      let relation: Measure.Relation? =
        words[place...].starts(with: ["at", "least"])
        ? .atLeast : words[place...].starts(with: ["at", "most"]) ? .atMost : nil
      let skipped = relation == nil ? 0 : 2
      guard place + skipped < words.count, let number = Int64(words[place + skipped]) else { return 0 }
      gaps.measures.append(Measure(relation: relation ?? .exactly, number: number))
      return skipped + 1
    case "TEXT":
      // The last gap of a claim takes all that is left, so that a value with spaces needs no quotes.
      let text = isLast ? words[place...].joined(separator: " ") : word
      gaps.texts.append(text)
      return isLast ? words.count - place : 1
    default:
      let isSingular =
        ["records", "members", "partitions", "times", "customers", "seconds"].contains(expected)
        && word + "s" == expected
      return word == expected || isSingular ? 1 : 0
    }
    return 1
  }

  private static func refusal(_ words: [String], _ stops: [Stop]) -> Refusal {
    let furthest = stops.map(\.place).max() ?? 0
    var expected: [String] = []
    for stop in stops where stop.place == furthest && !expected.contains(stop.expected) {
      expected.append(stop.expected)
    }
    let example = ClaimForm.all.first { form in
      form.variants.contains { variant in
        guard case .failure(let miss) = match(variant, words) else { return false }
        return miss.stop.place == furthest
      }
    }?.example
    let attempt = example.map { furthest == 0 ? "help expect" : "expect \($0)" }
    guard furthest < words.count else {
      let list = Refusal.list(expected.map(describe), last: "or")
      return Refusal("The claim ends too early.", expected: "Expected \(list) next.", attempt: attempt)
    }
    let word = words[furthest]
    if expected == ["nothing more"] {
      return Refusal(
        "\(word) is more than the claim needs.", expected: "Expected nothing after \(words[furthest - 1]).",
        attempt: attempt)
    }
    let options = expected.filter { $0 != "nothing more" }
    let small = options.filter { $0 == $0.lowercased() }
    let hint = Refusal.didYouMean(word, among: small)
    let isBeginning = furthest == 0
    let list = isBeginning ? "a claim, like: leader orders/0 is n2" : Refusal.list(options.map(describe), last: "or")
    let what = isBeginning ? "No claim begins with \(word)." : "\(word) does not fit after \(words[furthest - 1])."
    return Refusal(what, expected: hint ?? "Expected \(list).", attempt: attempt)
  }

  private static func describe(_ expected: String) -> String {
    switch expected {
    case "PARTITION": "a partition (orders/0)"
    case "PARTITIONS": "partitions (orders/0 orders/1)"
    case "GROUP": "a group (kitchen)"
    case "STREAM": "a stream application (pulse)"
    case "PARTY": "a service (payment) or coordinator"
    case "REGION": "a region (seoul)"
    case "SYSTEM": "a system that is compared (careful)"
    case "NODE": "a node (n2)"
    case "NODES": "nodes (n1 n2)"
    case "NUMBER": "an offset (17)"
    case "MEASURE": "a number (3, at least 3, at most 3)"
    case "TEXT": "a text"
    default: "\"\(expected)\""
    }
  }
}
