import Broker
import Clockwork
import Delivery
import EventSourcing

/// What the three kinds of device show that follow the push topic, and how long after the fact they showed it.
struct LogScreens: Sendable {
  private struct Line: Hashable {
    var device: Int
    var order: UInt64
  }

  /// Whom the notes must be for, device by device.
  static let kinds: [Kind] = [.customer, .restaurant, .rider]

  private(set) var delays: [Interval] = []
  /// The highest version that a line has shown: one that comes again, or late, is not news.
  private var newest: [Line: UInt64] = [:]
  private var ended: Set<Line> = []
  /// How many notes of each device have been looked at.
  private var seen = [0, 0, 0]

  init() {}

  /// The latest notes that a device has received, of so many in all.
  mutating func show(_ received: [Subscription.Received], of count: Int, on device: Int) {
    let news = max(0, count - seen[device])
    seen[device] = max(count, seen[device])
    for received in received.suffix(news) {
      guard let note = try? PushNote(encoded: received.record.value ?? []), note.subscriber.known == Self.kinds[device],
        note.about.known == .order
      else { continue }
      let line = Line(device: device, order: note.about.number)
      guard note.version > newest[line] ?? 0 else { continue }
      newest[line] = note.version
      delays.append(received.at - note.at)
      if ["delivered", "cancelled", "rejected"].contains(where: { note.status.hasPrefix($0) }) { ended.insert(line) }
    }
  }

  /// Whether the device has shown how the order ended.
  func hasEnded(_ order: UInt64, on device: Int) -> Bool { ended.contains(Line(device: device, order: order)) }
}
