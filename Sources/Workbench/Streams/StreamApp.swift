import Broker
import Bytes
import Clockwork
import EventSourcing
import RecordLog

/// A stream application on the bench: a topology at work on topics of the cluster.
///
/// What it remembers is here, in its memory; everything else is in the cluster: what it reads, what it tells, the
/// changelog of what it remembers, and how far it has read.
struct StreamApp: Sendable {
  /// What it does with its records.
  enum Work: Hashable, Sendable {
    /// Counts the values of a topic, in windows by the time in each record.
    case count(StreamWindow, emitting: WindowEmission)
    /// Puts beside each record what a table's topic says of its key.
    case join(table: String)
  }

  let name: String
  let source: String
  let work: Work
  let partitions: Int32
  /// Who reads and writes for it.
  let client: NodeID
  let topology: Topology
  /// One for each partition; nil after a crash.
  var tasks: [StreamTask]?
  /// How far it has read, of topics that it has read something of.
  var positions: [TopicPartition: Int64] = [:]

  init(_ name: String, source: String, work: Work, partitions: Int32, client: NodeID) {
    self.name = name
    self.source = source
    self.work = work
    self.partitions = partitions
    self.client = client
    topology = Self.topology(name, source, work)
    tasks = (0..<partitions).map { [topology] _ in StreamTask(topology) }
  }

  static func counts(of name: String) -> String { "\(name)-counts" }

  /// Where it tells its results.
  var results: String {
    switch work {
    case .count: Self.counts(of: name)
    case .join: "\(name)-joined"
    }
  }

  var window: StreamWindow? {
    if case .count(let window, _) = work { window } else { nil }
  }

  /// The topics of its own, with their settings.
  var ownTopics: [(name: String, settings: [TopicSetting])] {
    topology.repartitions.map { ($0, []) } + [(results, [])]
      + topology.changelogs.map { ($0, [TopicSetting("cleanup.policy", "compact")]) }
  }

  var counts: StreamCounts {
    (tasks ?? []).reduce(into: StreamCounts()) { sum, task in
      sum.records += task.counts.records
      sum.lateCounted += task.counts.lateCounted
      sum.lateDropped += task.counts.lateDropped
      sum.unreadable += task.counts.unreadable
    }
  }

  private static func topology(_ name: String, _ source: String, _ work: Work) -> Topology {
    let builder = TopologyBuilder(name)
    switch work {
    case .count(let window, let emission):
      builder.stream(source, .text, .text).rekey("by-value", .text) { _, value in value }
        .windowed(window).count(into: "counts", emitting: emission).changes
        .to(counts(of: name)) { windowed, count in (TimedText.key(windowed), Array(String(count).utf8)) }
    case .join(let table):
      let known = builder.table(table, .text, .text, store: table)
      builder.stream(source, .text, .text).leftJoin(known, .text) { "\($0) \($1 ?? "?")" }.to("\(name)-joined")
    }
    return builder.build()
  }

  // MARK: Records

  /// A record as the topology takes it: the time of a source's record stands in its value, `Mapo@12s`.
  func read(_ record: ConsumedRecord, of topic: String) -> StreamRecord {
    let isTable = if case .join(let table) = work { table == topic } else { false }
    guard !isTable, let value = record.value, let timed = TimedText(value) else {
      return StreamRecord(
        topic: topic, key: record.key ?? [], value: record.value,
        time: .start + .milliseconds(max(0, record.timestamp)))
    }
    return StreamRecord(topic: topic, key: record.key ?? [], value: timed.text, time: timed.time)
  }

  /// A record as it stands in the cluster. Changelogs of windows are written so that a person can read them.
  func write(_ record: StreamRecord) -> Record {
    if topology.repartitions.contains(record.topic), let value = record.value {
      return Record(key: record.key, value: TimedText(text: value, time: record.time).bytes)
    }
    guard topology.changelogs.contains(record.topic), window != nil else {
      return Record(key: record.key, value: record.value)
    }
    let number = record.value.flatMap { try? Serde<Int64>.number.value($0) }
    guard let key = record.key, !key.isEmpty, let windowed = try? Serde<String>.text.windowed.value(key) else {
      let time = Instant(nanoseconds: number ?? 0)
      return Record(key: Array("stream-time".utf8), value: Array(TimedText.seconds(time).utf8))
    }
    return Record(key: TimedText.key(windowed), value: number.map { Array(String($0).utf8) })
  }

  /// The other way; nil for what is no line of a changelog.
  func changelog(_ record: ConsumedRecord, of topic: String) -> StreamRecord? {
    guard let key = record.key else { return nil }
    guard window != nil else { return StreamRecord(topic: topic, key: key, value: record.value, time: .start) }
    let text = record.value.map { String(decoding: $0, as: UTF8.self) }
    if key == Array("stream-time".utf8) {
      guard let time = text.flatMap({ Interval(parsing: $0) }) else { return nil }
      let value = Serde<Int64>.number.bytes(time.nanoseconds)
      return StreamRecord(topic: topic, key: [], value: value, time: .start)
    }
    guard let timed = TimedText(key) else { return nil }
    let windowed = Windowed(start: timed.time, key: String(decoding: timed.text, as: UTF8.self))
    return StreamRecord(
      topic: topic, key: Serde<String>.text.windowed.bytes(windowed),
      value: text.flatMap { Int64($0) }.map { Serde<Int64>.number.bytes($0) }, time: .start)
  }
}

/// `Mapo@12s`: a text and a moment.
struct TimedText: Hashable, Sendable {
  var text: [UInt8]
  var time: Instant

  init(text: [UInt8], time: Instant) {
    self.text = text
    self.time = time
  }

  /// Nil without an `@` and a time behind it.
  init?(_ bytes: [UInt8]) {
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")),
      let time = Interval(parsing: String(decoding: bytes[(at + 1)...], as: UTF8.self))
    else { return nil }
    self.init(text: Array(bytes[..<at]), time: .start + time)
  }

  var bytes: [UInt8] { text + Array("@\(Self.seconds(time))".utf8) }

  /// `61s`, `1.5s`.
  static func seconds(_ time: Instant) -> String { Self.seconds(time - .start) }

  static func seconds(_ length: Interval) -> String {
    let (whole, rest) = (length.milliseconds / 1_000, length.milliseconds % 1_000)
    guard rest != 0 else { return "\(whole)s" }
    var digits = String(1_000 + abs(rest)).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(whole).\(digits)s"
  }

  static func key(_ windowed: Windowed<String>) -> [UInt8] {
    TimedText(text: Array(windowed.key.utf8), time: windowed.start).bytes
  }
}
