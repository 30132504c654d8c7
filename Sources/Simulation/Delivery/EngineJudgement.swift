import Clockwork
import Delivery
import EventSourcing

/// What must be true of the engine's logs, whatever was crashed, cut, doubled or delayed. Each finding is a sentence.
public struct EngineJudgement: Sendable {
  public let logs: EngineLogs

  public init(_ logs: EngineLogs) { self.logs = logs }

  /// Events of one entity are numbered without gap or repetition: a task that decided on a state that was not the log's
  /// would leave one.
  public var misnumbered: [String] {
    var found: [String] = []
    for topic in Topic.logs {
      for partition in 0..<logs.partitions {
        var versions: [EntityID: UInt64] = [:]
        for placed in logs.log(topic, partition) {
          guard case .event(_, let version) = placed.entry.body else { continue }
          let due = (versions[placed.entry.entity] ?? 0) + 1
          if version != due {
            found.append("\(placed.entry.entity.name) has event \(version) at \(placed.position.text), \(due) was due")
          }
          versions[placed.entry.entity] = version
        }
      }
    }
    return found
  }

  /// Riders that were reserved for a delivery while they had another.
  public var doubleAssignments: [String] {
    var found: [String] = []
    for partition in 0..<logs.partitions {
      var has: [EntityID: UInt64] = [:]
      for placed in logs.log(.riderEvents, partition) {
        guard case .event(.rider(let event), _) = placed.entry.body else { continue }
        let rider = placed.entry.entity
        switch event {
        case .reserved(let trip, _, _, _, _):
          if let other = has[rider], other != trip {
            let (one, two) = (EntityID(.delivery, other).owner.name, EntityID(.delivery, trip).owner.name)
            found.append("\(rider.name) has \(one) and was given \(two) at \(placed.position.text)")
          }
          has[rider] = trip
        case .leaseExpired, .offerRefused, .released, .delivered: has[rider] = nil
        default: break
        }
      }
    }
    return found
  }

  /// Deliveries that more than one rider brought, or one more than once.
  public var deliveredTwice: [String] {
    var deliveries: [UInt64: Int] = [:]
    for partition in 0..<logs.partitions {
      for placed in logs.log(.riderEvents, partition) {
        if case .event(.rider(.delivered(let trip, _)), _) = placed.entry.body { deliveries[trip, default: 0] += 1 }
      }
    }
    return deliveries.sorted { $0.key < $1.key }.filter { $0.value > 1 }.map {
      "\(EntityID(.delivery, $0.key).owner.name) was delivered \($0.value) times"
    }
  }

  /// Orders that are over, and devices that show something else.
  public var staleScreens: [String] {
    var found: [String] = []
    let screens = logs.screens
    for (number, state) in logs.orders {
      guard state.phase.isOver, let basket = state.basket else { continue }
      var subscribers: [EntityID] = [.customer(basket.customer), .restaurant(basket.restaurant)]
      if let rider = state.rider { subscribers.append(.rider(rider)) }
      for subscriber in subscribers {
        let shown = screens[subscriber]?[.order(number)]?.status
        if shown == state.statusText { continue }
        found.append(
          "order \(number) is \(state.statusText), and the \(subscriber.name)'s device shows \(shown ?? "nothing")")
      }
    }
    return found
  }

  /// Orders that ended and left money, a kitchen or a rider behind.
  public var halfDone: [String] {
    let memories = logs.memories
    var found: [String] = []
    for (number, state) in memories.orders {
      let phase = (memories.payment(of: .order(number)) ?? Payment.initial).phase
      switch state.phase {
      case .delivered where phase != .captured: found.append("order \(number) is delivered, its payment \(phase)")
      case .cancelled, .rejected:
        if phase == .captured || phase == .authorised || phase == .requested {
          found.append("order \(number) is \(state.phase.name), its payment \(phase)")
        }
      default: break
      }
    }
    return found
  }

  /// Everything that must hold at any time.
  public var always: [(name: String, found: [String])] {
    [
      ("OneWriterPerEntity", misnumbered), ("NoDoubleAssignment", doubleAssignments),
      ("DeliveredOnce", deliveredTwice), ("CollectedOnce", collectedTwice),
    ]
  }

  /// What must hold besides once everything has settled.
  public var settled: [(name: String, found: [String])] {
    [
      ("EveryViewAgrees", staleScreens), ("NothingHalfDone", halfDone),
      ("EveryViewOfPartiesAgrees", staleParties), ("PartiesBroughtWhole", partiesHalfBrought),
      ("NoPartyHalfDone", partiesHalfDone), ("EveryPartyEnds", unfinishedParties),
    ]
  }
}
