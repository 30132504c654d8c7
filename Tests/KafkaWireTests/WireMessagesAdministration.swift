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
