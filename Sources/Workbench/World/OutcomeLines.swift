import Broker
import Clockwork
import RecordLog

/// How a client's command ended, in words. Of what failed it says whether it surely did not happen.
enum OutcomeLines {
  static func answer(_ outcome: Outcome, _ bench: Bench, acks: AcksArgument) -> Answer {
    switch outcome {
    case .produced(let produced):
      let place = bench.image?.name(of: produced.partition) ?? "?"
      let last = produced.last - produced.first + 1
      // Records without a key go round the partitions; only the last one's place is told.
      let offsets =
        produced.count == 1
        ? "\(place) offset \(produced.first)"
        : last == produced.count
          ? "\(place) offsets \(produced.first) to \(produced.last)"
          : "\(produced.count) records, the last as \(place) offset \(produced.last),"
      let again = produced.attempts > produced.count ? ", \(counted(produced.attempts, "request"))" : ""
      let text = "acked \(offsets) by \(produced.by) (acks=\(acks.rawValue)) after \(produced.took)\(again)"
      return Answer(.done, [Line(text, .good)])
    case .sent(let count):
      return Answer(
        .done, [Line("sent \(counted(count, "record")) (acks=0): nobody will say what becomes of it", .doubtful)])
    case .consumed(let records, let next, let highWatermark, let from):
      return consumed(records, next, highWatermark, from)
    case .transacted(let transacted): return OutcomeLines.transacted(transacted)
    case .done(let by): return Answer(.done, [Line("done by \(by)")])
    case .group(let reply, let by): return Answer(.done, [Line("\(by) says: \(reply.summary)")])
    case .joined(let group): return Answer(.done, [Line("joined \(group)")])
    case .left(let group): return Answer(.done, [Line("left \(group)", .plain)])
    case .failed(let error, let reason, let definite):
      return failed("refused: \(words(error, reason))", definite, bench)
    case .timedOut(let after, let last, let definite):
      return failed(timedOut(after, last, definite), definite, bench)
    }
  }

  private static func transacted(_ transacted: Transacted) -> Answer {
    let steps = transacted.steps.map { Line("  \($0.request): \($0.answer) (\($0.by))", .faint) }
    let reason = transacted.reason.map { ": \(words($0))" } ?? ""
    return switch transacted.ending {
    case .committed: Answer(.done, steps + [Line("committed", .good)])
    case .aborted: Answer(reason.isEmpty ? .done : .failed, steps + [Line("aborted\(reason)", .doubtful)])
    case .unknown: Answer(.failed, steps + [Line("committed or aborted, nobody told\(reason)", .doubtful)])
    case .fenced: Answer(.failed, steps + [Line("fenced: another producer has the id now\(reason)", .bad)])
    }
  }

  private static func failed(_ text: String, _ definite: Bool, _ bench: Bench) -> Answer {
    let lines = Wrapping.lines(text, columns: bench.width, indent: 2).map { Line($0, .bad) }
    return Answer(.failed, lines + [certainty(definite)])
  }

  /// Silence and refusal are different things to have heard. When some request had no answer, the outcome is in doubt;
  /// some refusals leave it in doubt too.
  private static func timedOut(_ after: Interval, _ last: BrokerError?, _ definite: Bool) -> String {
    switch last {
    case nil: "no answer within \(after)"
    // What the client says of itself when it could not even ask.
    case .unknownTopicOrPartition?: "gave up after \(after): no broker told where the partition is"
    case .leaderNotAvailable?: "gave up after \(after): \(words(last))"
    case .notEnoughReplicasAfterAppend?, .requestTimedOut?: "refused for \(after): \(words(last))"
    default: definite ? "refused for \(after): \(words(last))" : "no answer within \(after); last error \(words(last))"
    }
  }

  private static func words(_ error: BrokerError?, _ reason: String? = nil) -> String {
    guard let error else { return "" }
    let reason = reason ?? error.advice
    return reason.isEmpty || reason == error.rawValue ? error.rawValue : "\(error.rawValue): \(reason)"
  }

  private static func certainty(_ definite: Bool) -> Line {
    definite ? Line("It surely did not happen.", .faint) : Line("Unknown whether it happened.", .doubtful)
  }

  private static func consumed(
    _ records: [ConsumedRecord], _ next: Offset, _ highWatermark: Offset, _ from: NodeID
  ) -> Answer {
    var lines = records.map { record in
      let value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "(none)"
      let key = record.key.map { String(decoding: $0, as: UTF8.self) + "=" } ?? ""
      let offset = String(record.offset.rawValue)
      let padding = String(repeating: " ", count: max(0, 5 - offset.count))
      return Line("\(padding)\(offset)  ", .faint) + Line(key + value)
    }
    let what = records.isEmpty ? "nothing to read" : counted(records.count, "record")
    lines.append(Line("\(what) from \(from); next offset \(next), high watermark \(highWatermark)", .faint))
    return Answer(.done, lines)
  }
}
