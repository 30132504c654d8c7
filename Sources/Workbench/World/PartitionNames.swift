import Broker
import Simulation

/// Puts a partition's name where a message has only its number: `⟨1/0⟩` becomes `orders/0`.
///
/// Messages carry numbers, as Kafka's do (KIP-516). The newest metadata tells which name a number has; a number that it
/// does not know, of a topic that was deleted, stays.
struct PartitionNames {
  private let image: MetadataImage?

  init(_ image: MetadataImage?) { self.image = image }

  /// Requests to the controller write the number without brackets, behind their name.
  private static let bare = ["AlterPartition", "Partition", "ElectPreferredLeader", "ElectUncleanLeader"]

  func naming(_ text: String) -> String {
    guard let image else { return text }
    if let request = Self.bare.first(where: { text.hasPrefix($0 + " ") }) {
      let rest = text.dropFirst(request.count + 1)
      let number = rest.prefix { !$0.isWhitespace }
      return "\(request) \(name(number, image) ?? String(number))\(rest.dropFirst(number.count))"
    }
    guard text.contains("⟨") else { return text }
    var named = ""
    for (place, piece) in text.split(separator: "⟨", omittingEmptySubsequences: false).enumerated() {
      if let end = piece.firstIndex(of: "⟩"), place > 0, let name = name(piece[..<end], image) {
        named += name + piece[piece.index(after: end)...]
      } else {
        named += (place > 0 ? "⟨" : "") + piece
      }
    }
    return named
  }

  private func name(_ number: Substring, _ image: MetadataImage) -> String? {
    let parts = number.split(separator: "/")
    guard parts.count == 2, let topic = UInt32(parts[0]), let index = Int32(parts[1]) else { return nil }
    return image.topic(TopicID(topic)).map { "\($0.name)/\(index)" }
  }
}

extension Bench {
  /// The same events with partitions by name.
  func named(_ events: [TraceEvent]) -> [TraceEvent] {
    let names = PartitionNames(image)
    return events.map { event in
      var event = event
      event.summary = names.naming(event.summary)
      return event
    }
  }
}
