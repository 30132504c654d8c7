public import Clockwork

/// Everything that travels between brokers, and between clients and brokers.
///
/// Shapes follow Kafka's requests where one exists. Each part of the broker owns its own enum, so that a part can be
/// read alone.
///
/// Indirect: a message is copied and moved a dozen times on its way, so one word beats ten. And inline, optimised builds
/// (Swift 6.3.1, x86-64) made garbage of a correlation id that shared a word with the tag byte of the reply before it.
public indirect enum BrokerMessage: Hashable, Sendable, Narratable {
  /// The controller quorum: votes and metadata log fetches (KIP-595).
  case quorum(QuorumMessage)
  /// A request to the active controller, from a broker or (administration) from a client.
  case toController(ControllerRequest, CorrelationID)
  case fromController(ControllerReply, CorrelationID)
  /// Replication and consumption: one request for both, as in Kafka.
  case fetch(FetchRequest, CorrelationID)
  case fetched(FetchReply, CorrelationID)
  case epochEnd(EpochEndRequest, CorrelationID)
  case epochEnded(EpochEndReply, CorrelationID)
  case produce(ProduceRequest, CorrelationID)
  case produced(ProduceReply, CorrelationID)
  /// Who leads what; answered by any broker from its image.
  case metadata(MetadataRequest, CorrelationID)
  case metadataIs(MetadataReply, CorrelationID)
  /// Consumer groups: requests to the group coordinator and its answers.
  case toGroup(GroupRequest, CorrelationID)
  case fromGroup(GroupReply, CorrelationID)
  /// Transactions: requests to their coordinator and its answers.
  case toTransactions(TransactionRequest, CorrelationID)
  case fromTransactions(TransactionReply, CorrelationID)
  /// From a transaction's coordinator to the leaders of its partitions.
  case writeMarkers(MarkerRequest, CorrelationID)
  case markersWritten(MarkerReply, CorrelationID)
  /// What a person at the console tells a client to do.
  case command(ClientCommand)

  public var summary: String {
    switch self {
    case .quorum(let message): message.summary
    case .toController(let request, _): request.summary
    case .fromController(let reply, _): reply.summary
    case .fetch(let request, _): request.summary
    case .fetched(let reply, _): reply.summary
    case .epochEnd(let request, _): request.summary
    case .epochEnded(let reply, _): reply.summary
    case .produce(let request, _): request.summary
    case .produced(let reply, _): reply.summary
    case .metadata(let request, _): request.summary
    case .metadataIs(let reply, _): reply.summary
    case .toGroup(let request, _): request.summary
    case .fromGroup(let reply, _): reply.summary
    case .toTransactions(let request, _): request.summary
    case .fromTransactions(let reply, _): reply.summary
    case .writeMarkers(let request, _): request.summary
    case .markersWritten(let reply, _): reply.summary
    case .command(let command): command.summary
    }
  }

  public var isRoutine: Bool {
    switch self {
    case .quorum(let message): message.isRoutine
    case .toController(let request, _): request.isRoutine
    case .fromController(let reply, _): reply.isRoutine
    case .fetch(let request, _): request.isRoutine
    case .fetched(let reply, _): reply.isRoutine
    case .toGroup(let request, _): request.isRoutine
    case .fromGroup(let reply, _): reply.isRoutine
    case .metadata, .metadataIs: true
    case .epochEnd, .epochEnded, .produce, .produced, .command, .toTransactions, .fromTransactions, .writeMarkers,
      .markersWritten:
      false
    }
  }
}
