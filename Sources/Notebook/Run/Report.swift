import FoundationEssentials

/// The results of runs in a format that a person or a machine reads. Every format names the seed of each run and, for
/// each failure, the command that replays it.
public enum Report: String, CaseIterable, Sendable {
  case text, tap, junit, json

  public func render(_ runs: [LessonRun]) -> String {
    switch self {
    case .text: Report.text(runs)
    case .tap: Report.tap(runs)
    case .junit: Report.junit(runs)
    case .json: Report.json(runs)
    }
  }

  private static func text(_ runs: [LessonRun]) -> String {
    var lines: [String] = []
    for run in runs {
      let passed = run.checks.count { $0.status == .passed }
      lines.append(
        "\(run.status.rawValue)  \(run.id) \(run.title)  seed \(run.seed)  \(passed)/\(run.checks.count) checks")
      let shown = run.status == .skipped ? Array(run.checks.prefix(1)) : run.checks.filter { $0.status != .passed }
      var skipped = 0
      for check in shown {
        if check.status == .skipped && run.status == .failed {
          skipped += 1
          continue
        }
        lines.append("  \(check.status.rawValue)  \(check.place)  \(check.name)")
        lines += check.detail.map { "    \($0)" }
      }
      if skipped > 0 { lines.append("  skipped  \(skipped) checks that follow") }
      if run.status == .failed || run.status == .unknown { lines.append("  replay: \(run.replay)") }
    }
    let failed = runs.count { $0.status == .failed }
    let unknown = runs.count { $0.status == .unknown }
    let skipped = runs.count { $0.status == .skipped }
    let passed = runs.count - failed - unknown - skipped
    lines.append(
      "\(runs.count) runs: \(passed) passed, \(failed) failed, \(unknown) unknown, \(skipped) skipped")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Test Anything Protocol, version 14.
  private static func tap(_ runs: [LessonRun]) -> String {
    let checks = runs.flatMap { run in run.checks.map { (run, $0) } }
    var lines = ["TAP version 14", "1..\(checks.count)"]
    for (index, (run, check)) in checks.enumerated() {
      let escaped = check.name.flatMap { "#\\".contains($0) ? "\\\($0)" : "\($0)" }
      let name = "\(index + 1) - \(run.id) seed \(run.seed): \(String(escaped))"
      switch check.status {
      case .passed: lines.append("ok \(name)")
      case .skipped: lines.append("ok \(name) # SKIP \(check.detail.first ?? "")")
      case .failed, .unknown:
        lines += ["not ok \(name)", "  ---", "  status: \(check.status.rawValue)", "  at: \(quoted("\(check.place)"))"]
        lines +=
          ["  replay: \(quoted(run.replay))", "  detail:"] + check.detail.map { "    - \(quoted($0))" } + ["  ..."]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// JUnit's XML as Jenkins and GitLab read it; unknown is an error, as opposed to a failure.
  private static func junit(_ runs: [LessonRun]) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"]
    for run in runs {
      func count(_ status: LessonRun.Status) -> Int { run.checks.count { $0.status == status } }
      let counts =
        "tests=\"\(run.checks.count)\" failures=\"\(count(.failed))\" "
        + "errors=\"\(count(.unknown))\" skipped=\"\(count(.skipped))\""
      lines.append("  <testsuite name=\"\(xml("\(run.id) \(run.title) seed \(run.seed)"))\" \(counts)>")
      lines.append("    <properties><property name=\"seed\" value=\"\(run.seed)\"/></properties>")
      for check in run.checks {
        let place = "file=\"\(xml(check.place.file))\" line=\"\(check.place.line)\""
        let head =
          "    <testcase name=\"\(xml(check.name))\" classname=\"\(xml(run.file)).seed-\(run.seed)\" \(place)"
          + " time=\"\(milliseconds(check.seconds))\""
        let detail = xml((["\(check.place)"] + check.detail + ["replay: \(run.replay)"]).joined(separator: "\n"))
        switch check.status {
        case .passed: lines.append(head + "/>")
        case .failed: lines.append(head + "><failure message=\"failed\">\(detail)</failure></testcase>")
        case .unknown: lines.append(head + "><error message=\"unknown\">\(detail)</error></testcase>")
        case .skipped: lines.append(head + "><skipped message=\"\(xml(check.detail.first ?? ""))\"/></testcase>")
        }
      }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func json(_ runs: [LessonRun]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Nothing in these values can fail to be encoded.
    let data = (try? encoder.encode(runs.map(EncodedRun.init))) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static func milliseconds(_ seconds: Double) -> String {
    let whole = Int((seconds * 1000).rounded())
    return "\(whole / 1000)." + String(String(whole % 1000 + 1000).dropFirst())
  }

  /// Characters that XML 1.0 cannot hold at all become question marks.
  private static func xml(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A YAML scalar in double quotes.
  private static func quoted(_ text: String) -> String {
    "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0.isNewline || $0 == "\t" ? " " : "\($0)" } + "\""
  }
}

private struct EncodedRun: Encodable {
  struct EncodedCheck: Encodable {
    var name, file, status: String
    var line, column: Int
    var seconds: Double
    var detail: [String]
  }

  var id, title, file, status, replay: String
  var seed: UInt64
  var checks: [EncodedCheck]

  init(_ run: LessonRun) {
    (id, title, file, status, replay, seed) = (run.id, run.title, run.file, run.status.rawValue, run.replay, run.seed)
    checks = run.checks.map {
      EncodedCheck(
        name: $0.name, file: $0.place.file, status: $0.status.rawValue, line: $0.place.line, column: $0.place.column,
        seconds: $0.seconds, detail: $0.detail)
    }
  }
}
