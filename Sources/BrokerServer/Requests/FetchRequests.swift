import Broker
import Clockwork
import KafkaWire
import NIOCore
import RecordLog

typealias WireFetchRequest = KafkaWire.FetchRequest

extension Exchange {
  private typealias Partition = FetchResponse.Topic.Partition

  /// Hands the fetch to the broker, which answers when there is enough, or when the client's patience ends. Records go
  /// out as they lie in the log.
  func serve(_ request: WireFetchRequest) {
    // Followers speak the brokers' own protocol; a replica id here would let any client move a high watermark.
    guard request.replica < 0 else { return refuse(.invalidRequest) }
    do throws(KafkaError) {
      let session = try server.session(for: request, asks(request), forgotten(request))
      fetch(session?.asks ?? asks(request), request, session)
    } catch {
      refuse(error)
    }
  }

  private func refuse(_ error: KafkaError) {
    var response = FetchResponse()
    response.error = error
    respond(response, as: .fetch)
  }

  private func asks(_ request: WireFetchRequest) -> [FetchAsk] {
    request.topics.flatMap { topic in
      topic.partitions.map { FetchAsk(topicID: topic.id, topic: topic.topic, asked: $0) }
    }
  }

  private func forgotten(_ request: WireFetchRequest) -> [FetchAsk] {
    request.forgottenTopicsData.flatMap { topic in
      topic.partitions.map { index in
        var asked = WireFetchRequest.Topic.Partition()
        asked.partition = index
        return FetchAsk(topicID: topic.id, topic: topic.topic, asked: asked)
      }
    }
  }

  private func fetch(_ asks: [FetchAsk], _ request: WireFetchRequest, _ session: FetchSession?) {
    var answers: [Partition?] = []
    var known: [FetchPartition] = []
    for ask in asks {
      if let topic = server.topic(ask.topicID, ask.topic, byID: version >= 13) {
        known.append(corePartition(ask.asked, of: topic))
        answers.append(nil)
      } else {
        var unknown = Partition()
        unknown.index = ask.asked.partition
        unknown.error = version >= 13 ? .unknownTopicID : .unknownTopicOrPartition
        answers.append(unknown)
      }
    }
    let isHopeless = known.count < asks.count
    let core = CoreFetchRequest(
      maxWait: isHopeless ? .zero : .milliseconds(Int64(max(0, request.maxWaitMilliseconds))),
      minBytes: Int(request.minBytes), maxBytes: min(Int(max(0, request.maxBytes)), server.limits.fetchBytes),
      anyReplica: false, isolation: request.isolationLevel == 1 ? .readCommitted : .readUncommitted,
      partitions: known)
    let asked = server.witness.stamp(server.now)
    connection.ask(
      server.node.id, { .fetch(core, $0) },
      hear: { message in
        guard case .fetched(let reply, _) = message else { return }
        respond(to: asks, reply, answers, session, asked)
      })
  }

  private func corePartition(_ asked: WireFetchRequest.Topic.Partition, of topic: TopicID) -> FetchPartition {
    FetchPartition(
      PartitionID(topic, asked.partition), offset: Offset(max(0, asked.fetchOffset)),
      currentEpoch: asked.currentLeaderEpoch < 0 ? nil : LeaderEpoch(asked.currentLeaderEpoch),
      lastFetchedEpoch: asked.lastFetchedEpoch < 0 ? nil : LeaderEpoch(asked.lastFetchedEpoch),
      maxBytes: Int(max(0, asked.partitionMaxBytes)))
  }

  private func respond(
    to asks: [FetchAsk], _ reply: FetchReply, _ answers: [Partition?], _ session: FetchSession?,
    _ asked: ClientDeed.Stamp?
  ) {
    var response = FetchResponse()
    response.session = session?.id ?? 0
    var records: [[FramePart]] = []
    var fetched = reply.partitions.makeIterator()
    for (place, ask) in asks.enumerated() {
      var slice = LogSlice.batches([])
      var heard: FetchedPartition?
      let partition: Partition
      if let answer = answers[place] {
        partition = answer
      } else {
        guard let next = fetched.next() else { return connection.close("a fetch was answered in part") }
        slice = next.records
        partition = describe(next)
        heard = next.error == nil ? next : nil
      }
      if let session, !session.isNews(partition, of: ask) { continue }
      if let asked, let heard { witness(heard, of: ask, asked) }
      if response.responses.last?.topic != ask.topic || response.responses.last?.id != ask.topicID {
        var topic = FetchResponse.Topic()
        topic.topic = ask.topic
        topic.id = ask.topicID
        response.responses.append(topic)
      }
      response.responses[response.responses.count - 1].partitions.append(partition)
      if !slice.isEmpty { records.append(FramePart.parts(of: slice)) }
    }
    session?.passTurns()
    respond(response, as: .fetch, records: records)
  }

  /// Read from the log, and told when the response is written: by then the log may have moved on.
  private func witness(_ fetched: FetchedPartition, of ask: FetchAsk, _ asked: ClientDeed.Stamp) {
    guard let topic = server.name(of: fetched.id.topic), let batches = try? fetched.records.batches() else { return }
    let (session, server) = (connection.session, server)
    connection.whenWritten(slot) {
      server.witness.told(
        batches, of: topic, fetched.id, from: max(0, ask.asked.fetchOffset),
        highWatermark: fetched.highWatermark.rawValue, to: session, asked: asked, server.now)
    }
  }

  private func describe(_ fetched: FetchedPartition) -> Partition {
    var partition = Partition()
    partition.index = fetched.id.index
    partition.error = fetched.error?.wire ?? .none
    if fetched.error == nil {
      partition.highWatermark = fetched.highWatermark.rawValue
      partition.lastStableOffset = fetched.lastStableOffset.rawValue
      partition.logStartOffset = fetched.logStart.rawValue
    }
    partition.abortedTransactions = fetched.aborted.map { aborted in
      var transaction = Partition.AbortedTransaction()
      transaction.producerID = aborted.producerID
      transaction.firstOffset = aborted.firstOffset.rawValue
      return transaction
    }
    // A null would do in the protocol, but clients expect an empty set of records.
    partition.records = fetched.records.isEmpty ? .bytes([]) : .elsewhere(fetched.records.sizeInBytes)
    return partition
  }
}
