public import Clockwork

/// Who lives in a world without a log: four services with a database each, and three kinds of device.
///
/// Built as the article tells it and as careful teams do build it: an order service that writes its row and then calls
/// payments, kitchens and dispatch one after the other; every call idempotent, limited in time and tried again; what
/// cannot be finished is undone. What is under way lives in the memory of whoever is at it.
public struct ShopNode: Node {
  public typealias Message = ShopMessage
  public typealias Timer = ShopTimer
  public typealias Disk = ShopDatabase

  public struct Setup: Hashable, Sendable {
    public var care: ShopCare
    /// What the customers will order; empty for everybody else.
    public var workload: [ShopOrder]

    public init(care: ShopCare, workload: [ShopOrder] = []) {
      self.care = care
      self.workload = workload
    }
  }

  public private(set) var service: ShopService?
  public private(set) var device: ShopDevice?

  public init(_ id: NodeID, _ setup: Setup, recovering disk: consuming ShopDatabase, _ fx: inout Effects<ShopNode>) {
    if id.isClient {
      device = ShopDevice(id, setup, &fx)
    } else {
      service = ShopService(id, setup.care, recovering: disk, &fx)
    }
  }

  public mutating func reconfigure(_ setup: Setup, _ fx: inout Effects<ShopNode>) {}

  public mutating func on(_ event: consuming Event<ShopNode>, _ fx: inout Effects<ShopNode>) {
    switch consume event {
    case .message(let message, let from):
      service?.hear(message, from: from, &fx)
      device?.hear(message, from: from, &fx)
    case .timer(let timer):
      service?.ring(timer, &fx)
      device?.ring(timer, &fx)
    case .durable: break
    }
  }

  public var disk: ShopDatabase {
    get { service?.database ?? ShopDatabase() }
    set { service?.database = newValue }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    for row in service?.database.all ?? [] {
      hasher.combine(row.order.number)
      hasher.combine(UInt64(row.state.rawValue))
      hasher.combine(row.since.nanoseconds)
    }
    hasher.combine(service?.pending.count ?? 0)
    device?.fingerprint(into: &hasher)
  }
}

typealias ShopEffects = Outbox<ShopMessage, ShopTimer>
