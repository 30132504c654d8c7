import Converging
import DatabaseLab

/// Claims about what stands beside the cluster.
extension Judge {
  func checkoutWhole() -> Finding {
    guard let crash = facts.apparatus.checkoutCrash else {
      return .unknown(["no checkout has died yet"], next: "acid crash --at 3")
    }
    let evidence = [
      "payment \(crash.hasPaid ? "taken" : "not taken"), kitchen \(crash.isCooking ? "cooks" : "idle"), "
        + "order \(crash.isOrdered ? "stands" : "missing")"
    ]
    return crash.isWhole ? .holds(evidence) : .fails(evidence, next: "acid table")
  }

  func cartsAgree() -> Finding {
    guard let carts = facts.apparatus.carts else { return noCarts }
    let ways = [
      ("last writer", carts.copies.map(\.lastWriter.view)), ("or-set", carts.copies.map(\.observedRemove.view)),
    ]
    let apart = ways.filter { Set($0.1).count > 1 }.map { name, views in
      "\(name): "
        + zip(carts.regions, views).map { "\($0) has \($1.isEmpty ? "nothing" : $1.joined(separator: " "))" }
        .joined(separator: ", ")
    }
    return apart.isEmpty
      ? .holds(["the carts of \(list(carts.regions)) show the same"]) : .fails(apart, next: "cart sync")
  }

  func cart(_ region: String, holds dish: String, _ kind: CartKind) -> Finding {
    guard let carts = facts.apparatus.carts else { return noCarts }
    guard let place = carts.regions.firstIndex(of: region) else {
      return .unknown(["there is no region \(region); regions: \(list(carts.regions))"], next: "cart show")
    }
    let copies = carts.copies[place]
    let view = kind == .lastWriter ? copies.lastWriter.view : copies.observedRemove.view
    let evidence = ["the cart in \(region) has \(view.isEmpty ? "nothing" : view.joined(separator: " "))"]
    return view.contains(dish) ? .holds(evidence) : .fails(evidence, next: "cart show")
  }

  private var noCarts: Finding { .unknown(["there are no carts"], next: "cart add bibimbap --in seoul") }

  private func list(_ regions: [String]) -> String { regions.joined(separator: ", ") }
}
