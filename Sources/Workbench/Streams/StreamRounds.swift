import Broker
import Clockwork
import EventSourcing
import RecordLog
import Simulation

/// How a stream application works in the cluster: it reads committed records, and writes what came of them, what has
/// changed in its memory, and how far it has read in one transaction.
extension Bench {
  /// What a round came to.
  enum StreamRound: Hashable {
    case idle
    case committed(records: Int)
    /// It was processed, and then it died.
    case died
    case failed(String)
  }

  /// Most records that one partition gives in a round.
  static let streamBatch = 500

  /// Reads a batch of each partition, processes it, and commits; with `dies`, it dies before the commit.
  mutating func streamRound(_ index: Int, dies: Bool, _ errand: Errand) -> StreamRound {
    var app = apparatus.streams[index]
    guard var tasks = app.tasks else { return .failed("\(app.name) is not running") }
    var (read, offsets) = (0, [GroupOffset]())
    for topic in app.topology.topics {
      for partition in 0..<app.partitions {
        let place = TopicPartition(topic, partition)
        let from = app.positions[place] ?? 0
        guard let batch = fetch(place, from: from, by: app.client, errand) else {
          return .failed("\(topic)/\(partition) could not be read")
        }
        guard batch.next > from else { continue }
        for record in batch.records { tasks[Int(partition)].process(app.read(record, of: topic)) }
        read += batch.records.count
        app.positions[place] = batch.next
        offsets.append(GroupOffset(partition: place, offset: batch.next))
      }
    }
    guard !offsets.isEmpty else { return .idle }
    var writes: [TopicPartition: [Record]] = [:]
    var order: [TopicPartition] = []
    for partition in tasks.indices {
      let commit = tasks[partition].commit()
      for record in commit.output + commit.changelog {
        // A changelog lies beside its task; what goes to new keys goes where the key belongs.
        let isOwn = app.topology.changelogs.contains(record.topic)
        let share = isOwn ? Int32(partition) : Partitioner.partition(of: record.key ?? [], count: app.partitions)
        let place = TopicPartition(record.topic, share)
        if writes[place] == nil { order.append(place) }
        writes[place, default: []].append(app.write(record))
      }
    }
    let transaction = TransactionOrder(
      transactionalID: app.name,
      writes: order.map {
        TransactionOrder.Write(topic: $0.topic, partition: $0.index, records: writes[$0] ?? [])
      }, group: app.name, offsets: offsets, commit: dies ? nil : true)
    let ending = transact(transaction, by: app.client, errand)
    if dies {
      killStream(index)
      return .died
    }
    guard ending == .committed else {
      killStream(index)
      return .failed("its transaction was not committed")
    }
    app.tasks = tasks
    apparatus.streams[index] = app
    return .committed(records: read)
  }

  /// Its process dies, and with it what it remembered and where it was.
  mutating func killStream(_ index: Int) {
    apparatus.streams[index].tasks = nil
    apparatus.streams[index].positions = [:]
    apply(.fault(.crash(apparatus.streams[index].client)))
  }

  /// Builds the tasks again: memory from the changelogs, places to read on from the committed offsets.
  mutating func restoreStream(_ index: Int, _ errand: Errand) -> (lines: Int, keys: Int)? {
    var app = apparatus.streams[index]
    apply(.fault(.restart(app.client)))
    // Taking the transactional id aborts what the dead one left open; without it a committed reader would wait.
    let take = TransactionOrder(transactionalID: app.name, writes: [], commit: true)
    _ = transact(take, by: app.client, errand)
    var tasks = (0..<app.partitions).map { _ in StreamTask(app.topology) }
    var lines = 0
    for topic in app.topology.changelogs {
      for partition in 0..<app.partitions {
        var from: Int64 = 0
        while true {
          guard let batch = fetch(TopicPartition(topic, partition), from: from, by: app.client, errand) else {
            return nil
          }
          guard batch.next > from else { break }
          for record in batch.records {
            guard let change = app.changelog(record, of: topic) else { continue }
            tasks[Int(partition)].restore(change)
            lines += 1
          }
          from = batch.next
        }
      }
    }
    app.positions = [:]
    for (place, offset) in WorldFacts(self).group(app.name)?.committed ?? [:] {
      app.positions[TopicPartition(place.topic, place.index)] = offset
    }
    app.tasks = tasks
    apparatus.streams[index] = app
    let keys = tasks.reduce(0) { sum, task in
      sum + app.topology.storeNames.reduce(0) { $0 + (task.store($1)?.count ?? 0) }
    }
    return (lines, keys)
  }

  // MARK: Through the client

  private mutating func fetch(
    _ place: TopicPartition, from: Int64, by client: NodeID, _ errand: Errand
  ) -> (records: [ConsumedRecord], next: Int64)? {
    let ticket = newTicket()
    let order = ConsumeOrder(
      topic: place.topic, partition: place.index, start: .offset(Offset(from)), at: nil, max: Self.streamBatch,
      isolation: .readCommitted)
    command(client, .consume(ticket, order))
    _ = waitFor(ticket, of: client, errand) { _, _ in Answer() }
    guard case .consumed(let records, let next, _, _, _)? = outcome(of: ticket, client) else { return nil }
    return (records, next.rawValue)
  }

  private mutating func transact(
    _ order: TransactionOrder, by client: NodeID, _ errand: Errand
  ) -> Transacted.Ending? {
    let ticket = newTicket()
    command(client, .transact(ticket, order))
    _ = waitFor(ticket, of: client, errand) { _, _ in Answer() }
    // Markers are written after the decision; the next round's reader would meet them on their way.
    let id = order.transactionalID
    _ = run(within: .seconds(1), errand) { bench in
      WorldFacts(bench).transactions?.first { $0.id == id }.map { !$0.isEnding } ?? true
    }
    guard case .transacted(let transacted)? = outcome(of: ticket, client) else { return nil }
    return transacted.ending
  }
}
