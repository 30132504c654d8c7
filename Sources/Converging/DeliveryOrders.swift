/// Every order in which changes can be made and heard, each counted: one change a region, each heard once by every other
/// region, and on request one of the messages twice.
///
/// Orders that lead to the same copies are counted together, so that hundreds of thousands cost a few hundred steps.
public enum DeliveryOrders {
  /// What became of all orders.
  public struct Census: Hashable, Sendable {
    public var orders = 0
    /// The copies show the same in the end.
    public var converged = 0
    /// They show the same, and something is not there that was added and that nobody removed.
    public var lossy = 0

    public init(orders: Int = 0, converged: Int = 0, lossy: Int = 0) {
      (self.orders, self.converged, self.lossy) = (orders, converged, lossy)
    }
  }

  private struct State<Copy: Replicated>: Hashable {
    var copies: [Copy]
    var messages: [Copy.Message?]
    /// By change and region, how often it is still to be heard.
    var pending: [[Int]]
  }

  /// `isWhole` says whether a view shows all that it must.
  public static func census<Copy: Replicated>(
    of copy: Copy.Type, _ changes: [Copy.Change], withDuplicate: Bool, isWhole: (Copy.View) -> Bool
  ) -> Census {
    let regions = changes.indices
    let once = regions.map { change in regions.map { $0 == change ? 0 : 1 } }
    var starts: [[[Int]]] = []
    if withDuplicate {
      for change in regions {
        for region in regions where region != change {
          var twice = once
          twice[change][region] = 2
          starts.append(twice)
        }
      }
    } else {
      starts = [once]
    }
    var census = Census()
    for pending in starts {
      let start = State(
        copies: regions.map { Copy(region: $0) }, messages: regions.map { _ in nil }, pending: pending)
      count(from: start, changes, isWhole, &census)
    }
    return census
  }

  private static func count<Copy: Replicated>(
    from start: State<Copy>, _ changes: [Copy.Change], _ isWhole: (Copy.View) -> Bool, _ census: inout Census
  ) {
    // All orders have the same number of events, so the states reached by so many make up a layer.
    var layer: [State<Copy>: Int] = [start: 1]
    while true {
      var next: [State<Copy>: Int] = [:]
      for (state, ways) in layer {
        let following = successors(of: state, changes)
        if following.isEmpty {
          census.orders += ways
          guard Set(state.copies.map(\.view)).count == 1 else { continue }
          census.converged += ways
          if !isWhole(state.copies[0].view) { census.lossy += ways }
        }
        for after in following { next[after, default: 0] += ways }
      }
      if next.isEmpty { return }
      layer = next
    }
  }

  private static func successors<Copy: Replicated>(
    of state: State<Copy>, _ changes: [Copy.Change]
  ) -> [State<Copy>] {
    var following: [State<Copy>] = []
    for (change, message) in state.messages.enumerated() {
      guard let message else {
        var after = state
        // The clocks are right and tick once a change: what was made later is stamped later.
        let clock = state.messages.count { $0 != nil } + 1
        after.messages[change] = after.copies[change].change(changes[change], clock: clock)
        following.append(after)
        continue
      }
      for region in state.copies.indices where state.pending[change][region] > 0 {
        var after = state
        after.pending[change][region] -= 1
        after.copies[region].hear(message)
        following.append(after)
      }
    }
    return following
  }
}
