import Broker
import RecordLog

extension BrokerDisk<SegmentedLog> {
  /// Removes the logs that were opened but are nobody's: their topics were deleted while this broker was down. Slots stay,
  /// as they do for topics that are deleted before its eyes.
  mutating func removeOrphans(_ isOrphan: (PartitionID) -> Bool) {
    for slot in partitions.indices where isOrphan(partitions[slot].id) {
      // One that was removed before is gone; one that cannot be is found again by the next life.
      try? partitions[slot].log.remove()
    }
  }
}
