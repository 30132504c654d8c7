import ArgumentParser
import Clockwork
import EventSourcing

extension StreamCommands {
  struct Show: BenchCommand {
    static let examples = ["stream show pulse"]
    static let configuration = help(
      "show", "Show one: what it remembers and what it has told.",
      "Told is what stands in its topic of results, committed. A window is open as long as it takes late records; closed ones are no longer remembered."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "stream")) var name: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let app = bench.apparatus.streams[try bench.needStream(name)]
      var lines = [Line(Self.heading(app), .heading)]
      if app.tasks == nil {
        lines.append(Line("dead: it remembers nothing. Try: stream restart \(name)", .bad))
      } else {
        let counts = app.counts
        lines.append(
          Line("processed \(counts.records); late and counted \(counts.lateCounted), too late \(counts.lateDropped)"))
      }
      // Spelled with `map` and `??` it crashes Swift 6.3.1's optimiser ("Found outside of lifetime use").
      if let window = app.window { lines += windows(app, window, bench) } else { lines += remembered(app) }
      return Answer(.done, lines)
    }

    static func heading(_ app: StreamApp) -> String {
      switch app.work {
      case .count(let window, let emission):
        let hop = window.advance == window.size ? "" : " every \(TimedText.seconds(window.advance))"
        let told = emission == .whenClosed ? ", told when closed" : ""
        let grace = TimedText.seconds(window.grace)
        return
          "\(app.name): counts \(app.source) in windows of \(TimedText.seconds(window.size))\(hop), grace \(grace)\(told)"
      case .join(let table): return "\(app.name): \(app.source) joined with the table \(table)"
      }
    }

    /// What was told last of each window, and what is remembered of it.
    private func windows(_ app: StreamApp, _ window: StreamWindow, _ bench: Bench) -> [Line] {
      var told: [String: String] = [:]
      let facts = WorldFacts(bench)
      for share in facts.partitions ?? [] where share.name.topic == app.results {
        guard let leader = share.leader else { continue }
        for record in facts.counting(share.name, on: leader) { told[record.key ?? ""] = record.value }
      }
      var remembered: [String: Int64] = [:]
      var streamTime = Instant(nanoseconds: .min)
      for task in app.tasks ?? [] {
        guard let store = task.store("counts") else { continue }
        streamTime = max(streamTime, store.streamTime)
        for change in store.contents {
          guard let key = try? Serde<String>.text.windowed.value(change.key), let value = change.value,
            let count = try? Serde<Int64>.number.value(value)
          else { continue }
          remembered[String(decoding: TimedText.key(key), as: UTF8.self)] = count
        }
      }
      let keys = Set(told.keys).union(remembered.keys).compactMap { text in
        TimedText(Array(text.utf8)).map { (text: text, time: $0.time, key: String(decoding: $0.text, as: UTF8.self)) }
      }
      guard !keys.isEmpty else { return [Line("No windows yet. Try: stream work \(app.name)", .faint)] }
      var table = TextTable(["window", "key", "told", "remembered", ""])
      for key in keys.sorted(by: { ($0.time, $0.key) < ($1.time, $1.key) }) {
        let end = TimedText.seconds(key.time + window.size)
        let isClosed = remembered[key.text] == nil
        let state =
          isClosed
          ? (app.tasks == nil ? "" : "closed")
          : "open until \(TimedText.seconds(key.time + window.size + window.grace))"
        table.add([
          "\(TimedText.seconds(key.time))–\(end)", key.key, told[key.text] ?? "–",
          remembered[key.text].map(String.init) ?? "–", state,
        ])
      }
      let times = streamTime.nanoseconds == .min ? [] : [Line("stream time \(TimedText.seconds(streamTime))")]
      return times + table.lines
    }

    private func remembered(_ app: StreamApp) -> [Line] {
      var table = TextTable(["key", "remembered"])
      var isEmpty = true
      for task in app.tasks ?? [] {
        for store in app.topology.storeNames {
          for change in task.store(store)?.contents ?? [] {
            isEmpty = false
            table.add([
              String(decoding: change.key, as: UTF8.self), String(decoding: change.value ?? [], as: UTF8.self),
            ])
          }
        }
      }
      return isEmpty ? [] : table.lines
    }
  }
}
