public import Clockwork

// The leader's side of the log.

extension Quorum {
  /// Appends decisions to the metadata log and returns the last one's offset: it is committed once `highWatermark` is
  /// beyond it. Nil, with nothing done, when this voter does not lead or there is nothing to append.
  public mutating func propose(
    _ records: [MetadataRecord], _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) -> Int64? {
    guard isLeader, !records.isEmpty else { return nil }
    disk.append(records.map { QuorumEntry(epoch, $0) })
    _ = fx.sync(through: disk.position)
    answerHeld(disk, &fx)
    arm(&fx)
    return disk.log.endOffset - 1
  }

  /// The leader's own log counts as far as it is durable, like everybody's.
  mutating func advanceHighWatermark(_ disk: borrowing QuorumDisk, _ fx: inout BrokerEffects) {
    var ends = progress.map(\.acknowledged)
    if setup.voters.contains(me) { ends.append(disk.durableEnd) }
    guard ends.count >= majority else { return }
    ends.sort(by: >)
    let end = min(ends[majority - 1], disk.log.endOffset)
    guard end > highWatermark else { return }
    // Raft section 5.4.2, figure 8: an entry of an earlier epoch on a majority can still be replaced.
    guard disk.log.epoch(before: end) == epoch || !setup.rules.commitOwnEpochOnly else { return }
    highWatermark = end
    answerHeld(disk, &fx)
  }

  mutating func answerFetch(
    _ theirs: QuorumEpoch, _ question: HeldFetch, from follower: NodeID, _ disk: inout QuorumDisk,
    _ fx: inout BrokerEffects
  ) {
    if theirs > epoch { enter(theirs, &disk, &fx) }
    guard theirs == epoch, let index = progress.firstIndex(where: { $0.follower == follower }) else {
      return fx.send(.quorum(.epochIs(epoch, leader: leader)), to: follower)
    }
    progress[index].lastFetch = fx.now
    guard disk.log.epoch(before: question.from) == question.lastEpoch else {
      if question.from >= disk.log.startOffset, let common = disk.log.end(ofEpochAtMost: question.lastEpoch) {
        return answer(question, to: follower, entries: [], diverging: common, &fx)
      }
      guard let snapshot = disk.log.snapshot else { return }
      let reply = QuorumMessage.snapshot(epoch, snapshot, from: question.from, lastEpoch: question.lastEpoch)
      return fx.send(.quorum(reply), to: follower)
    }
    progress[index].held = question
    if question.from > progress[index].acknowledged {
      progress[index].acknowledged = question.from
      advanceHighWatermark(disk, &fx)
    }
    answerHeld(disk, &fx)
  }

  /// Answers every held fetch that there is now something for.
  private mutating func answerHeld(_ disk: borrowing QuorumDisk, _ fx: inout BrokerEffects) {
    for index in progress.indices {
      guard let held = progress[index].held else { continue }
      let due = held.from < disk.log.endOffset || held.highWatermark < highWatermark || held.until <= fx.now
      guard due else { continue }
      progress[index].held = nil
      let entries = disk.log.entries(from: held.from, limit: Self.fetchLimit)
      answer(held, to: progress[index].follower, entries: entries, &fx)
    }
  }

  private func answer(
    _ question: HeldFetch, to follower: NodeID, entries: [QuorumEntry], diverging: QuorumEpochEnd? = nil,
    _ fx: inout BrokerEffects
  ) {
    let reply = QuorumMessage.fetched(
      epoch, entries: entries, from: question.from, lastEpoch: question.lastEpoch,
      highWatermark: highWatermark, diverging: diverging)
    fx.send(.quorum(reply), to: follower)
  }

  /// The leader's clock: releases held fetches, announces itself to who does not fetch, resigns when too few do.
  mutating func checkOnFollowers(_ disk: borrowing QuorumDisk, _ fx: inout BrokerEffects) {
    answerHeld(disk, &fx)
    if fx.now >= retry {
      retry = fx.now + setup.quorumFetchTimeout / 2
      for one in progress where one.lastFetch + setup.quorumFetchTimeout / 2 <= fx.now {
        fx.send(.quorum(.beginEpoch(epoch)), to: one.follower)
      }
    }
    let contacts = progress.map(\.lastFetch).sorted(by: >)
    guard majority >= 2, contacts.count >= majority - 1 else { return }
    deadline = contacts[majority - 2] + checkQuorumTimeout
    if fx.now >= deadline { resign(&fx) }
  }
}

// The follower's side.

extension Quorum {
  /// Asks for what comes after the own log, once the own log is durable: the question acknowledges it.
  mutating func fetch(from leader: NodeID, _ disk: borrowing QuorumDisk, _ fx: inout BrokerEffects) {
    retry = fx.now + fetchWait * 3 / 2
    let question = QuorumMessage.fetch(
      epoch, from: disk.log.endOffset, lastEpoch: disk.log.lastEpoch, highWatermark: highWatermark)
    sendWhenDurable(question, to: leader, disk, &fx)
  }

  /// Takes an answer to a question about exactly this log. An answer about an earlier state of it never gets here, so
  /// truncation cannot remove what was acknowledged since.
  mutating func take(
    _ entries: [QuorumEntry], highWatermark leaders: Int64, diverging: QuorumEpochEnd?, from leader: NodeID,
    _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    deadline = fetchDeadline(&fx)
    if let diverging {
      // Where only the own snapshot could tell, it would be committed metadata.
      let common = min(diverging.endOffset, disk.log.end(ofEpochAtMost: diverging.epoch)?.endOffset ?? 0)
      guard common >= highWatermark else {
        // Only broken rules get here. What is applied cannot be unapplied.
        fx.note("refuses to cut committed metadata to \(common), high watermark \(highWatermark)")
        return
      }
      fx.note("cuts its metadata log to \(common)")
      disk.truncate(to: common)
    } else {
      disk.append(entries)
      highWatermark = max(highWatermark, min(leaders, disk.log.endOffset))
    }
    fetch(from: leader, disk, &fx)
  }

  /// Takes what the leader has put away in the place of the whole log: it is more than what is committed here, and what is
  /// not committed here is either in it or contradicts it.
  mutating func take(
    _ snapshot: QuorumSnapshot, from leader: NodeID, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    deadline = fetchDeadline(&fx)
    guard snapshot.offset > highWatermark else {
      // Only broken rules get here.
      fx.note("refuses a snapshot of metadata up to \(snapshot.offset), high watermark \(highWatermark)")
      return
    }
    fx.note("takes a snapshot of the metadata up to \(snapshot.offset)")
    disk.install(snapshot)
    highWatermark = snapshot.offset
    fetch(from: leader, disk, &fx)
  }
}
