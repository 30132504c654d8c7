public import Clockwork
internal import Delivery

/// A burst as its logs show it: how many orders are in, how many are through, how fast, and when it will be over.
public struct BurstWatch: Sendable {
  public let orders: Int
  public private(set) var judge = LogJudge()
  /// Orders that are in the log of commands, as their producer was told.
  public var accepted = 0
  /// The backlog and what was delivered, at regular times.
  public private(set) var curve: [(at: Instant, backlog: Int, ended: Int)] = []
  public private(set) var placed = 0
  public private(set) var ended = 0
  private let began: Instant

  public init(orders: Int, at now: Instant) {
    self.orders = orders
    began = now
  }

  /// Takes one record of a log in.
  public mutating func note(_ task: TaskName, _ value: [UInt8]) {
    judge.note(task, value)
    guard task.input == .orderCommands, let entry = try? LogEntry(encoded: value),
      case .event(.order(let event), _) = entry.body
    else { return }
    switch event {
    case .placed: placed += 1
    case .delivered, .cancelled, .rejected: ended += 1
    default: break
    }
  }

  public var isOver: Bool { ended >= orders }

  public mutating func sample(at now: Instant) { curve.append((now, accepted - ended, ended)) }

  /// Orders that ended a second, over the last samples.
  public var rate: Int {
    guard let last = curve.last else { return 0 }
    let first = curve.suffix(10).first ?? last
    let elapsed = (last.at - first.at).milliseconds
    return elapsed > 0 ? Int(Int64(last.ended - first.ended) * 1000 / elapsed) : 0
  }

  /// How long it will take at the present rate; nil while nothing moves.
  public var eta: Interval? { rate > 0 ? .seconds(Int64((orders - ended) / rate)) : nil }

  public func elapsed(at now: Instant) -> Interval { now - began }

  /// The backlog over time as one line of blocks, at most `width` wide.
  public func sparkline(width: Int) -> String {
    let most = max(1, curve.map(\.backlog).max() ?? 1)
    let blocks = Array("▁▂▃▄▅▆▇█")
    let step = max(1, (curve.count + width - 1) / max(1, width))
    return String(
      stride(from: 0, to: curve.count, by: step).map { index in
        blocks[min(blocks.count - 1, max(0, curve[index].backlog) * (blocks.count - 1) / most)]
      })
  }
}
