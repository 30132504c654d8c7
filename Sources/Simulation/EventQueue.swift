import Clockwork

/// Something that will happen to a node.
struct Pending<N: Node>: Sendable {
  enum Body: Sendable {
    /// No event: a place in the slab that is free, and the next one that is.
    case vacant(next: Int)
    case message(N.Message, from: NodeID, sender: Int, number: UInt64)
    /// `at` is on the node's own clock.
    case timer(N.Timer, at: Instant)
    case durable(SyncToken)
  }

  var body: Body
  /// The slot of the node that will hear it.
  var to: Int
  /// It reached a paused node before: the message is past the network, the sync is on the platter.
  var hasArrived = false

  init(_ body: consuming Body, to: Int) {
    self.body = body
    self.to = to
  }
}

/// What is going to happen, earliest first, and first scheduled first among equals.
///
/// A binary heap of one word per event (time, then sequence number, then place), with the events themselves resting in
/// a slab: moving an entry up and down the heap costs 16 bytes whatever a message weighs.
struct EventQueue<N: Node>: Sendable {
  /// The slab's places fit in the lowest 24 bits of a key; the sequence number has the next 40.
  static var limit: Int { 1 << 23 }

  private var keys: [UInt128] = []
  private var slab: [Pending<N>] = []
  private var firstVacant = -1
  private var sequence: UInt64 = 0
  /// How many events may wait.
  let limit: Int

  init(limit: Int) { self.limit = max(1, min(limit, Self.limit)) }

  var count: Int { keys.count }
  var isFull: Bool { keys.count >= limit }

  /// When the next event is due; `never` when there is none.
  var nextTime: Instant { keys.isEmpty ? .never : EventQueue.time(keys[0]) }

  mutating func push(_ pending: consuming Pending<N>, at time: Instant) {
    sequence += 1
    let place = settle(pending)
    let low = sequence << 24 | UInt64(place)
    keys.append(UInt128(UInt64(time.nanoseconds)) << 64 | UInt128(low))
    siftUp(keys.count - 1)
  }

  /// Takes the earliest event. The queue must not be empty.
  mutating func popFirst() -> Pending<N> {
    let first = keys[0]
    let last = keys.removeLast()
    if !keys.isEmpty {
      keys[0] = last
      siftDown(0)
    }
    return vacate(Int(truncatingIfNeeded: first & 0xFF_FFFF))
  }

  /// Forgets what a node that died was waiting for: its timers and its syncs, not the messages on their way to it.
  mutating func forgetOwn(of slot: Int) {
    var kept: [UInt128] = []
    for key in keys.sorted() {
      let place = Int(truncatingIfNeeded: key & 0xFF_FFFF)
      if slab[place].to == slot, !slab[place].body.isMessage { _ = vacate(place) } else { kept.append(key) }
    }
    keys = kept
  }

  /// Takes out, in order, what is due for a node at `now`: something else has to be heard before it.
  mutating func takeDue(_ slot: Int, at now: Instant) -> [Pending<N>] {
    var taken: [Pending<N>] = []
    var kept: [UInt128] = []
    for key in keys.sorted() {
      let place = Int(truncatingIfNeeded: key & 0xFF_FFFF)
      let isDue = EventQueue.time(key) == now && slab[place].to == slot
      if isDue { taken.append(vacate(place)) } else { kept.append(key) }
    }
    keys = kept
    return taken
  }

  /// Moves a node's timers to where its changed clock puts them, not before `now`.
  mutating func retime(_ slot: Int, from now: Instant, _ moment: (Instant) -> Instant) {
    for index in keys.indices {
      let key = keys[index]
      let pending = slab[Int(truncatingIfNeeded: key & 0xFF_FFFF)]
      guard pending.to == slot, case .timer(_, let at) = pending.body else { continue }
      let time = max(now, moment(at)).nanoseconds
      keys[index] = UInt128(UInt64(time)) << 64 | UInt128(UInt64(truncatingIfNeeded: key))
    }
    keys.sort()
  }

  /// Every waiting event in the order in which it will come.
  func inspect(_ body: (Instant, borrowing Pending<N>) -> Void) {
    for key in keys.sorted() { body(EventQueue.time(key), slab[Int(truncatingIfNeeded: key & 0xFF_FFFF)]) }
  }

  private static func time(_ key: UInt128) -> Instant { Instant(nanoseconds: Int64(truncatingIfNeeded: key >> 64)) }
}

extension EventQueue {
  private mutating func settle(_ pending: consuming Pending<N>) -> Int {
    guard firstVacant >= 0 else {
      slab.append(pending)
      return slab.count - 1
    }
    let place = firstVacant
    if case .vacant(let next) = slab[place].body { firstVacant = next }
    slab[place] = pending
    return place
  }

  private mutating func vacate(_ place: Int) -> Pending<N> {
    var taken = Pending<N>(.vacant(next: firstVacant), to: -1)
    swap(&taken, &slab[place])
    firstVacant = place
    return taken
  }

  // Both on the bare buffer: the array checks at every step that it is unique.
  private mutating func siftUp(_ start: Int) {
    keys.withUnsafeMutableBufferPointer { keys in
      var hole = start
      let key = keys[hole]
      while hole > 0 {
        let parent = (hole - 1) / 2
        guard key < keys[parent] else { break }
        keys[hole] = keys[parent]
        hole = parent
      }
      keys[hole] = key
    }
  }

  private mutating func siftDown(_ start: Int) {
    keys.withUnsafeMutableBufferPointer { keys in
      var hole = start
      let key = keys[hole]
      while true {
        var child = 2 * hole + 1
        guard child < keys.count else { break }
        if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
        guard keys[child] < key else { break }
        keys[hole] = keys[child]
        hole = child
      }
      keys[hole] = key
    }
  }
}

extension Pending.Body {
  var isMessage: Bool {
    if case .message = self { true } else { false }
  }
}
