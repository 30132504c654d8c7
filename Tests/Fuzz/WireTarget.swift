import KafkaWire

/// The first two bytes choose an API and a version, the third a direction; the rest is the message. What can be read must
/// be writable, and what was written must read back to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard count > 3 else { return 0 }
  var frame = bytes[3...]
  _ = try? RequestHeader(reading: &frame)
  let request = messages[Int(bytes[0]) % messages.count]
  let served = request.api.servedVersions
  let version = served.lowerBound + Int16(bytes[1]) % Int16(served.count)
  if bytes[2] & 1 == 0 { tryRequest(request, bytes[3...], version) } else { tryResponse(request, bytes[3...], version) }
  return 0
}

private func tryRequest<Request: WireRequest>(_: Request.Type, _ bytes: ArraySlice<UInt8>, _ version: Int16) {
  rewrite(Request.self, bytes, version, Request.api.isFlexible(version))
}

private func tryResponse<Request: WireRequest>(_: Request.Type, _ bytes: ArraySlice<UInt8>, _ version: Int16) {
  rewrite(Request.Response.self, bytes, version, Request.api.isFlexible(version))
}

private func rewrite<Message: WireStruct>(
  _: Message.Type, _ bytes: ArraySlice<UInt8>, _ version: Int16, _ isFlexible: Bool
) {
  var reader = WireReader(bytes, version: version, isFlexible: isFlexible)
  var message = Message()
  do { try message.code(&reader) } catch { return }
  var writer = WireWriter(version: version, isFlexible: isFlexible)
  do { try message.code(&writer) } catch { return }
}

private let messages: [any WireRequest.Type] = [
  ApiVersionsRequest.self, MetadataRequest.self, ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self,
  OffsetForLeaderEpochRequest.self, FindCoordinatorRequest.self, JoinGroupRequest.self, SyncGroupRequest.self,
  HeartbeatRequest.self, LeaveGroupRequest.self, OffsetCommitRequest.self, OffsetFetchRequest.self,
  OffsetDeleteRequest.self, DescribeGroupsRequest.self, ListGroupsRequest.self, DeleteGroupsRequest.self,
  ConsumerGroupHeartbeatRequest.self, ConsumerGroupDescribeRequest.self, InitProducerIDRequest.self,
  AddPartitionsToTxnRequest.self, AddOffsetsToTxnRequest.self, EndTxnRequest.self, WriteTxnMarkersRequest.self,
  TxnOffsetCommitRequest.self, DescribeProducersRequest.self, DescribeTransactionsRequest.self,
  ListTransactionsRequest.self, SaslHandshakeRequest.self, SaslAuthenticateRequest.self, DescribeACLsRequest.self,
  CreateACLsRequest.self, DeleteACLsRequest.self, DescribeUserScramCredentialsRequest.self,
  AlterUserScramCredentialsRequest.self, CreateTopicsRequest.self, DeleteTopicsRequest.self,
  CreatePartitionsRequest.self, DescribeConfigsRequest.self, AlterConfigsRequest.self,
  IncrementalAlterConfigsRequest.self, DescribeClusterRequest.self, DeleteRecordsRequest.self,
  ElectLeadersRequest.self, AlterPartitionReassignmentsRequest.self, ListPartitionReassignmentsRequest.self,
  DescribeLogDirsRequest.self,
]
