import Broker
import Clockwork
import KafkaWire
import RecordLog

typealias WireProduceRequest = KafkaWire.ProduceRequest

extension Exchange {
  private typealias Asked = WireProduceRequest.Topic.Partition
  private typealias Answer = ProduceResponse.Topic.Partition

  /// Every partition's batch is checked, handed to the broker and answered by itself; the response goes out when all
  /// answers are there. acks=0 is never answered.
  func serve(_ request: WireProduceRequest) {
    let acks = Acks(rawValue: Int8(truncatingIfNeeded: request.acks))
    if acks == Acks.none { stayQuiet() }
    let asked = request.topicData.flatMap { topic in topic.partitionData.map { (topic.name, $0) } }
    let gathering = Gathering<Answer>(asked.count) { answers in
      if acks != Acks.none { respond(response(to: request, answers), as: .produce) }
    }
    for (place, (topic, partition)) in asked.enumerated() {
      guard let acks else {
        gathering.set(answer(partition.index, .invalidRequiredAcks), at: place)
        continue
      }
      do throws(ProduceRefusal) {
        let (id, batch) = try accept(partition, of: topic)
        let append = CoreProduceRequest(
          partition: id, acks: acks, timeout: .milliseconds(Int64(request.timeoutMilliseconds)),
          transactionalID: request.transactionalID, batch: batch)
        let deed = server.witness.asked(batch, topic, id, by: connection.session, server.now)
        guard acks != .none else {
          connection.tell(server.node.id, .produce(append, CorrelationID(0)))
          continue
        }
        connection.ask(
          server.node.id, { .produce(append, $0) },
          hear: { message in
            guard case .produced(let reply, _) = message else { return }
            var answer = answer(partition.index, reply.error?.wire ?? .none)
            if reply.error == nil {
              answer.baseOffset = reply.baseOffset.rawValue
              answer.logAppendTime = reply.stamp ?? -1
              if let deed {
                connection.whenWritten(slot) {
                  server.witness.told(deed, appendedAt: reply.baseOffset.rawValue, server.now)
                }
              }
            }
            gathering.set(answer, at: place)
          })
      } catch {
        var refused = answer(partition.index, error.error)
        refused.recordErrors = error.recordErrors
        if !error.keyless.isEmpty { refused.message = "Records of a compacted topic need keys." }
        gathering.set(refused, at: place)
      }
    }
  }

  /// The one batch that a partition gets, checked as far as it can be without opening it.
  private func accept(_ partition: Asked, of topic: String) throws(ProduceRefusal) -> (PartitionID, RecordBatch) {
    guard let target = server.produceTarget(topic) else { throw ProduceRefusal(.unknownTopicOrPartition) }
    guard case .bytes(let bytes) = partition.records, !bytes.isEmpty else { throw ProduceRefusal(.invalidRecord) }
    let batch: RecordBatch
    do throws(RecordBatchError) {
      batch = try RecordBatch(validating: bytes, sharing: true)
    } catch {
      switch error {
      case .unsupportedMagic: throw ProduceRefusal(.unsupportedForMessageFormat)
      case .unknownCodec: throw ProduceRefusal(.unsupportedCompressionType)
      case .opensTooLarge: throw ProduceRefusal(.messageTooLarge)
      case .truncated, .checksumMismatch, .malformed: throw ProduceRefusal(.corruptMessage)
      }
    }
    // KIP-98: exactly one batch, with at least one record, and control batches are the broker's alone.
    guard batch.sizeInBytes == bytes.count, batch.recordCount > 0, !batch.attributes.isControl else {
      throw ProduceRefusal(.invalidRecord)
    }
    guard batch.attributes.compression != nil else { throw ProduceRefusal(.unsupportedCompressionType) }
    guard batch.sizeInBytes <= target.maxBytes else { throw ProduceRefusal(.messageTooLarge) }
    return (PartitionID(target.id, partition.index), try prepared(batch, for: target))
  }

  /// The batch as its topic stores batches (compression.type): most topics store them as they come, unopened. What has no
  /// key can never be replaced by a later record of a compacted topic, nor can what nobody can read. A client splits what
  /// is too large.
  private func prepared(_ batch: RecordBatch, for target: ProduceTarget) throws(ProduceRefusal) -> RecordBatch {
    let codec = target.codec.flatMap { $0 == batch.attributes.compression ? nil : $0 }
    let stored: RecordBatch
    let keyless: [Int]
    do {
      let source = codec == nil ? batch : try batch.opened()
      // So many are named; the others share their fate without a word.
      keyless = target.isCompacted ? try source.keyless(most: 100) : []
      stored = if let codec, keyless.isEmpty { try source.compressed(by: codec) } else { source }
    } catch {
      if case .opensTooLarge? = error as? RecordBatchError { throw ProduceRefusal(.messageTooLarge) }
      throw ProduceRefusal(.invalidRecord)
    }
    guard keyless.isEmpty else { throw ProduceRefusal(.invalidRecord, keyless: keyless) }
    guard stored.sizeInBytes <= target.maxBytes else { throw ProduceRefusal(.messageTooLarge) }
    return stored
  }

  private func answer(_ index: Int32, _ error: KafkaError) -> Answer {
    var answer = Answer()
    answer.index = index
    answer.error = error
    answer.baseOffset = -1
    return answer
  }

  private func response(to request: WireProduceRequest, _ answers: [Answer]) -> ProduceResponse {
    var response = ProduceResponse()
    var next = 0
    for topic in request.topicData {
      var answered = ProduceResponse.Topic()
      answered.name = topic.name
      answered.partitionResponses = Array(answers[next..<next + topic.partitionData.count])
      next += topic.partitionData.count
      response.responses.append(answered)
    }
    return response
  }
}

/// Why a batch is not taken, and which of its records are to blame (KIP-467).
private struct ProduceRefusal: Error {
  var error: KafkaError
  /// By their places in the batch.
  var keyless: [Int]

  init(_ error: KafkaError, keyless: [Int] = []) {
    self.error = error
    self.keyless = keyless
  }

  var recordErrors: [ProduceResponse.Topic.Partition.RecordError] {
    keyless.map { place in
      var blamed = ProduceResponse.Topic.Partition.RecordError()
      blamed.batchIndex = Int32(clamping: place)
      blamed.batchIndexErrorMessage = "A record of a compacted topic needs a key."
      return blamed
    }
  }
}
