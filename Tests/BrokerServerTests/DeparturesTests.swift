import Clockwork
import RecordLog
import Testing

@testable import Broker
@testable import BrokerServer

@Suite("Departures")
struct DeparturesTests {
  @Test("a broker that was fenced is remembered for five seconds, or until it is back")
  func remembers() throws {
    var disk = QuorumDisk()
    var image = MetadataImage()
    var departures = Departures()
    var now = Instant.start
    func happens(_ record: MetadataRecord) {
      disk.append([QuorumEntry(QuorumEpoch(1), record)])
      _ = image.catchUp(disk, to: disk.log.endOffset)
      departures.note(image, at: now)
    }
    for id in [NodeID(1), NodeID(2), NodeID(3)] {
      happens(.brokerRegistered(id, incarnation: 1, cleanShutdown: true, endpoint: nil))
      happens(.brokerUnfenced(id, try #require(image.broker(id)).epoch))
    }
    #expect(departures.since(now).isEmpty)
    happens(.brokerFenced(NodeID(2), try #require(image.broker(NodeID(2))).epoch))
    now = now + .seconds(3)
    happens(.brokerFenced(NodeID(3), try #require(image.broker(NodeID(3))).epoch))
    #expect(departures.since(now) == [NodeID(2), NodeID(3)])
    #expect(departures.since(now + .seconds(4)) == [NodeID(3)])
    happens(.brokerUnfenced(NodeID(3), try #require(image.broker(NodeID(3))).epoch))
    #expect(departures.since(now) == [NodeID(2)])
    #expect(departures.since(now + .seconds(60)).isEmpty)
  }
}
