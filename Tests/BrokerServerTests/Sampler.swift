import Broker
import Clockwork
import RecordLog

/// Draws values for the codec's tests: every case of every message, its fields filled at random from one seed.
struct Sampler {
  var dice: Dice

  init(seed: UInt64) { dice = Dice(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int(dice.roll(UInt64(bound))) }
  mutating func flag() -> Bool { below(2) == 0 }
  mutating func int64() -> Int64 { flag() ? Int64(below(1000)) - 2 : Int64(bitPattern: dice.next()) }
  mutating func int32() -> Int32 { Int32(truncatingIfNeeded: int64()) }
  mutating func int16() -> Int16 { Int16(truncatingIfNeeded: int64()) }
  mutating func maybe<Value>(_ draw: (inout Sampler) -> Value) -> Value? { flag() ? draw(&self) : nil }

  mutating func list<Value>(_ draw: (inout Sampler) -> Value) -> [Value] {
    let count = below(4)
    return (0..<count).map { _ in draw(&self) }
  }

  mutating func text() -> String { ["", "orders", "주문", "a\u{0}b", "x y"][below(5)] }
  mutating func bytes() -> [UInt8] { list { UInt8($0.below(256)) } }
  mutating func node() -> NodeID { NodeID(int32()) }
  mutating func topic() -> TopicID { TopicID(UInt32(truncatingIfNeeded: int64())) }
  mutating func partition() -> PartitionID { PartitionID(topic(), int32()) }
  mutating func named() -> TopicPartition { TopicPartition(text(), int32()) }
  mutating func brokerEpoch() -> BrokerEpoch { BrokerEpoch(int64()) }
  mutating func epoch() -> QuorumEpoch { QuorumEpoch(int32()) }
  mutating func leaderEpoch() -> LeaderEpoch { LeaderEpoch(int32()) }
  mutating func offset() -> Offset { Offset(int64()) }
  mutating func interval() -> Interval { Interval(nanoseconds: int64()) }
  mutating func setting() -> TopicSetting { TopicSetting(text(), text()) }
  mutating func correlation() -> CorrelationID { CorrelationID(UInt32(truncatingIfNeeded: int64())) }

  mutating func error() -> BrokerError {
    [.notController, .corruptMessage, .offsetMetadataTooLarge, .unknownMemberID][below(4)]
  }

  mutating func batch() -> RecordBatch {
    let count = 1 + below(3)
    let records = (0..<count).map { _ in Record(key: maybe { $0.bytes() }, value: bytes(), timestamp: Int64(below(9))) }
    return RecordBatch(
      records: records, baseOffset: Offset(Int64(below(100))), leaderEpoch: LeaderEpoch(Int32(below(9))))
  }

  mutating func state() -> PartitionState {
    var state = PartitionState(
      replicas: list { $0.node() }, inSync: list { $0.node() }, eligible: list { $0.node() },
      leader: maybe { $0.node() }, lastLeader: maybe { $0.node() }, leaderEpoch: leaderEpoch(),
      partitionEpoch: PartitionEpoch(int32()), electedUncleanly: flag())
    state.adding = list { $0.node() }
    state.removing = list { $0.node() }
    return state
  }

  mutating func record() -> MetadataRecord {
    switch below(16) {
    case 0: .leaderChange
    case 1:
      .brokerRegistered(node(), incarnation: dice.next(), cleanShutdown: flag(), endpoint: maybe { $0.endpoint() })
    case 2: .brokerFenced(node(), brokerEpoch())
    case 3: .brokerUnfenced(node(), brokerEpoch())
    case 4: .topicCreated(topic(), name: text(), partitions: list { $0.state() }, config: list { $0.setting() })
    case 5: .topicDeleted(topic())
    case 6: .partition(partition(), state())
    case 7: .topicConfig(topic(), key: text(), value: maybe { $0.text() })
    case 8: .partitionsAdded(topic(), from: int32(), list { $0.state() })
    case 9: .brokerConfig(maybe { $0.node() }, key: text(), value: maybe { $0.text() })
    case 10: .scramCredential(scramUser())
    case 11: .scramDeleted(user: text(), .sha512)
    case 12: .accessAdded(binding())
    case 13: .accessRemoved(binding())
    case 14: .groupConfig(text(), key: text(), value: maybe { $0.text() })
    default: .producerIDs(next: int64())
    }
  }

  mutating func endpoint() -> BrokerEndpoint {
    BrokerEndpoint(host: text(), port: UInt16(below(65_536)), rack: maybe { $0.text() })
  }

  mutating func scramUser() -> ScramUser {
    ScramUser(
      name: text(), mechanism: flag() ? .sha256 : .sha512, salt: bytes(), storedKey: bytes(), serverKey: bytes(),
      iterations: int32())
  }

  mutating func binding() -> AccessBinding {
    AccessBinding(
      .group, text(), flag() ? .literal : .prefixed, principal: text(), host: text(), .describeConfigs,
      isAllowed: flag())
  }

  mutating func filter() -> AccessFilter {
    var filter = AccessFilter()
    filter.resource = maybe { _ in .topic }
    filter.name = maybe { $0.text() }
    filter.pattern = [.any, .match, .exactly(.prefixed)][below(3)]
    filter.principal = maybe { $0.text() }
    filter.operation = maybe { _ in .read }
    filter.isAllowed = maybe { $0.flag() }
    return filter
  }

  mutating func change() -> ConfigChange {
    [.set(text(), text()), .delete(text()), .append(text(), text()), .subtract(text(), text())][below(4)]
  }

  mutating func registration() -> BrokerRegistration {
    BrokerRegistration(
      id: node(), epoch: brokerEpoch(), incarnation: dice.next(), fenced: flag(), cleanShutdown: flag(),
      endpoint: maybe { $0.endpoint() })
  }

  /// Of topics that are in their places, as everybody's are.
  mutating func image(through offset: Int64? = nil) -> MetadataImage {
    var slots: [TopicImage?] = [nil]
    for number in 1...(1 + below(3)) {
      var topic = TopicImage(
        id: TopicID(UInt32(number)), name: "\(text())\(number)", partitions: list { $0.state() })
      if flag() { topic.config = TopicConfig([TopicSetting("min.insync.replicas", "2")]) }
      slots.append(flag() ? topic : nil)
    }
    let image = MetadataImage(
      appliedThrough: offset ?? int64() & (1 << 60 - 1), brokers: list { $0.registration() }, nextProducerID: int64(),
      identity: maybe { ClusterIdentity(high: $0.dice.next(), low: $0.dice.next(), topics: $0.dice.next()) },
      brokerConfigs: list { one in BrokerOverride(broker: one.maybe { $0.node() }, setting: one.setting()) },
      groupConfigs: list { GroupOverride(group: $0.text(), setting: $0.setting()) },
      scramUsers: list { $0.scramUser() }, access: list { $0.binding() }, slots: slots)
    return image ?? MetadataImage()
  }

  mutating func snapshot(through offset: Int64? = nil) -> QuorumSnapshot {
    QuorumSnapshot(image: image(through: offset), epoch: epoch())
  }

  mutating func entry() -> QuorumEntry { QuorumEntry(epoch(), record()) }
}

// MARK: Messages

extension Sampler {
  mutating func message(_ kind: Int) -> BrokerMessage {
    switch kind {
    case 0: .quorum(quorum())
    case 1: .toController(controllerRequest(), correlation())
    case 2: .fromController(controllerReply(), correlation())
    case 3: .fetch(fetch(), correlation())
    case 4: .fetched(FetchReply(partitions: list { $0.fetched() }), correlation())
    case 5:
      .epochEnd(
        EpochEndRequest(partition(), epoch: leaderEpoch(), currentEpoch: maybe { $0.leaderEpoch() }), correlation())
    case 6:
      .epochEnded(
        EpochEndReply(
          partition(), error: maybe { $0.error() }, end: maybe { EpochEnd($0.leaderEpoch(), $0.offset()) }),
        correlation())
    case 7:
      .produce(
        ProduceRequest(
          partition: partition(), acks: [.none, .leader, .all][below(3)], timeout: interval(),
          transactionalID: maybe { $0.text() }, batch: batch()), correlation())
    case 8:
      .produced(
        ProduceReply(
          partition: partition(), error: maybe { $0.error() }, baseOffset: offset(), stamp: maybe { $0.int64() }),
        correlation())
    case 9: .metadata(MetadataRequest(topics: list { $0.text() }), correlation())
    case 10:
      .metadataIs(
        MetadataReply(
          controller: maybe { $0.node() }, brokers: list { $0.node() },
          topics: list {
            TopicMetadata(
              name: $0.text(), error: $0.maybe { $0.error() }, id: $0.topic(), partitions: $0.list { $0.state() })
          }), correlation())
    case 11: .toGroup(groupRequest(), correlation())
    case 12: .fromGroup(groupReply(), correlation())
    case 13: .toTransactions(transactionRequest(), correlation())
    case 14: .fromTransactions(transactionReply(), correlation())
    case 15:
      .writeMarkers(
        MarkerRequest(
          producerID: int64(), producerEpoch: int16(), marker: flag() ? .abort : .commit, coordinatorEpoch: int32(),
          partitions: list { $0.partition() }), correlation())
    default:
      .markersWritten(
        MarkerReply(results: list { .init($0.partition(), $0.maybe { $0.error() }) }), correlation())
    }
  }

  static let kinds = 17

  mutating func quorum() -> QuorumMessage {
    switch below(8) {
    case 0: .vote(epoch(), lastEpoch: epoch(), lastOffset: int64(), pre: flag())
    case 1: .voteAnswer(epoch(), granted: flag(), leader: maybe { $0.node() }, pre: flag())
    case 2: .beginEpoch(epoch())
    case 3: .endEpoch(epoch())
    case 4: .fetch(epoch(), from: int64(), lastEpoch: epoch(), highWatermark: int64())
    case 5:
      .fetched(
        epoch(), entries: list { $0.entry() }, from: int64(), lastEpoch: epoch(), highWatermark: int64(),
        diverging: maybe { QuorumEpochEnd($0.epoch(), $0.int64()) })
    case 6: .snapshot(epoch(), snapshot(), from: int64(), lastEpoch: epoch())
    default: .epochIs(epoch(), leader: maybe { $0.node() })
    }
  }

  mutating func controllerRequest() -> ControllerRequest {
    switch below(16) {
    case 0: .register(incarnation: dice.next(), cleanShutdown: flag(), endpoint: maybe { $0.endpoint() })
    case 1: .heartbeat(brokerEpoch(), caughtUpTo: int64(), wantsToStop: flag())
    case 2:
      .alterPartition(
        brokerEpoch(), partition(), leaderEpoch: leaderEpoch(), partitionEpoch: PartitionEpoch(int32()),
        inSync: list { InSyncMember($0.node(), $0.maybe { $0.brokerEpoch() }) })
    case 3:
      .createTopic(
        name: text(), partitions: int32(), replication: int16(), config: list { $0.setting() },
        assignment: list { $0.list { $0.node() } }, validateOnly: flag())
    case 4: .deleteTopic(name: text())
    case 5: .alterConfig(topic: text(), key: text(), value: maybe { $0.text() })
    case 6: .electLeader(partition(), unclean: flag())
    case 7: .deleteTopicByID(topic())
    case 8:
      .createPartitions(
        topic: text(), count: int32(), assignment: list { $0.list { $0.node() } }, validateOnly: flag())
    case 9:
      .alterConfigs(
        flag() ? .topic(text()) : .broker(maybe { $0.node() }), list { $0.change() }, replacing: flag(),
        validateOnly: flag())
    case 10: .electLeaders(maybe { $0.list { $0.partition() } }, unclean: flag())
    case 11: .reassign(partition(), maybe { $0.list { $0.node() } })
    case 12: .alterScramUser(name: text(), .sha256, maybe { $0.scramUser() })
    case 13: .createAccess(list { $0.binding() })
    case 14: .deleteAccess(list { $0.filter() })
    default: .allocateProducerIDs(brokerEpoch())
    }
  }

  mutating func controllerReply() -> ControllerReply {
    switch below(9) {
    case 0: .registered(brokerEpoch())
    case 1: .heartbeat(fenced: flag(), mayStop: flag())
    case 2: .partitionAltered(partition(), state())
    case 3: .done
    case 4: .producerIDs(first: int64(), count: int32())
    case 5:
      .topicCreated(
        CreatedTopic(
          id: topic(), partitions: int32(), replication: int16(),
          config: TopicConfig([TopicSetting("min.insync.replicas", "2")])))
    case 6:
      .leadersElected(
        list { LeaderElected(partition: $0.partition(), error: $0.maybe { $0.error() }, reason: $0.text()) })
    case 7: .accessDeleted(list { $0.list { $0.binding() } })
    default: .refused(error(), reason: text(), hint: maybe { $0.node() })
    }
  }

  mutating func fetch() -> FetchRequest {
    FetchRequest(
      replica: maybe { $0.node() }, replicaEpoch: maybe { $0.brokerEpoch() }, maxWait: interval(),
      minBytes: below(99), maxBytes: below(99), anyReplica: flag(),
      isolation: flag() ? .readUncommitted : .readCommitted,
      partitions: list {
        FetchPartition(
          $0.partition(), offset: $0.offset(), currentEpoch: $0.maybe { $0.leaderEpoch() },
          lastFetchedEpoch: $0.maybe { $0.leaderEpoch() }, maxBytes: $0.below(99))
      })
  }

  mutating func fetched() -> FetchedPartition {
    var fetched = FetchedPartition(
      partition(), error: maybe { $0.error() }, batches: list { $0.batch() }, highWatermark: offset(),
      lastStableOffset: offset(), logStart: offset(), diverging: maybe { EpochEnd($0.leaderEpoch(), $0.offset()) })
    fetched.aborted = list { AbortedTransaction(producerID: $0.int64(), firstOffset: $0.offset()) }
    fetched.logEnd = maybe { $0.offset() }
    return fetched
  }
}

// MARK: Coordinators

extension Sampler {
  mutating func transactionClaim() -> TransactionClaim {
    TransactionClaim(transactionalID: text(), producerID: int64(), producerEpoch: int16())
  }

  mutating func transactionRequest() -> TransactionRequest {
    switch below(8) {
    case 0: .findCoordinator(transactionalID: text())
    case 1:
      .initProducer(
        InitProducerRequest(
          transactionalID: maybe { $0.text() }, timeout: interval(), producerID: int64(), producerEpoch: int16()))
    case 2: .addPartitions(transactionClaim(), list { $0.partition() })
    case 3: .addOffsets(transactionClaim(), group: text())
    case 4: .end(transactionClaim(), commit: flag(), bumpsEpoch: flag())
    case 5: .verify(transactionClaim(), partition())
    case 6: .describe(transactionalID: text())
    default: .list
    }
  }

  mutating func transactionState() -> TransactionState { TransactionState.allCases[below(6)] }

  mutating func transactionReply() -> TransactionReply {
    switch below(6) {
    case 0: .coordinator(node())
    case 1: .producer(id: int64(), epoch: int16())
    case 2: .ok
    case 3:
      .described(
        TransactionDescription(
          transactionalID: text(), state: transactionState(), producerID: int64(), producerEpoch: int16(),
          timeout: interval(), started: int64(), partitions: list { $0.named() }))
    case 4:
      .listed(
        list {
          TransactionListing(transactionalID: $0.text(), producerID: $0.int64(), state: $0.transactionState())
        })
    default: .refused(error())
    }
  }

  mutating func claim() -> GroupClaim {
    GroupClaim(group: text(), generation: int32(), member: text(), instance: maybe { $0.text() })
  }

  mutating func groupOffset() -> GroupOffset {
    GroupOffset(partition: named(), offset: int64(), leaderEpoch: int32(), metadata: text())
  }

  mutating func groupRequest() -> GroupRequest {
    switch below(14) {
    case 0: .findCoordinator(group: text())
    case 1:
      .join(
        JoinRequest(
          group: text(), member: text(), instance: maybe { $0.text() }, sessionTimeout: interval(),
          rebalanceTimeout: interval(), protocolType: text(),
          protocols: list { GroupProtocol(name: $0.text(), metadata: $0.bytes()) }, clientID: text(),
          clientHost: text()))
    case 2: .sync(claim(), assignments: list { MemberAssignment(member: $0.text(), assignment: $0.bytes()) })
    case 3: .heartbeat(claim())
    case 4: .leave(claim())
    case 5: .commitOffsets(claim(), offsets: list { $0.groupOffset() })
    case 6: .commitTransactionOffsets(claim(), transactionClaim(), offsets: list { $0.groupOffset() })
    case 7:
      .fetchOffsets(group: text(), partitions: list { $0.named() }, requireStable: flag(), member: maybe { $0.claim() })
    case 8: .deleteOffsets(group: text(), partitions: list { $0.named() })
    case 9: .describe(group: text())
    case 10: .list(states: list { $0.text() }, kinds: list { $0.flag() ? .classic : .consumer })
    case 11:
      .consumerHeartbeat(
        ConsumerHeartbeat(
          group: text(), member: text(), epoch: int32(), instance: maybe { $0.text() }, rack: maybe { $0.text() },
          rebalanceTimeout: maybe { $0.interval() }, topics: maybe { $0.list { $0.text() } },
          pattern: maybe { $0.text() }, assignor: maybe { $0.text() }, owned: maybe { $0.owned() }, clientID: text(),
          clientHost: text()))
    case 12: .describeConsumers(group: text())
    default: .delete(group: text())
    }
  }

  mutating func owned() -> [OwnedPartition] {
    list { OwnedPartition(TopicUUID(high: $0.dice.next(), low: $0.dice.next()), $0.int32()) }
  }

  mutating func groupReply() -> GroupReply {
    switch below(12) {
    case 0: .coordinator(node())
    case 1:
      .joined(
        JoinedGroup(
          generation: int32(), member: text(), leader: text(), protocolType: text(), protocolName: text(),
          members: list {
            JoinedMember(member: $0.text(), instance: $0.maybe { $0.text() }, metadata: $0.bytes())
          }, skipAssignment: flag()))
    case 2: .synced(assignment: bytes())
    case 3: .alive
    case 4: .ok
    case 5: .offsets(list { $0.groupOffset() })
    case 6:
      .described(
        DescribedGroup(
          state: text(), generation: int32(), protocolType: text(), protocolName: text(),
          members: list {
            DescribedMember(
              member: $0.text(), instance: $0.maybe { $0.text() }, client: $0.text(), host: $0.text(),
              metadata: $0.bytes(), assignment: $0.bytes())
          }))
    case 7: .listed(list { GroupListing(group: $0.text(), protocolType: $0.text(), state: $0.text(), kind: .consumer) })
    case 8: .offsetsDeleted(list { OffsetDeletion($0.named(), $0.maybe { $0.error() }) })
    case 9:
      .reconciled(
        ConsumerHeartbeatAnswer(member: text(), epoch: int32(), interval: interval(), assignment: maybe { $0.owned() }))
    case 10:
      .describedConsumers(
        DescribedConsumerGroup(
          state: text(), epoch: int32(), assignmentEpoch: int32(), assignor: text(),
          members: list {
            DescribedConsumerGroup.Member(
              id: $0.text(), instance: $0.maybe { $0.text() }, rack: $0.maybe { $0.text() }, epoch: $0.int32(),
              client: $0.text(), host: $0.text(), topics: $0.list { $0.text() }, pattern: $0.maybe { $0.text() },
              assigned: $0.owned(), target: $0.owned())
          }))
    default: .refused(error(), member: text())
    }
  }
}
