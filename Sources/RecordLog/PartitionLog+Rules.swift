extension PartitionLog {
  /// Reads everything, a megabyte at a time.
  public func scan(from offset: Offset, _ visit: (RecordBatch.Header, MarkerRecord?) -> Void) throws(LogError) {
    var next = max(offset, startOffset)
    while next < endOffset {
      let batches = try read(from: next, upTo: endOffset, maxBytes: 1 << 20)
      guard let last = batches.last else { return }
      for batch in batches { visit(batch.header, batch.markerRecord) }
      next = last.nextOffset
    }
  }

  /// The rules every log holds an append to.
  func checkAppendable(_ batch: RecordBatch) throws(LogError) {
    guard batch.baseOffset >= endOffset else {
      throw .notAppendable(
        "The batch begins at offset \(batch.baseOffset). Expected: the log end \(endOffset), or later")
    }
    guard batch.nextOffset > batch.baseOffset else {
      throw .notAppendable("The batch takes up no offset: it holds no record")
    }
    if let latest = epochs.latest, batch.leaderEpoch < latest {
      throw .notAppendable("The batch is of epoch \(batch.leaderEpoch). Expected: the latest epoch \(latest), or later")
    }
  }
}
