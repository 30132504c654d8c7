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
    case .done(let by): return Answer(.done, [Line("done by \(by)")])
    case .group(let reply, let by): return Answer(.done, [Line("\(by) says: \(reply.summary)")])
    case .joined(let group): return Answer(.done, [Line("joined \(group)")])
    case .left(let group): return Answer(.done, [Line("left \(group)", .plain)])
    case .failed(let error, let reason, let definite):
      let why = reason.isEmpty ? error.rawValue : "\(error.rawValue): \(reason)"
      let lines = Wrapping.lines("refused: \(why)", columns: bench.width, indent: 2).map { Line($0, .bad) }
      return Answer(.failed, lines + [certainty(definite)])
    case .timedOut(let after, let last, let definite):
      let why = last.map { ", last error \($0.rawValue)" } ?? ""
      return Answer(.failed, [Line("no answer within \(after)\(why)", .bad), certainty(definite)])
    }
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
