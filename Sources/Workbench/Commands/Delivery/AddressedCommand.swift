import Delivery

/// Sends one command to an entity of the delivery engine, and tells what followed.
protocol AddressedCommand: BenchCommand {
  /// Whether to return at once.
  var noWait: Bool { get }

  func addressed(_ bench: Bench) throws(Refusal) -> Addressed
}

extension AddressedCommand {
  static var changesWorld: Bool { true }
  var noWait: Bool { false }

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.send(addressed(bench), noWait: noWait, errand)
  }
}
