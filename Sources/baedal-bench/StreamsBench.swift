import ArgumentParser
import Clockwork
import EventSourcing

/// Records a second through topologies that remember, on one core, with the changelog written.
struct StreamsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams",
    abstract: "Records a second through stateful topologies: a sum by key, windows, a join.",
    discussion: "  swift run -c release baedal-bench streams --records 1000000")

  @Option(help: "Records a round.") var records = 1_000_000
  @Option(help: "Keys.") var keys = 1_000
  @Option(help: "Records between commits.") var commit = 1_000
  @Option(help: "Rounds; the best of each is printed.") var rounds = 3

  func run() throws {
    let input = Input(records: records, keys: keys)
    print("\(records) records of \(keys) keys, one partition, a commit every \(commit); best of \(rounds)")
    for (name, topology) in Self.topologies {
      var best = (rate: 0.0, changes: 0)
      for _ in 0..<rounds {
        let round = measure(topology, input)
        if round.rate > best.rate { best = round }
      }
      let rate = "\(Int(best.rate / 1_000)) k records/s"
      print("  \(name)\(spaces(38 - name.count))\(rate)\(spaces(20 - rate.count))\(best.changes) changelog lines")
    }
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  private func measure(_ topology: Topology, _ input: Input) -> (rate: Double, changes: Int) {
    var task = StreamTask(topology)
    guard let source = topology.source(of: "positions") else { return (0, 0) }
    if let riders = topology.source(of: "riders") {
      for key in input.keys { task.process(riders, key: key, value: key, time: .start) }
      _ = task.commit()
    }
    var changes = 0
    let began = coreSeconds()
    for number in 0..<input.keyOf.count {
      task.process(
        source, key: input.keys[input.keyOf[number]], value: input.values[number & 1_023],
        time: .start + .milliseconds(input.times[number]))
      if number % commit == commit - 1 { changes += task.commit().changelog.count }
    }
    return (Double(input.keyOf.count) / (coreSeconds() - began), changes)
  }

  private static var topologies: [(String, Topology)] {
    let sum = TopologyBuilder("bench")
    sum.stream("positions", .text, .number)
      .aggregate(into: "sums", .number, from: 0) { $0 &+= $2 }.to("out")
    let tumbling = TopologyBuilder("bench")
    tumbling.stream("positions", .text, .number)
      .windowed(.tumbling(.seconds(60), grace: .seconds(10))).count(into: "counts", emitting: .whenClosed).to("out")
    let hopping = TopologyBuilder("bench")
    hopping.stream("positions", .text, .number)
      .windowed(.hopping(.seconds(60), advance: .seconds(20), grace: .seconds(10)))
      .count(into: "counts", emitting: .whenClosed).to("out")
    let joined = TopologyBuilder("bench")
    let riders = joined.table("riders", .text, .text, store: "riders")
    joined.stream("positions", .text, .number).join(riders, .number) { $0 &+ Int64($1.utf8.count) }.to("out")
    return [
      ("running sum by key, every change out", sum.build()), ("tumbling minute, told when closed", tumbling.build()),
      ("hopping minute by 20 s", hopping.build()), ("stream-table join", joined.build()),
    ]
  }

  /// Made beforehand, so that only the topology is measured. Times go forward, now and then a little back.
  private struct Input {
    var keys: [[UInt8]]
    var keyOf: [Int] = []
    var values: [[UInt8]]
    var times: [Int64] = []

    init(records: Int, keys count: Int) {
      keys = (0..<count).map { Array("rider-\($0)".utf8) }
      values = (0..<1_024).map { Serde<Int64>.number.bytes(Int64($0)) }
      var dice = Dice(seed: 1)
      for number in 0..<records {
        keyOf.append(Int(dice.roll(UInt64(count))))
        times.append(max(0, Int64(number) - Int64(dice.roll(2_000))))
      }
    }
  }
}
