import KafkaWire
import Testing

@Suite("Wire messages")
struct WireRoundTripTests {
  @Test("what is written is read back, in every version", arguments: WireAPI.metadata.versions)
  func metadata(version: Int16) throws {
    var partition = MetadataResponse.Partition()
    partition.leader = 2
    partition.replicas = [2, 3]
    var topic = MetadataResponse.Topic()
    topic.name = "orders"
    topic.partitions = [partition]
    var response = MetadataResponse()
    response.topics = [topic]
    var writer = WireWriter(version: version, isFlexible: WireAPI.metadata.isFlexible(version))
    try writer.message(response)
    var reader = WireReader(writer.bytes[...], version: version, isFlexible: WireAPI.metadata.isFlexible(version))
    let read: MetadataResponse = try reader.message()
    #expect(read == response)
  }
}
