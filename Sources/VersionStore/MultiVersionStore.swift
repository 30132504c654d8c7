public import Histories

/// A small database with several versions of each value, in memory: it gives each transaction the isolation that it
/// asks for, and no more, so that every anomaly can be seen at the level that allows it.
///
/// One step at a time, no threads: what interleaves is up to whoever gives the steps. A step that must wait is kept and
/// taken once it may be, as a blocked statement is.
public struct MultiVersionStore: Sendable {
  /// How much a transaction notices of others.
  public enum Level: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Not even writes wait for each other. No database offers this; here it shows what the weakest level is for.
    case none
    case readUncommitted = "read uncommitted"
    case readCommitted = "read committed"
    /// Reads what was committed when it began; of two that write the same, the first to commit wins.
    case snapshot = "snapshot isolation"
    /// As snapshot, and validated at commit: nothing that it read has been replaced meanwhile. Stricter than need be
    /// (serializable snapshot isolation, Cahill et al. 2008, aborts less), and as safe.
    case serializable

    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public enum Request: Hashable, Sendable {
    case read(String)
    case write(String, String)
    /// All rows of a table.
    case scan(String)
    /// A row more in a table.
    case insert(String, String)
    case commit
    case abort
  }

  public enum Reply: Hashable, Sendable {
    case value(String?)
    case rows([String])
    case done
    case committed
    case aborted(String)
    /// Another transaction has to end first.
    case waits(for: String)
    case refused(String)
  }

  /// Something that happened, in order: a step taken, at once or after waiting.
  public struct Event: Hashable, Sendable {
    public var transaction: String
    public var request: Request
    public var reply: Reply

    public init(transaction: String, request: Request, reply: Reply) {
      (self.transaction, self.request, self.reply) = (transaction, request, reply)
    }
  }

  private struct Version: Hashable, Sendable {
    var value: String
    var writer: Int
    /// Counts every write.
    var sequence: Int
    /// Counts commits; nil while its writer is not done.
    var committed: Int?
  }

  private struct Running: Sendable {
    var name: String
    var level: Level
    /// The last commit that its snapshot holds.
    var snapshot: Int
    var steps: [Transaction.Step] = []
    var end: Transaction.End?
    var reads: Set<String> = []
    var scans: Set<String> = []
    var writes: Set<String> = []
    var waiting: [Request] = []
    var waitsFor: Int?
    var began: Int
    var ended: Int?
  }

  /// By key; a row's key is its table, a slash and its value.
  private var versions: [String: [Version]] = [:]
  private var running: [Running] = []
  private var commits = 0
  private var writes = 0
  private var clock = 0
  /// By register, the values in the order in which they took effect.
  private var installed: [String: [String]] = [:]

  public init(_ initial: [String: String] = [:]) {
    for (key, value) in initial {
      versions[key] = [Version(value: value, writer: -1, sequence: 0, committed: 0)]
    }
  }

  // MARK: What a client may do

  /// Nil when there is such a transaction already, running.
  public mutating func begin(_ name: String, _ level: Level) -> Bool {
    guard place(of: name) == nil else { return false }
    clock += 1
    running.append(Running(name: name, level: level, snapshot: commits, began: clock))
    return true
  }

  /// Takes a step of a transaction, and then those that waited for it. The first event is this one's.
  public mutating func take(_ request: Request, by name: String) -> [Event] {
    guard let at = place(of: name) else {
      return [Event(transaction: name, request: request, reply: .refused("No transaction \(name) is running."))]
    }
    clock += 1
    if let other = running[at].waitsFor, request != .abort {
      running[at].waiting.append(request)
      return [Event(transaction: name, request: request, reply: .waits(for: running[other].name))]
    }
    var events = [Event(transaction: name, request: request, reply: step(request, at))]
    events += wakeThoseWaiting()
    return events
  }

  /// Running or ended, as they were seen from outside: for a judge.
  public var transactions: [Transaction] {
    running.filter { !$0.steps.isEmpty || $0.end != nil }.map {
      Transaction($0.name, $0.steps, $0.end ?? .unknown, began: $0.began, ended: $0.ended)
    }
  }

  public var judge: IsolationJudge { IsolationJudge(transactions, installed: installed) }

  /// Names, levels and states, in the order of their beginning.
  public var overview: [(name: String, level: Level, state: String)] {
    running.map { transaction in
      let state =
        switch transaction.end {
        case .committed?: "committed"
        case .aborted?: "aborted"
        case .unknown?, nil: transaction.waitsFor.map { "waits for \(running[$0].name)" } ?? "running"
        }
      return (transaction.name, transaction.level, state)
    }
  }

  /// What a new reader would see, in order of key.
  public var committed: [(key: String, value: String)] {
    versions.keys.sorted().compactMap { key in newest(key) { $0.committed != nil }.map { (key, $0.value) } }
  }

  // MARK: Steps

  private func place(of name: String) -> Int? { running.lastIndex { $0.name == name && $0.end == nil } }

  private mutating func step(_ request: Request, _ at: Int) -> Reply {
    switch request {
    case .read(let key):
      let value = visible(key, to: at)
      running[at].reads.insert(key)
      running[at].steps.append(.read(key, value))
      return .value(value)
    case .scan(let table):
      let rows = rows(of: table, to: at)
      running[at].scans.insert(table)
      running[at].steps.append(.readRows(table, rows))
      return .rows(rows)
    case .write(let key, let value): return write(key, value, at, request) { .write(key, value) }
    case .insert(let table, let row): return write("\(table)/\(row)", row, at, request) { .insert(table, row) }
    case .commit: return commit(at)
    case .abort:
      end(at, .aborted)
      return .aborted("as asked")
    }
  }

  private mutating func write(
    _ key: String, _ value: String, _ at: Int, _ request: Request, _ step: () -> Transaction.Step
  ) -> Reply {
    if running[at].level != .none, let other = holder(of: key, but: at) {
      if waits(other, for: at) { return abort(at, "it and \(running[other].name) would wait for each other") }
      running[at].waitsFor = other
      running[at].waiting.append(request)
      return .waits(for: running[other].name)
    }
    if running[at].level >= .snapshot,
      let newer = versions[key]?.last(where: { $0.committed ?? 0 > running[at].snapshot })
    {
      return abort(at, "\(running[newer.writer].name) has written \(key) since it began")
    }
    writes += 1
    versions[key, default: []].append(Version(value: value, writer: at, sequence: writes, committed: nil))
    running[at].writes.insert(key)
    running[at].steps.append(step())
    return .done
  }

  private mutating func commit(_ at: Int) -> Reply {
    if running[at].level == .serializable, !running[at].writes.isEmpty, let reason = replaced(at) {
      return abort(at, reason)
    }
    commits += 1
    for key in running[at].writes.sorted() {
      for place in (versions[key] ?? []).indices where versions[key]?[place].writer == at {
        versions[key]?[place].committed = commits
      }
    }
    end(at, .committed)
    return .committed
  }

  private mutating func abort(_ at: Int, _ reason: String) -> Reply {
    end(at, .aborted)
    return .aborted(reason)
  }

  private mutating func end(_ at: Int, _ end: Transaction.End) {
    if end == .aborted { for key in running[at].writes { versions[key]?.removeAll { $0.writer == at } } }
    clock += 1
    running[at].ended = clock
    running[at].end = end
    running[at].waiting = []
    running[at].waitsFor = nil
    for key in running[at].writes where !key.contains("/") {
      installed[key] = order(of: versions[key] ?? [])
    }
  }

  /// The last value of each writer, as they took effect: without isolation when written, else when committed.
  private func order(of versions: [Version]) -> [String] {
    var last: [Int: Version] = [:]
    for version in versions where version.writer >= 0 && version.committed != nil { last[version.writer] = version }
    return last.values.sorted {
      let (a, b) = (running[$0.writer].level == .none, running[$1.writer].level == .none)
      return a || b ? $0.sequence < $1.sequence : ($0.committed ?? 0) < ($1.committed ?? 0)
    }.map(\.value)
  }

  /// Why what it read would not be read so now; nil when it would.
  private func replaced(_ at: Int) -> String? {
    let snapshot = running[at].snapshot
    for key in versions.keys.sorted() {
      guard let newer = versions[key]?.last(where: { $0.committed ?? 0 > snapshot }) else { continue }
      let table = key.split(separator: "/").first.map(String.init) ?? key
      if running[at].reads.contains(key) || key.contains("/") && running[at].scans.contains(table) {
        return "it read \(key.contains("/") ? table : key), which \(running[newer.writer].name) has changed since"
      }
    }
    return nil
  }

  private mutating func wakeThoseWaiting() -> [Event] {
    var events: [Event] = []
    while let at = running.indices.first(where: { place in
      running[place].waitsFor.map { running[$0].end != nil } ?? false
    }) {
      running[at].waitsFor = nil
      let requests = running[at].waiting
      running[at].waiting = []
      for (place, request) in requests.enumerated() {
        guard running[at].end == nil else { break }
        let reply = step(request, at)
        events.append(Event(transaction: running[at].name, request: request, reply: reply))
        if case .waits = reply {
          running[at].waiting = Array(requests[place...])
          break
        }
      }
    }
    return events
  }

  // MARK: Who sees what

  private func visible(_ key: String, to at: Int) -> String? {
    let transaction = running[at]
    switch transaction.level {
    case .none, .readUncommitted: return newest(key) { _ in true }?.value
    case .readCommitted: return (newest(key) { $0.writer == at } ?? newest(key) { $0.committed != nil })?.value
    case .snapshot, .serializable:
      let own = newest(key) { $0.writer == at }
      return (own ?? newest(key) { $0.committed.map { $0 <= transaction.snapshot } ?? false })?.value
    }
  }

  /// The version written or committed last among those that count.
  private func newest(_ key: String, _ counts: (Version) -> Bool) -> Version? {
    (versions[key] ?? []).filter(counts).max { $0.sequence < $1.sequence }
  }

  private func rows(of table: String, to at: Int) -> [String] {
    versions.keys.filter { $0.hasPrefix(table + "/") }.sorted().compactMap { visible($0, to: at) }
  }

  /// Who has written the key and is not done.
  private func holder(of key: String, but at: Int) -> Int? {
    versions[key]?.last { $0.committed == nil && $0.writer != at }?.writer
  }

  /// Whether one waits for the other, perhaps by way of others.
  private func waits(_ one: Int, for other: Int) -> Bool {
    var at: Int? = one
    while let place = at {
      if place == other { return true }
      at = running[place].waitsFor
    }
    return false
  }
}
