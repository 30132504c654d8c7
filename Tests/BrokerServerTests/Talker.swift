import Broker
import Clockwork
import NIOCore
import RecordLog
import Testing

@testable import BrokerServer

/// Talks to a live broker as a connection does, but in the broker's own words.
final class Talker: ReplyListener, @unchecked Sendable {
  let node: NodeID
  let server: NodeServer
  // Both on the node's event loop only.
  private var waiting: [UInt32: (BrokerMessage?) -> Void] = [:]
  private var next: UInt32 = 0

  init(_ server: NodeServer, number: Int32 = 900_000) {
    self.server = server
    node = .connection(number, at: server.node.id)
  }

  func hear(_ message: BrokerMessage) {
    switch message {
    case .fromController(_, let id), .produced(_, let id), .fetched(_, let id):
      waiting.removeValue(forKey: id.rawValue)?(message)
    default: break
    }
  }

  /// Nil when there is no answer within the time.
  func ask(
    _ to: NodeID, within time: TimeAmount = .seconds(3), _ message: @escaping @Sendable (CorrelationID) -> BrokerMessage
  ) async throws -> BrokerMessage? {
    let loop = server.node.loop
    let answer = loop.makePromise(of: BrokerMessage?.self)
    loop.execute { [self] in
      server.node.add(self)
      next += 1
      let id = next
      waiting[id] = { answer.succeed($0) }
      loop.scheduleTask(in: time) { self.waiting.removeValue(forKey: id)?(nil) }
      server.send(message(CorrelationID(id)), from: node, to: to)
    }
    return try await answer.futureResult.get()
  }

  func look<Result: Sendable>(_ body: @escaping @Sendable (borrowing LiveBroker) -> Result) async throws -> Result? {
    try await server.node.loop.submit { [server] in server.node.look(body) }.get()
  }
}

extension Talker {
  /// The topic, made if need be, once it has leaders.
  func topic(_ name: String, replication: Int16) async throws -> TopicID {
    for _ in 0..<200 {
      let (controller, ready) =
        try await look { broker in
          (broker.quorum.leader, broker.image.topic(named: name).flatMap { $0.hasLeaders ? $0.id : nil })
        } ?? (nil, nil)
      if let ready { return ready }
      if let controller,
        try await look({ $0.image.topicID(named: name) == nil && $0.image.liveBrokers.count >= replication }) == true
      {
        _ = try await ask(controller) {
          .toController(.createTopic(name: name, partitions: 1, replication: replication, config: []), $0)
        }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw NoAnswer()
  }

  /// Has the controller carry out what it takes at once.
  func change(_ request: ControllerRequest) async throws -> BrokerMessage? {
    for _ in 0..<200 {
      if let controller = try await look({ $0.quorum.leader }) ?? nil,
        let answer = try await ask(controller, { .toController(request, $0) })
      {
        return answer
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw NoAnswer()
  }

  /// The broker's image, once it is such; nil when it does not become so.
  func image(_ isDue: @escaping @Sendable (MetadataImage) -> Bool) async throws -> MetadataImage? {
    for _ in 0..<400 {
      if let image = try await look({ isDue($0.image) ? $0.image : nil }) ?? nil { return image }
      try await Task.sleep(for: .milliseconds(50))
    }
    return nil
  }

  /// Appends until the leader says that the record is committed.
  func produce(_ text: String, to topic: TopicID) async throws {
    let partition = PartitionID(topic, 0)
    for _ in 0..<200 {
      if let leader = try await look({ $0.image.partition(partition)?.leader }) ?? nil {
        let batch = RecordBatch(records: [Record(key: nil, value: Array(text.utf8), timestamp: 1)])
        let answer = try await ask(leader) {
          .produce(ProduceRequest(partition: partition, acks: .all, timeout: .seconds(2), batch: batch), $0)
        }
        if case .produced(let reply, _)? = answer, reply.error == nil { return }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw NoAnswer()
  }

  /// What is committed, once there are `count` records.
  func consume(_ count: Int, from topic: TopicID) async throws -> [String] {
    let partition = PartitionID(topic, 0)
    var found: [String] = []
    for _ in 0..<200 {
      if let leader = try await look({ $0.image.partition(partition)?.leader }) ?? nil {
        let answer = try await ask(leader) {
          .fetch(
            FetchRequest(
              maxWait: .zero,
              partitions: [FetchPartition(partition, offset: .zero, currentEpoch: nil, lastFetchedEpoch: nil)]), $0)
        }
        if case .fetched(let reply, _)? = answer, let fetched = reply.partitions.first, fetched.error == nil {
          found = try fetched.records.batches().flatMap { try $0.records() }
            .map { String(decoding: $0.value ?? [], as: UTF8.self) }
          if found.count >= count { return found }
        }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    return found
  }
}

struct NoAnswer: Error {}
