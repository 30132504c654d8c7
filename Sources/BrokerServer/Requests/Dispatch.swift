import KafkaWire

extension Exchange {
  /// Hands the request to the API's own part.
  func serve(_ body: ArraySlice<UInt8>) throws {
    guard let api = WireAPI(rawValue: header.api), api.servedVersions.contains(version) else {
      // The one request that a client may send before it knows our versions.
      if header.api == WireAPI.apiVersions.rawValue { return refuseApiVersions() }
      throw UnservedRequest(api: header.api, version: version)
    }
    switch api {
    case .apiVersions: serve(try decode(ApiVersionsRequest.self, body))
    case .metadata: serve(try decode(WireMetadataRequest.self, body))
    case .produce: serve(try decode(WireProduceRequest.self, body))
    case .fetch: serve(try decode(WireFetchRequest.self, body))
    case .listOffsets: serve(try decode(ListOffsetsRequest.self, body))
    case .offsetForLeaderEpoch: serve(try decode(OffsetForLeaderEpochRequest.self, body))
    case .findCoordinator: serve(try decode(FindCoordinatorRequest.self, body))
    case .joinGroup: serve(try decode(JoinGroupRequest.self, body))
    case .syncGroup: serve(try decode(SyncGroupRequest.self, body))
    case .heartbeat: serve(try decode(HeartbeatRequest.self, body))
    case .leaveGroup: serve(try decode(LeaveGroupRequest.self, body))
    case .offsetCommit: serve(try decode(OffsetCommitRequest.self, body))
    case .offsetFetch: serve(try decode(OffsetFetchRequest.self, body))
    case .offsetDelete: serve(try decode(OffsetDeleteRequest.self, body))
    case .describeGroups: serve(try decode(DescribeGroupsRequest.self, body))
    case .listGroups: serve(try decode(ListGroupsRequest.self, body))
    case .deleteGroups: serve(try decode(DeleteGroupsRequest.self, body))
    case .initProducerID: serve(try decode(InitProducerIDRequest.self, body))
    case .addPartitionsToTxn: serve(try decode(AddPartitionsToTxnRequest.self, body))
    case .addOffsetsToTxn: serve(try decode(AddOffsetsToTxnRequest.self, body))
    case .endTxn: serve(try decode(EndTxnRequest.self, body))
    case .txnOffsetCommit: serve(try decode(TxnOffsetCommitRequest.self, body))
    case .describeProducers: serve(try decode(DescribeProducersRequest.self, body))
    case .describeTransactions: serve(try decode(DescribeTransactionsRequest.self, body))
    case .listTransactions: serve(try decode(ListTransactionsRequest.self, body))
    default: throw UnservedRequest(api: header.api, version: version)
    }
  }
}
