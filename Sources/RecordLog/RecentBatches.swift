/// Where the last few batches of a segment lie, so that a reader at the log's end costs no look into the file.
struct RecentBatches {
  private static let capacity = 64

  /// A ring once it is full; `oldest` is where it begins.
  private var extents: [BatchExtent] = []
  private var oldest = 0

  mutating func append(_ extent: BatchExtent) {
    if extents.count < Self.capacity {
      extents.append(extent)
    } else {
      extents[oldest] = extent
      oldest = (oldest + 1) % Self.capacity
    }
  }

  mutating func removeAll() {
    extents.removeAll(keepingCapacity: true)
    oldest = 0
  }

  private subscript(index: Int) -> BatchExtent { extents[(oldest + index) % extents.count] }

  /// The bytes of the batches that hold offsets in `from ..< limit`: the first one, then as many as fit in `maxBytes`.
  /// Nil when batches before these may belong to it too; `from` must lie before the segment's end.
  func bytes(from: Offset, upTo limit: Offset, maxBytes: Int) -> Range<Int>? {
    var first = extents.count
    while first > 0, self[first - 1].lastOffset >= from { first -= 1 }
    guard first < extents.count, first > 0 || self[0].baseOffset <= from else { return nil }
    let start = self[first].position
    guard self[first].baseOffset < limit else { return start..<start }
    var end = self[first].end
    for index in first + 1..<max(extents.count, first + 1) {
      guard self[index].baseOffset < limit, self[index].end - start <= maxBytes else { break }
      end = self[index].end
    }
    return start..<end
  }
}
