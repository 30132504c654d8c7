import KafkaWire

extension Exchange {
  /// Hands the request to the API's own part.
  func serve(_ body: ArraySlice<UInt8>) throws {
    guard let api = WireAPI(rawValue: header.api), api.servedVersions.contains(version) else {
      // The one request that a client may send before it knows our versions.
      if header.api == WireAPI.apiVersions.rawValue { return refuseApiVersions() }
      throw UnservedRequest(api: header.api, version: version)
    }
    try checkAdmitted(api)
    switch api {
    case .saslHandshake: serve(try decode(SaslHandshakeRequest.self, body))
    case .saslAuthenticate: serve(try decode(SaslAuthenticateRequest.self, body))
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
    case .consumerGroupHeartbeat: serve(try decode(ConsumerGroupHeartbeatRequest.self, body))
    case .consumerGroupDescribe: serve(try decode(ConsumerGroupDescribeRequest.self, body))
    case .initProducerID: serve(try decode(InitProducerIDRequest.self, body))
    case .addPartitionsToTxn: serve(try decode(AddPartitionsToTxnRequest.self, body))
    case .addOffsetsToTxn: serve(try decode(AddOffsetsToTxnRequest.self, body))
    case .endTxn: serve(try decode(EndTxnRequest.self, body))
    case .txnOffsetCommit: serve(try decode(TxnOffsetCommitRequest.self, body))
    case .describeProducers: serve(try decode(DescribeProducersRequest.self, body))
    case .describeTransactions: serve(try decode(DescribeTransactionsRequest.self, body))
    case .listTransactions: serve(try decode(ListTransactionsRequest.self, body))
    case .createTopics: serve(try decode(CreateTopicsRequest.self, body))
    case .deleteTopics: serve(try decode(DeleteTopicsRequest.self, body))
    case .createPartitions: serve(try decode(CreatePartitionsRequest.self, body))
    case .describeConfigs: serve(try decode(DescribeConfigsRequest.self, body))
    case .alterConfigs: serve(try decode(AlterConfigsRequest.self, body))
    case .incrementalAlterConfigs: serve(try decode(IncrementalAlterConfigsRequest.self, body))
    case .describeCluster: serve(try decode(DescribeClusterRequest.self, body))
    case .deleteRecords: serve(try decode(DeleteRecordsRequest.self, body))
    case .electLeaders: serve(try decode(ElectLeadersRequest.self, body))
    case .alterPartitionReassignments: serve(try decode(AlterPartitionReassignmentsRequest.self, body))
    case .listPartitionReassignments: serve(try decode(ListPartitionReassignmentsRequest.self, body))
    case .describeLogDirs: serve(try decode(DescribeLogDirsRequest.self, body))
    case .describeACLs: serve(try decode(DescribeACLsRequest.self, body))
    case .createACLs: serve(try decode(CreateACLsRequest.self, body))
    case .deleteACLs: serve(try decode(DeleteACLsRequest.self, body))
    case .describeUserScramCredentials: serve(try decode(DescribeUserScramCredentialsRequest.self, body))
    case .alterUserScramCredentials: serve(try decode(AlterUserScramCredentialsRequest.self, body))
    case .writeTxnMarkers: serve(try decode(WriteTxnMarkersRequest.self, body))
    }
  }
}
