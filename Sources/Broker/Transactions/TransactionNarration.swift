extension TransactionRequest {
  public var summary: String {
    switch self {
    case .findCoordinator(let id): "FindCoordinator of transactions \(id)"
    case .initProducer(let request): "InitProducerId" + (request.transactionalID.map { " \($0)" } ?? "")
    case .addPartitions(let claim, let partitions):
      "AddPartitionsToTxn \(claim.words): \(partitions.map(\.description).joined(separator: ", "))"
    case .addOffsets(let claim, let group): "AddOffsetsToTxn \(claim.words): group \(group)"
    case .end(let claim, let commit, _): "EndTxn \(claim.words): \(commit ? "commit" : "abort")"
    case .verify(let claim, let partition): "Verify \(claim.words): \(partition)"
    case .describe(let id): "DescribeTransactions \(id)"
    case .list: "ListTransactions"
    }
  }
}

extension TransactionClaim {
  var words: String { "\(transactionalID) as p\(producerID) e\(producerEpoch)" }
}

extension TransactionReply {
  public var summary: String {
    switch self {
    case .coordinator(let node): "coordinator is \(node)"
    case .producer(let id, let epoch): "producer id \(id), epoch \(epoch)"
    case .ok: "ok"
    case .described(let found): "\(found.transactionalID) \(found.state.name), \(found.partitions.count) partitions"
    case .listed(let found): "\(found.count) transactional ids"
    case .refused(let error): error.rawValue
    }
  }
}
