import Broker
import Clockwork
import KafkaWire

extension ControllerReply {
  var error: KafkaError { if case .refused(let error, _, _) = self { error.wire } else { .none } }

  /// Why it was refused, in words.
  var reason: String? { if case .refused(_, let reason, _) = self { reason } else { nil } }
}

extension Sequence where Element: Hashable {
  /// Those that come more than once.
  var repeated: Set<Element> {
    var seen: Set<Element> = []
    return Set(filter { !seen.insert($0).inserted })
  }
}

extension Exchange {
  /// Goes on when this broker's image shows what the controller has decided, so that who goes on with it here finds it;
  /// or when that takes too long, for it is decided all the same.
  func waitUntilSeen(
    within milliseconds: Int32 = 5_000, _ isSeen: @escaping (MetadataImage) -> Bool, _ done: @escaping () -> Void
  ) {
    let wait = Interval.milliseconds(Int64(max(0, min(milliseconds, 5_000))))
    server.node.watch(until: server.now + wait, isSeen) { _ in done() }
  }
}
