import ArgumentParser
import Clockwork
import Histories

/// How fast histories are judged.
struct HistoryBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Judges a history of many clients: linearizable, by key; and transactions, for cycles.",
    discussion: "  swift run -c release baedal-bench history --operations 10000")

  @Option(help: "Operations in all.") var operations = 10_000
  @Option(help: "Over how many keys.") var keys = 100
  @Option(help: "Clients that ask at the same time, of one key.") var clients = 5

  func run() throws {
    var dice = Dice(seed: 1)
    var history: [Operation] = []
    for key in 0..<max(1, keys) { history += register("k\(key)", operations / max(1, keys), &dice) }
    report("linearizable, good history", history.count, "operations") { Linearizability(.register).judge(history) }
    if let last = history.lastIndex(where: { if case .value(_?) = $0.answer { true } else { false } }) {
      history[last].answer = .value("never written")
      report("the same, one answer spoiled", history.count, "operations") { Linearizability(.register).judge(history) }
    }
    let transactions = serial(operations, &dice)
    report("serializable, list-append", transactions.count, "transactions") {
      IsolationJudge(transactions).judge(.strictSerializable)
    }
  }

  private func report(_ name: String, _ count: Int, _ noun: String, _ judge: () -> Judgement) {
    let began = coreSeconds()
    let judgement = judge()
    let milliseconds = Int((coreSeconds() - began) * 1000)
    let verdict =
      switch judgement {
      case .holds: "holds"
      case .violated(let offence): "violated: \(offence.name)"
      case .undecided(let reason): "undecided: \(reason)"
      }
    print("\(name): \(count) \(noun) in \(milliseconds) ms, \(verdict)")
  }

  /// Clients of a register that takes each operation at one moment of its interval; one answer in fifty is lost.
  private func register(_ key: String, _ count: Int, _ dice: inout Dice) -> [Operation] {
    var history: [Operation] = []
    var (value, clock, begun): (String?, Int, Int) = (nil, 0, 0)
    var busy: [(call: Call, began: Int, answer: Answer?)?] = Array(repeating: nil, count: max(1, clients))
    while history.count < count {
      let client = Int(dice.roll(UInt64(busy.count)))
      clock += 1
      guard let (call, began, answer) = busy[client] else {
        if begun < count {
          busy[client] = (dice.roll(2) == 0 ? .write("\(begun)") : .read, clock, nil)
          begun += 1
        }
        continue
      }
      guard let answer else {
        if case .write(let new) = call { value = new }
        busy[client] = (call, began, call == .read ? .value(value) : .done)
        continue
      }
      let isLost = dice.roll(50) == 0
      history.append(
        Operation(
          "c\(client)", key, call, isLost ? .unknown : answer, invoked: Moment(began),
          returned: isLost ? nil : Moment(clock)))
      busy[client] = nil
    }
    return history
  }

  /// One after the other: what a judge has to find nothing in.
  private func serial(_ count: Int, _ dice: inout Dice) -> [Transaction] {
    var lists: [String: [String]] = [:]
    return (0..<count).map { number in
      let steps = (0..<4).map { turn -> Transaction.Step in
        let key = "k\(dice.roll(UInt64(max(1, keys))))-\(number / 1000)"
        guard dice.roll(2) == 0 else { return .readList(key, lists[key] ?? []) }
        lists[key, default: []].append("\(number).\(turn)")
        return .append(key, "\(number).\(turn)")
      }
      return Transaction("t\(number)", steps, began: 2 * number, ended: 2 * number + 1)
    }
  }
}
