extension TopicConfig {
  /// Every setting of a topic, by name, ascending. Source: Kafka's topic configuration reference, 4.0.
  public static let definitions: [ConfigDefinition] = [
    ConfigDefinition(
      "cleanup.policy", "delete", .list, .words(["delete", "compact"]), isEveryday: true,
      "Whether old segments are deleted, compacted to the latest record of each key, or both."),
    ConfigDefinition(
      "compression.type", "producer", .string,
      .word(["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]), isEveryday: true,
      "How batches are stored: as the producer chose, or compressed anew."),
    ConfigDefinition(
      "delete.retention.ms", "86400000", .long, .span, isEveryday: true,
      "How long compaction keeps a tombstone."),
    ConfigDefinition(
      "file.delete.delay.ms", "60000", .long, .span, "How long a deleted segment's file is kept."),
    ConfigDefinition(
      "flush.messages", "9223372036854775807", .long, .number(1...(.max)),
      "After how many records a log is forced to disk."),
    ConfigDefinition(
      "flush.ms", "9223372036854775807", .long, .span, "After how long a log is forced to disk."),
    ConfigDefinition(
      "follower.replication.throttled.replicas", "", .list, .text,
      "partition:broker pairs whose followers are throttled; * is all."),
    ConfigDefinition(
      "index.interval.bytes", "4096", .int, .size, "How many bytes of log lie between two entries of the index."),
    ConfigDefinition(
      "leader.replication.throttled.replicas", "", .list, .text,
      "partition:broker pairs whose leaders are throttled; * is all."),
    ConfigDefinition(
      "max.compaction.lag.ms", "9223372036854775807", .long, .number(1...(.max)),
      "How long a record may stay uncompacted."),
    ConfigDefinition(
      "max.message.bytes", "1048588", .int, .size, isEveryday: true, "The largest batch that is taken, in bytes."),
    ConfigDefinition(
      "message.timestamp.after.max.ms", "3600000", .long, .span,
      "How far a record's timestamp may be ahead of the broker's clock."),
    ConfigDefinition(
      "message.timestamp.before.max.ms", "9223372036854775807", .long, .span,
      "How far a record's timestamp may be behind the broker's clock."),
    ConfigDefinition(
      "message.timestamp.type", "CreateTime", .string, .word(["CreateTime", "LogAppendTime"]), isEveryday: true,
      "Whether a record carries the producer's time or the time of its append."),
    ConfigDefinition(
      "min.cleanable.dirty.ratio", "0.5", .double, .fraction,
      "What part of a log must be uncompacted before compaction runs."),
    ConfigDefinition(
      "min.compaction.lag.ms", "0", .long, .span, isEveryday: true,
      "How long a record stays uncompacted at least."),
    ConfigDefinition(
      "min.insync.replicas", "1", .int, .number(1...Int64(Int32.max)), isEveryday: true,
      "How many replicas must be in sync for acks=all."),
    ConfigDefinition("preallocate", "false", .boolean, .flag, "Whether a segment's file gets its full size at once."),
    ConfigDefinition(
      "retention.bytes", "-1", .long, .number(-1...(.max)), isEveryday: true,
      "How large a partition grows before its oldest segments go; -1 is no limit."),
    ConfigDefinition(
      "retention.ms", "604800000", .long, .number(-1...(.max)), isEveryday: true,
      "How long records are kept; -1 is for ever."),
    ConfigDefinition(
      "segment.bytes", "1073741824", .int, .number(14...Int64(Int32.max)), isEveryday: true,
      "How large a segment grows."),
    ConfigDefinition(
      "segment.index.bytes", "10485760", .int, .number(4...Int64(Int32.max)), "How large a segment's index grows."),
    ConfigDefinition(
      "segment.jitter.ms", "0", .long, .span, "By how much segment.ms is shortened at random."),
    ConfigDefinition(
      "segment.ms", "604800000", .long, .number(1...(.max)), isEveryday: true,
      "How long a segment is written to."),
    ConfigDefinition(
      "unclean.leader.election.enable", "false", .boolean, .flag, isEveryday: true,
      "Whether a replica that may lack acknowledged records may lead when no other can."),
  ]
}
