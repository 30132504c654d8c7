public import Broker
public import Clockwork
import NIOCore
public import RecordLog

/// What became of what the console asked a live cluster for.
public enum LiveOutcome: Hashable, Sendable {
  /// The offset of the first record, and who took it.
  case appended(at: Int64, by: NodeID)
  case read([LiveRecord], next: Int64, highWatermark: Int64, from: NodeID)
  case done(by: NodeID)
  /// It did not happen.
  case refused(String)
  /// Nobody told; a write may have happened all the same.
  case noAnswer(after: Interval)
}

/// A client that lives beside a broker, in its process: its requests are the broker's own, without a socket.
private final class LiveClient: ReplyListener {
  let node: NodeID
  private var asks: [UInt32: (BrokerMessage) -> Void] = [:]
  private var next: UInt32 = 0

  init(_ node: NodeID) { self.node = node }

  func hear(_ message: BrokerMessage) {
    guard let id = message.answers else { return }
    asks.removeValue(forKey: id.rawValue)?(message)
  }

  func ask(_ hear: @escaping (BrokerMessage) -> Void) -> CorrelationID {
    next += 1
    asks[next] = hear
    return CorrelationID(next)
  }
}

// What the console asks a live cluster for, as a client named `session` that tries once. Noted like what comes over a
// socket.
extension LiveCluster {
  public static let patience = Interval.seconds(10)

  public func produce(
    _ records: [Record], to topic: String, _ partition: Int32, acks: Acks, as session: String
  ) async -> LiveOutcome {
    await asLeader(of: topic, partition, as: session) { server, client, id, done in
      let batch = RecordBatch(records: records, baseOffset: .zero, leaderEpoch: LeaderEpoch(0), producer: .none)
      let deed = server.witness.asked(batch, topic, id, by: session, server.now)
      let request = CoreProduceRequest(partition: id, acks: acks, timeout: Self.patience, batch: batch)
      let correlation = client.ask { message in
        guard case .produced(let reply, _) = message else { return }
        // Of what failed nobody knows whether it stays in a log.
        if let error = reply.error { return done(.refused("\(error.advice)")) }
        if let deed { server.witness.told(deed, appendedAt: reply.baseOffset.rawValue, server.now) }
        done(.appended(at: reply.baseOffset.rawValue, by: server.node.id))
      }
      server.send(.produce(request, correlation), from: client.node, to: server.node.id)
      if acks == .none { done(.done(by: server.node.id)) }
    }
  }

  /// Once, from `offset` up to the high watermark.
  public func consume(_ topic: String, _ partition: Int32, from offset: Int64, as session: String) async -> LiveOutcome
  {
    await asLeader(of: topic, partition, as: session) { server, client, id, done in
      let asked = server.witness.stamp(server.now)
      let request = CoreFetchRequest(
        maxWait: .zero,
        partitions: [FetchPartition(id, offset: Offset(max(0, offset)), currentEpoch: nil, lastFetchedEpoch: nil)])
      let correlation = client.ask { message in
        guard case .fetched(let reply, _) = message, let fetched = reply.partitions.first else { return }
        if let error = fetched.error { return done(.refused("\(error.advice)")) }
        guard let batches = try? fetched.records.batches() else { return done(.refused("its log cannot be read")) }
        if let asked {
          server.witness.told(
            batches, of: topic, id, from: max(0, offset), highWatermark: fetched.highWatermark.rawValue, to: session,
            asked: asked, server.now)
        }
        let records = batches.flatMap { batch in
          ((try? batch.records()) ?? []).filter { $0.offset.rawValue >= offset && !batch.attributes.isControl }.map {
            LiveRecord(
              offset: $0.offset.rawValue, epoch: batch.leaderEpoch.rawValue, key: $0.keyText, value: $0.valueText)
          }
        }
        done(
          .read(
            records, next: (batches.last?.nextOffset.rawValue).map { max($0, offset) } ?? offset,
            highWatermark: fetched.highWatermark.rawValue, from: server.node.id))
      }
      server.send(.fetch(request, correlation), from: client.node, to: server.node.id)
    }
  }

  public func administer(_ request: ControllerRequest) async -> LiveOutcome {
    for server in servers {
      let controller = try? await server.node.loop.submit { server.node.status == .up ? server.controller : nil }.get()
      guard let controller = controller ?? nil else { continue }
      return await talk(to: server) { client, done in
        let correlation = client.ask { message in
          guard case .fromController(let reply, _) = message else { return }
          if case .refused(_, let reason, _) = reply { done(.refused(reason)) } else { done(.done(by: controller)) }
        }
        server.send(.toController(request, correlation), from: client.node, to: controller)
      }
    }
    return .refused("nobody knows a controller")
  }

  /// Finds the leader by what the brokers know, the newest of it.
  private func asLeader(
    of topic: String, _ partition: Int32, as session: String,
    _ body:
      @escaping @Sendable (NodeServer, LiveClient, PartitionID, @escaping (LiveOutcome) -> Void)
      -> Void
  ) async -> LiveOutcome {
    let image = await views().compactMap(\.image).max { $0.appliedThrough < $1.appliedThrough }
    guard let image else { return .refused("no broker is alive to tell") }
    guard let id = image.topicID(named: topic).map({ PartitionID($0, partition) }), let state = image.partition(id)
    else { return .refused("there is no \(topic)/\(partition)") }
    guard let leader = state.leader, let server = server(leader), await status(of: leader) == .up else {
      return .refused("nobody leads \(topic)/\(partition) that is up")
    }
    return await talk(to: server) { client, done in body(server, client, id, done) }
  }

  private func talk(
    to server: NodeServer,
    _ body: @escaping @Sendable (LiveClient, @escaping (LiveOutcome) -> Void) -> Void
  ) async -> LiveOutcome {
    let loop = server.node.loop
    let outcome = try? await loop.flatSubmit {
      let promise = loop.makePromise(of: LiveOutcome.self)
      let client = LiveClient(server.newConnection())
      server.node.add(client)
      var isDone = false
      let done: (LiveOutcome) -> Void = { outcome in
        guard !isDone else { return }
        isDone = true
        server.node.remove(client)
        promise.succeed(outcome)
      }
      loop.assumeIsolated().scheduleTask(in: .nanoseconds(Self.patience.nanoseconds)) {
        done(.noAnswer(after: Self.patience))
      }
      body(client, done)
      return promise.futureResult
    }.get()
    return outcome ?? .refused("the broker is gone")
  }
}
