import RecordLog
import Testing

@Suite("Headers and markers")
struct TransactionMarkerTests {
  @Test("A header says what its batch says", arguments: [0, 5, Int32.max - 1])
  func header(baseSequence: Int32) throws {
    let records = (0..<3).map { Record(key: "k", value: "v\($0)", timestamp: 100 + Int64($0)) }
    let batch = RecordBatch(
      records: records, baseOffset: Offset(42), leaderEpoch: LeaderEpoch(7),
      producer: .init(id: 9, epoch: 2, baseSequence: baseSequence),
      attributes: .init(isTransactional: true, isControl: false))
    let header = try RecordBatch.Header(validating: batch.serialized().prefix(RecordBatch.Header.size))
    #expect(header == batch.header)
    #expect(header.lastOffset == Offset(44) && header.nextOffset == batch.nextOffset)
    #expect(header.lastSequence == batch.lastSequence)
    #expect(header.sizeInBytes == batch.serialized().count)
    #expect(header.maxTimestamp == 102 && header.producerID == 9 && header.producerEpoch == 2)
    #expect(header.attributes.isTransactional && !header.attributes.isControl)
  }

  @Test("A header that is cut short or lies is refused, not read")
  func refused() {
    let bytes = RecordBatch(records: [Record(key: nil, value: "v")]).serialized()
    #expect(throws: RecordBatchError.truncated(needed: 61, available: 60)) {
      try RecordBatch.Header(validating: bytes.prefix(60))
    }
    for (index, value) in [(0, 0xff as UInt8), (8, 0xff), (16, 1), (23, 0x80), (57, 0x80)] {
      var lying = bytes
      lying[index] = value
      #expect(throws: RecordBatchError.self) { try RecordBatch.Header(validating: lying[...]) }
    }
  }

  @Test("A marker is the control record that Kafka writes", arguments: TransactionMarker.allCases)
  func marker(marker: TransactionMarker) throws {
    let written = MarkerRecord(marker, coordinatorEpoch: 0x0102_0304)
    let batch = RecordBatch(written, producerID: 5, producerEpoch: 3, timestamp: 1234)
    #expect(batch.markerRecord == written)
    #expect(batch.attributes.isControl && batch.attributes.isTransactional)
    #expect(batch.baseSequence == -1 && batch.lastSequence == -1 && batch.recordCount == 1)
    let record = try #require(try batch.records().first)
    #expect(record.key == [0, 0, 0, marker == .commit ? 1 : 0])
    #expect(record.value == [0, 0, 1, 2, 3, 4])
  }

  @Test("What is no marker is not taken for one")
  func others() {
    let plain = RecordBatch(records: [MarkerRecord(.commit, coordinatorEpoch: 0).record(timestamp: 0)])
    #expect(plain.markerRecord == nil)
    let control = RecordBatch.Attributes(isTransactional: false, isControl: true)
    for key: [UInt8] in [[], [0, 0, 0, 2], [0, 0, 0], [0xff, 0xff, 0, 1]] {
      let batch = RecordBatch(records: [Record(key: key, value: [0, 0, 0, 0, 0, 0])], attributes: control)
      #expect(batch.markerRecord == nil)
    }
  }

  @Test("A scan visits every header that reaches the offset, and the markers")
  func scan() throws {
    var log = MemoryLog()
    for n in 0..<300 {
      var batch =
        n % 7 == 6
        ? RecordBatch(MarkerRecord(.abort, coordinatorEpoch: Int32(n)), producerID: 1, producerEpoch: 0, timestamp: 0)
        : RecordBatch(records: [Record(key: nil, value: "a"), Record(key: nil, value: "b")])
      batch.baseOffset = log.endOffset
      batch.leaderEpoch = LeaderEpoch(0)
      try log.append(batch)
    }
    let all = try log.read(from: .zero, upTo: log.endOffset, maxBytes: .max)
    for start in [Offset.zero, Offset(1), Offset(200), log.endOffset] {
      var visited: [RecordBatch.Header] = []
      var markers: [MarkerRecord] = []
      try log.scan(from: start) { header, marker in
        visited.append(header)
        if let marker { markers.append(marker) }
      }
      let expected = all.filter { $0.lastOffset >= start }
      #expect(visited == expected.map(\.header))
      #expect(markers == expected.compactMap(\.markerRecord))
    }
  }
}
