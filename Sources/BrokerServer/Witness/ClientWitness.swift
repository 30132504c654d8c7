import Broker
import Clockwork
import RecordLog
import Synchronization

/// Writes down what clients ask of a live cluster's partitions and what they are told, for whoever judges it.
///
/// What counts is what crossed the brokers' sockets: a request is asked when it has been read, and told when its response
/// is written. The clients themselves have waited a little longer on both sides. All brokers of a process read one clock,
/// so that one order holds for all of them. Bounded: once it is full nothing more is noted, and it says so.
///
/// Not noted are transactions, what lies in compressed batches, and topics of the cluster's own.
public final class ClientWitness: Sendable {
  public static let mostDeeds = 20_000
  public static let mostBytes = 8 << 20
  /// Records that one batch may bring: more at the same moment could not be judged.
  public static let mostTogether = 100

  /// All that was noted so far.
  public struct Account: Sendable {
    public var deeds: [ClientDeed] = []
    public var isFull = false
    /// By topic, why what was done to it cannot be judged.
    public var obstacles: [String: String] = [:]
  }

  private struct Reader: Hashable {
    var session: String
    var partition: PartitionID
  }

  private struct Retry: Hashable {
    var producer: Int64
    var epoch: Int16
    var sequence: Int32
    var partition: PartitionID
  }

  private struct State {
    var account = Account()
    var bytes = 0
    var sequence = 0
    /// Each reader's latest deed, if it read nothing, and whether the one before was the same.
    var idle: [Reader: (deed: Int, isRepeated: Bool)] = [:]
    /// Batches of idempotent producers, so that one sent again is one deed.
    var numbered: [Retry: Int] = [:]

    mutating func stamp(_ time: Instant) -> ClientDeed.Stamp {
      sequence += 1
      return ClientDeed.Stamp(sequence: sequence, time: time)
    }

    mutating func note(_ deed: ClientDeed, _ texts: [ClientDeed.Text]) -> Int? {
      let size = 64 + texts.reduce(0) { $0 + 32 + ($1.key?.utf8.count ?? 0) + $1.value.utf8.count }
      guard account.deeds.count < ClientWitness.mostDeeds, bytes + size <= ClientWitness.mostBytes else {
        account.isFull = true
        return nil
      }
      bytes += size
      account.deeds.append(deed)
      return account.deeds.count - 1
    }
  }

  private let state = Mutex(State())
  private let isOn = Atomic(false)

  /// Notes from now on.
  public func begin() { isOn.store(true, ordering: .releasing) }

  public var account: Account { state.withLock { $0.account } }

  /// The topic cannot be judged, for this reason.
  public func impede(_ topic: String, _ reason: String) {
    state.withLock { $0.account.obstacles[topic] = $0.account.obstacles[topic] ?? reason }
  }

  private func notes(_ topic: String) -> Bool { isOn.load(ordering: .acquiring) && !topic.hasPrefix("__") }

  /// When something is asked now; nil when nothing is noted.
  func stamp(_ now: Instant) -> ClientDeed.Stamp? {
    isOn.load(ordering: .acquiring) ? state.withLock { $0.stamp(now) } : nil
  }

  /// A batch was asked to be appended. The answer names it when it is told what became of it.
  func asked(
    _ batch: RecordBatch, _ topic: String, _ partition: PartitionID, by session: String, _ now: Instant
  ) -> Int? {
    guard notes(topic) else { return nil }
    guard let texts = texts([batch], topic) else { return nil }
    guard texts.count <= Self.mostTogether else {
      impede(topic, "\(texts.count) records were written to \(topic) in one batch")
      return nil
    }
    let retry = Retry(
      producer: batch.producerID, epoch: batch.producerEpoch, sequence: batch.baseSequence, partition: partition)
    return state.withLock { state in
      if retry.producer >= 0, let known = state.numbered[retry] { return known }
      let deed = ClientDeed(
        session: session, topic: topic, partition: partition, call: .append(texts.map(\.text)),
        asked: state.stamp(now), told: nil, answer: .none)
      let place = state.note(deed, texts.map(\.text))
      if retry.producer >= 0 { state.numbered[retry] = place }
      state.idle[Reader(session: session, partition: partition)] = nil
      return place
    }
  }

  func told(_ deed: Int, appendedAt base: Int64, _ now: Instant) {
    state.withLock { state in
      guard state.account.deeds[deed].told == nil else { return }
      state.account.deeds[deed].told = state.stamp(now)
      state.account.deeds[deed].answer = .appended(at: base)
    }
  }

  /// A read that was answered. One that found nothing new again takes the place of the one before, as long as the first
  /// of them stays: a log only grows, so that what lies between says nothing more.
  func told(
    _ batches: [RecordBatch], of topic: String, _ partition: PartitionID, from offset: Int64, highWatermark: Int64,
    to session: String, asked: ClientDeed.Stamp, _ now: Instant
  ) {
    guard notes(topic), let found = texts(batches, topic) else { return }
    let read = found.filter { $0.offset >= offset }
    guard zip(read.indices, read).allSatisfy({ $1.offset == offset + Int64($0) }) else {
      return impede(topic, "reads of \(topic) have gaps: it was compacted, or has transactions")
    }
    let next = offset + Int64(read.count)
    state.withLock { state in
      var deed = ClientDeed(
        session: session, topic: topic, partition: partition, call: .read(from: offset), asked: asked, told: nil,
        answer: .records(read.map(\.text), from: offset, next: next, highWatermark: highWatermark))
      deed.told = state.stamp(now)
      let reader = Reader(session: session, partition: partition)
      if let (place, isRepeated) = state.idle[reader], state.account.deeds[place].answer == deed.answer, read.isEmpty {
        if isRepeated {
          state.account.deeds[place] = deed
        } else if let place = state.note(deed, []) {
          state.idle[reader] = (place, true)
        }
      } else {
        let place = state.note(deed, read.map(\.text))
        state.idle[reader] = read.isEmpty ? place.map { ($0, false) } : nil
      }
    }
  }

  /// Nil, and a reason, when the records cannot be read or do not stand for themselves.
  private func texts(_ batches: [RecordBatch], _ topic: String) -> [(offset: Int64, text: ClientDeed.Text)]? {
    var texts: [(Int64, ClientDeed.Text)] = []
    for batch in batches {
      guard !batch.attributes.isTransactional, !batch.attributes.isControl else {
        impede(topic, "transactions wrote to \(topic): what they wrote is judged by claims about transactions")
        return nil
      }
      guard let records = try? batch.records() else {
        impede(topic, "a batch of \(topic) holds what nobody can read")
        return nil
      }
      for record in records {
        texts.append((record.offset.rawValue, ClientDeed.Text(key: record.keyText, value: record.valueText ?? "")))
      }
    }
    return texts
  }
}
