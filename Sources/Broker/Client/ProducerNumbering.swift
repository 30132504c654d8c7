import RecordLog

/// How an idempotent produce command numbers its batches: one sequence for each partition, from 0 (KIP-98).
///
/// Each command is a producer of its own, as each run of a command line producer is: no later command has to make good
/// what an earlier one gave up on.
struct ProducerNumbering: Sendable {
  /// max.in.flight.requests.per.connection with idempotence: as many batches as a leader remembers.
  static let mostInFlight = ProducerState.memory

  /// The id that a broker gave; nil until it has.
  var identity: (id: Int64, epoch: Int16)?
  /// Asks for the id.
  var attempt: Attempt
  /// The next number by partition, sorted.
  private var sequences: [(partition: Int32, next: Int32)] = []

  init(attempt: Attempt) { self.attempt = attempt }

  /// The numbers for the next `count` records to the partition.
  mutating func take(_ count: Int, for partition: Int32) -> RecordBatch.Producer {
    guard let identity else { return .none }
    let place = sequences.firstPlace { $0.partition >= partition }
    if place == sequences.count || sequences[place].partition != partition {
      sequences.insert((partition, 0), at: place)
    }
    let base = sequences[place].next
    sequences[place].next = Int32((Int64(base) + Int64(count)) & Int64(Int32.max))
    return RecordBatch.Producer(id: identity.id, epoch: identity.epoch, baseSequence: base)
  }
}

extension ProduceTask {
  /// Nothing more may leave yet.
  ///
  /// An idempotent producer counts from the oldest batch that is not acknowledged: were more than five begun after it, a
  /// leader would not remember having it. The first batch to a partition goes alone: a leader that knows nothing of a
  /// producer takes whatever number comes first, and messages may overtake each other.
  var isFull: Bool {
    guard let numbering else { return flights.count >= order.inFlight }
    guard numbering.identity != nil, let oldest = flights.first else { return numbering.identity == nil }
    return begun - oldest.number >= min(order.inFlight, ProducerNumbering.mostInFlight)
      || flights.contains { $0.batch.baseSequence == 0 }
  }

  /// A batch that has overtaken an earlier one is refused and sent again; the earliest has nothing to wait for.
  func mayHaveOvertaken(_ place: Int) -> Bool {
    numbering != nil && flights[..<place].contains { $0.partition == flights[place].partition }
  }
}
