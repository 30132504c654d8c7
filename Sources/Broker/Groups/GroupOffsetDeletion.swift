import Clockwork

/// Offsets that are forgotten one by one (KIP-496).
extension Group {
  mutating func deleteOffsets(
    _ partitions: [TopicPartition], _ asker: Asker, _ ledger: inout GroupLedger, _ fx: inout BrokerEffects
  ) {
    guard !isDead else { return asker.refuse(.groupIDNotFound, &fx) }
    guard members.isEmpty || protocolType == "consumer" else { return asker.refuse(.nonEmptyGroup, &fx) }
    let subscribed = subscribedTopics
    let patterns = roster?.members.compactMap { $0.pattern.flatMap { TopicPattern($0) } } ?? []
    let isRead = { topic in subscribed.contains(topic) || patterns.contains { $0.matches(topic) } }
    let deletions = partitions.map { partition in
      OffsetDeletion(partition, isRead(partition.topic) ? .groupSubscribedToTopic : nil)
    }
    let tombstones = deletions.filter { $0.error == nil && place(ofOffset: $0.partition) != nil }
      .map { GroupRecord.offset(group: id, $0.partition, nil) }
    guard !tombstones.isEmpty else { return asker.answer(.offsetsDeleted(deletions), &fx) }
    ledger.append(tombstones, of: id, for: .offsetDeletion(deletions, asker), at: fx.now)
  }

  /// The tombstones are durable. What was committed after them stays.
  mutating func deleted(_ deletions: [OffsetDeletion], number: UInt64) {
    for deletion in deletions where deletion.error == nil {
      guard let place = place(ofOffset: deletion.partition), offsets[place].number < number else { continue }
      offsets.remove(at: place)
    }
  }

  /// Whatever any member wants to read. A subscription that cannot be read names no topic.
  private var subscribedTopics: [String] {
    (roster?.members.flatMap(\.topics) ?? [])
      + members.flatMap { member in
        member.protocols.flatMap { (try? ConsumerProtocol.topics(in: $0.metadata)) ?? [] }
      }
  }
}
