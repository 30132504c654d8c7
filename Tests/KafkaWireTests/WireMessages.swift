import KafkaWire

/// The requests in `Administration/`; each names its response.
let administration: [any WireRequest.Type] = [
  ApiVersionsRequest.self, MetadataRequest.self, DescribeClusterRequest.self,
  CreateTopicsRequest.self, DeleteTopicsRequest.self, CreatePartitionsRequest.self, DeleteRecordsRequest.self,
  DescribeConfigsRequest.self, AlterConfigsRequest.self, IncrementalAlterConfigsRequest.self,
  DescribeLogDirsRequest.self, ElectLeadersRequest.self, AlterPartitionReassignmentsRequest.self,
  ListPartitionReassignmentsRequest.self,
]

/// The requests in `Security/`.
let security: [any WireRequest.Type] = [
  SaslHandshakeRequest.self, SaslAuthenticateRequest.self, DescribeACLsRequest.self, CreateACLsRequest.self,
  DeleteACLsRequest.self, DescribeUserScramCredentialsRequest.self, AlterUserScramCredentialsRequest.self,
]

/// The requests in `Data/`.
let data: [any WireRequest.Type] = [
  ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, OffsetForLeaderEpochRequest.self,
]

/// The requests in `Groups/`.
let groups: [any WireRequest.Type] = [
  FindCoordinatorRequest.self, JoinGroupRequest.self, SyncGroupRequest.self, HeartbeatRequest.self,
  LeaveGroupRequest.self, OffsetCommitRequest.self, OffsetFetchRequest.self, OffsetDeleteRequest.self,
  DescribeGroupsRequest.self, ListGroupsRequest.self, DeleteGroupsRequest.self, ConsumerGroupHeartbeatRequest.self,
  ConsumerGroupDescribeRequest.self,
]

/// The requests in `Transactions/`.
let transactions: [any WireRequest.Type] = [
  InitProducerIDRequest.self, AddPartitionsToTxnRequest.self, AddOffsetsToTxnRequest.self, EndTxnRequest.self,
  WriteTxnMarkersRequest.self, TxnOffsetCommitRequest.self, DescribeProducersRequest.self,
  DescribeTransactionsRequest.self,
  ListTransactionsRequest.self,
]
