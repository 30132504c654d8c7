import Clockwork
import Delivery
import EventSourcing
import RecordLog
import Simulation

extension WorldFacts {
  var engines: [BrokerFact] { bench.engines.map { BrokerFact(id: $0, condition: condition($0)) } }

  var deliveries: EngineJudgement? { bench.engines.isEmpty ? nil : EngineJudgement(bench.engineLogs) }

  var uplift: DiscountTrial.Uplift? {
    bench.engines.isEmpty ? nil : bench.apparatus.discount?.measured(bench).trial.uplift
  }

  var strayRows: [UInt64]? {
    bench.engines.isEmpty ? nil : OrderBook.strays(bench.apparatus.book.live, bench.engineLogs)
  }

  var readModelLag: Int? {
    guard !bench.engines.isEmpty else { return nil }
    let logs = bench.engineLogs
    var book = bench.apparatus.book
    book.catchUp(logs, at: bench.now)
    return OrderBook.lag(book.live, logs)
  }

  var acceptedOrders: [UInt64]? {
    guard bench.image != nil else { return nil }
    var numbers: Set<UInt64> = []
    for partition in 0..<bench.enginePartitions {
      for record in bench.world.committedRecords(of: Topic.orderCommands.name, partition) {
        guard let envelope = try? Envelope(encoded: record.value ?? []) else { continue }
        if case .order(.place) = envelope.addressed.command { numbers.insert(envelope.addressed.to.number) }
      }
    }
    return numbers.sorted()
  }
}
