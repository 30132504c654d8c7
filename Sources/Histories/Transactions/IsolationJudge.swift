/// Says at which level of isolation transactions can have run, by the anomalies that their reads and writes prove.
///
/// It infers the order of versions from what was read (Kingsbury & Alvaro 2020), so an anomaly found is one; that none
/// is found of registers that nobody read back proves little, and of lists that were read a lot.
public struct IsolationJudge: Sendable {
  /// Every anomaly found, one of each kind, the worst first.
  public let anomalies: [(anomaly: Anomaly, offence: Offence)]
  private let count: Int

  /// `installed`, where the database tells it: by key, the committed values in the order in which they replaced each
  /// other.
  public init(_ transactions: [Transaction], installed: [String: [String]] = [:]) {
    count = transactions.count
    let orders = VersionOrders(transactions, installed: installed)
    var found = orders.offences.map { (anomaly: $0.0, offence: $0.1) }
    found += Self.dirtyReads(orders)
    found += Self.internals(orders)
    if let lost = Self.lostUpdate(orders) { found.append((.lostUpdate, lost)) }
    let isTimed = transactions.contains { $0.began != nil }
    let graph = DependencyGraph(orders, realTime: isTimed)
    func add(_ anomaly: Anomaly, _ cycle: [DependencyGraph.Edge]?) {
      if let cycle { found.append((anomaly, Self.offence(anomaly, cycle, graph))) }
    }
    add(.g0, graph.cycle(of: [.overwritten]))
    add(.g1c, graph.cycle(of: [.overwritten, .read], through: .read))
    let single = graph.cycleWithOneMiss([.overwritten, .read])
    add(.gSingle, single)
    if single == nil, let cycle = graph.cycleWithoutNeighbouringMisses(), cycle.contains(where: { $0.kind == .missed })
    {
      add(.gNonadjacent, cycle)
    }
    if let cycle = graph.cycle(of: [.overwritten, .read, .missed], through: .missed),
      cycle.count(where: { $0.kind == .missed }) > 1
    {
      add(.g2, cycle)
    }
    if isTimed, !found.contains(where: { $0.anomaly < .realTime }) {
      add(.realTime, graph.cycle(of: [.overwritten, .read, .missed, .earlier], through: .earlier))
    }
    var kinds: Set<Anomaly> = []
    anomalies = found.sorted { $0.anomaly < $1.anomaly }.filter { kinds.insert($0.anomaly).inserted }
  }

  public func judge(_ level: IsolationLevel) -> Judgement {
    if let worst = anomalies.first(where: { $0.anomaly.preventedFrom <= level }) { return .violated(worst.offence) }
    return count == 0
      ? .undecided("there are no transactions")
      : .holds("no anomaly among \(count) transactions that this level forbids")
  }

  /// The strongest level that nothing found speaks against; nil when not even the weakest is kept.
  public var strongest: IsolationLevel? {
    IsolationLevel.allCases.last { level in !anomalies.contains { $0.anomaly.preventedFrom <= level } }
  }

  // MARK: What needs no cycle

  private static func dirtyReads(_ orders: VersionOrders) -> [(anomaly: Anomaly, offence: Offence)] {
    var found: [(anomaly: Anomaly, offence: Offence)] = []
    for (place, transaction) in orders.transactions.enumerated() where orders.isIn[place] {
      for step in transaction.steps {
        for seen in step.seen {
          guard let writer = orders.writers[seen.key]?[seen.value] else {
            // What was there before the history began is written by nobody.
            continue
          }
          let other = orders.transactions[writer.transaction]
          if other.end == .aborted {
            let words = [
              "\(transaction.name) read \(seen.key) = \(seen.value)", "\(other.name), which wrote it, was aborted",
            ]
            found.append((.g1a, Offence("G1a, aborted read", words, culprits: [writer.transaction, place])))
          }
        }
        if let (key, value) = step.sawLast, let value, let writer = orders.writers[key]?[value], !writer.isFinal,
          writer.transaction != place
        {
          let name = orders.transactions[writer.transaction].name
          let words = [
            "\(transaction.name) read \(key) = \(value)", "\(name) wrote that, and wrote \(key) again before its end",
          ]
          found.append((.g1b, Offence("G1b, intermediate read", words, culprits: [writer.transaction, place])))
        }
      }
    }
    return found
  }

  private static func internals(_ orders: VersionOrders) -> [(anomaly: Anomaly, offence: Offence)] {
    var found: [(anomaly: Anomaly, offence: Offence)] = []
    for (place, transaction) in orders.transactions.enumerated() where orders.isIn[place] {
      var own: [String: [String]] = [:]
      for step in transaction.steps {
        if let (key, value) = step.written { own[key, default: []].append(value) }
        switch step {
        case .read(let key, let value):
          guard let last = own[key]?.last, value != last else { continue }
          let words = ["\(transaction.name) wrote \(key) = \(last) and then read \(value ?? "nothing")"]
          found.append((.inconsistent, Offence("internal", words, culprits: [place])))
        case .readList(let key, let values):
          guard let mine = own[key], Array(values.suffix(mine.count)) != mine else { continue }
          let words = [
            "\(transaction.name) appended \(VersionOrders.list(mine)) to \(key) and then read \(VersionOrders.list(values))"
          ]
          found.append((.inconsistent, Offence("internal", words, culprits: [place])))
        case .readRows(let table, let rows):
          guard let missing = own[table]?.first(where: { !rows.contains($0) }) else { continue }
          let words = ["\(transaction.name) put \(missing) into \(table) and then did not find it there"]
          found.append((.inconsistent, Offence("internal", words, culprits: [place])))
        case .write, .append, .insert: break
        }
      }
    }
    return found
  }

  private static func lostUpdate(_ orders: VersionOrders) -> Offence? {
    /// By key and version read, who read it and then wrote.
    var updaters: [String: [String?: [Int]]] = [:]
    for (place, transaction) in orders.transactions.enumerated() where orders.isIn[place] {
      var seen: [String: String?] = [:]
      var done: Set<String> = []
      for step in transaction.steps {
        if let (key, value) = step.sawLast, seen[key] == nil, !done.contains(key) {
          seen[key] = .some(orders.version(value, of: key))
        }
        if let (key, _) = step.written, done.insert(key).inserted, let version = seen[key] {
          updaters[key, default: [:]][version, default: []].append(place)
        }
      }
    }
    for key in updaters.keys.sorted() {
      for (version, places) in (updaters[key] ?? [:]).sorted(by: { $0.key ?? "" < $1.key ?? "" }) where places.count > 1
      {
        let names = places.map { orders.transactions[$0].name }
        let read = version.map { "\(key) = \($0)" } ?? "\(key) as it was at first"
        return Offence(
          "lost update",
          [
            "\(names.joined(separator: " and ")) read \(read), and each wrote \(key)",
            "whoever wrote last knew nothing of the other: that update is lost",
          ], culprits: places)
      }
    }
    return nil
  }

  private static func offence(_ anomaly: Anomaly, _ cycle: [DependencyGraph.Edge], _ graph: DependencyGraph) -> Offence
  {
    let names: [Anomaly: String] = [
      .g0: "G0, dirty write", .g1c: "G1c, circular information flow", .gSingle: "G-single, read skew",
      .gNonadjacent: "G-nonadjacent", .g2: "G2-item, write skew", .realTime: "real-time cycle",
    ]
    let order = cycle.map { graph.transactions[$0.from].name }
    let words = cycle.map(\.why)
    let ring = (order + [order.first ?? ""]).joined(separator: " before ")
    return Offence(
      names[anomaly] ?? anomaly.rawValue, words + ["so \(ring): no order has that"], culprits: cycle.map(\.from))
  }
}
