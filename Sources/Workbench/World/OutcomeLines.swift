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
    case .consumed(let records, let next, let highWatermark, let lastStable, let from):
      let stable = lastStable.map { ", last stable offset \($0)" } ?? ""
      return consumed(records, "next offset \(next)\(stable), high watermark \(highWatermark)", from)
    case .transacted(let transacted): return OutcomeLines.transacted(transacted, bench)
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

  private static func transacted(_ transacted: Transacted, _ bench: Bench) -> Answer {
    let producer =
      transacted.producerID < 0 ? "" : " (producer \(transacted.producerID), epoch \(transacted.producerEpoch))"
    let reason = transacted.reason.map { ": \(words($0))" } ?? ""
    let (text, tone): (String, Tone) =
      switch transacted.ending {
      case .committed: ("committed\(producer)", .good)
      case .aborted: ("aborted\(producer)\(reason)", .doubtful)
      case .open: ("open, neither committed nor aborted\(producer)", .doubtful)
      case .unknown: ("committed or aborted, nobody told\(producer)\(reason)", .doubtful)
      case .fenced: ("fenced: a newer instance has the transactional id\(producer)\(reason)", .bad)
      }
    let isDone = reason.isEmpty && transacted.ending != .unknown
    return Answer(
      isDone ? .done : .failed, Wrapping.lines(text, columns: bench.width, indent: 2).map { Line($0, tone) })
  }

  /// Every request that was answered, and how.
  static func steps(_ transacted: Transacted, _ bench: Bench) -> [Line] {
    let names = PartitionNames(bench.image)
    return transacted.steps.flatMap { step in
      let text = "  \(names.naming(step.request)): \(names.naming(step.answer)) (\(step.by))"
      return Wrapping.lines(text, columns: bench.width, indent: 4).map { Line($0, .faint) }
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
    _ records: [ConsumedRecord], _ place: String, _ from: NodeID
  ) -> Answer {
    var lines = records.map { record in
      let value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "(none)"
      let key = record.key.map { String(decoding: $0, as: UTF8.self) + "=" } ?? ""
      let offset = String(record.offset.rawValue)
      let padding = String(repeating: " ", count: max(0, 5 - offset.count))
      return Line("\(padding)\(offset)  ", .faint) + Line(key + value)
    }
    let what = records.isEmpty ? "nothing to read" : counted(records.count, "record")
    lines.append(Line("\(what) from \(from); \(place)", .faint))
    return Answer(.done, lines)
  }
}
