/// What is written on arrows, in forms that get shorter: what is the same on every arrow goes first, what is particular
/// to one stays.
struct Labels {
  private let partitions: [Substring]
  private let isOneTopic: Bool

  init(_ events: [DiagramEvent]) {
    var found: [Substring] = []
    for event in events {
      for word in event.text.split(separator: " ") {
        if let name = Self.partition(word), !found.contains(name) { found.append(name) }
      }
    }
    partitions = found
    isOneTopic = Set(found.map(Self.topic)).count == 1
  }

  /// The longest first, each but the first shorter than the one before.
  func forms(_ label: String) -> [String] {
    var forms = [label]
    func add(_ form: String) {
      if let last = forms.last, DisplayWidth.of(form) < DisplayWidth.of(last) { forms.append(form) }
    }
    add(withoutPartition(label))
    add(Self.withoutBrackets(withoutPartition(label)))
    add(Self.withoutWatermark(label))
    return forms
  }

  /// Where only one partition is in play, nothing is lost without it; where one topic is, its name says nothing.
  private func withoutPartition(_ label: String) -> String {
    guard isOneTopic else { return label }
    let words = label.split(separator: " ", omittingEmptySubsequences: false)
    return words.reduce(into: "") { text, word in
      guard let name = Self.partition(word) else {
        text += (text.isEmpty ? "" : " ") + word
        return
      }
      let rest = word.dropFirst(name.count)
      text += partitions.count == 1 ? rest : " " + name.dropFirst(Self.topic(name).count) + rest
    }
  }

  /// `AlterPartition in sync n1 (e0, p1)`: what stands in brackets at the end matters least.
  private static func withoutBrackets(_ label: String) -> String {
    guard label.hasSuffix(")"), let open = label.lastIndex(of: "("), open > label.startIndex else { return label }
    return String(label[..<label.index(before: open)])
  }

  /// `Metadata 10..11, hw 11 e1`: which of the controller's decisions it brings is what matters.
  private static func withoutWatermark(_ label: String) -> String {
    guard label.hasPrefix("Metadata "), let comma = label.firstIndex(of: ",") else { return label }
    return String(label[..<comma])
  }

  /// `orders/0` of `orders/0:`; nil of what is no partition's name.
  private static func partition(_ word: Substring) -> Substring? {
    guard let slash = word.lastIndex(of: "/"), slash > word.startIndex else { return nil }
    let digits = word[word.index(after: slash)...].prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, word[digits.endIndex...].allSatisfy({ ":,;".contains($0) }) else { return nil }
    return word[..<digits.endIndex]
  }

  private static func topic(_ partition: Substring) -> Substring {
    partition.lastIndex(of: "/").map { partition[..<$0] } ?? partition
  }
}

extension DiagramEvent {
  fileprivate var text: String {
    switch kind {
    case .sends(_, _, _, let label), .arrives(_, _, _, let label), .isLost(_, _, _, let label, _): label
    case .notes(_, let text), .stops(_, let text), .starts(_, let text): text
    }
  }
}
