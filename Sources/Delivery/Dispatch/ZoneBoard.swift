public import Clockwork
public import EventSourcing

/// One zone's board: the riders who are free there, and the deliveries that seek one. Its decisions are offers: the
/// rider's own decider has the last word on the rider, and the delivery's on the delivery.
///
/// Jobs are gathered for some seconds and matched together. A job that nobody takes in two rounds is shown to the next
/// neighbour's board too, whose backup riders may take it; when all neighbours have been asked, somebody is called.
public enum ZoneBoard: Decider {
  public struct Job: Hashable, Sendable {
    public var pickup: Location
    public var home: Zone
    /// A neighbour's, for riders who are left over.
    public var isBackup: Bool
    public var since: Instant
    /// Rounds in which nobody was found, since the last neighbour was asked.
    public var rounds: UInt64 = 0
    /// Who is asked.
    public var offered: UInt64?
    /// Who did not want it.
    public var refusedBy: [UInt64] = []
    public var widened: [Zone] = []
    public var isEscalated = false
  }

  public struct State: Hashable, Sendable {
    public var riders: [UInt64: Location] = [:]
    public var jobs: [UInt64: Job] = [:]
    /// A batch is being gathered: its timer is set.
    public var isGathering = false
    /// The last event began the batch.
    public var beganBatch = false
    public var isUnderPressure = false
    /// Riders were asked to come here then, for the last time.
    public var pressureRoseAt: Instant?
    /// How often they were asked since the pressure rose.
    public var askings = 0

    public init() {}

    /// The zone's own jobs before those of neighbours, longest waiting first: the order in which they are looked at.
    var seeking: [(trip: UInt64, job: Job)] {
      jobs.filter { $0.value.offered == nil }.map { (trip: $0.key, job: $0.value) }
        .sorted { ($0.job.since, $0.trip) < ($1.job.since, $1.trip) }
    }
  }

  /// Nothing is ever refused by a board.
  public enum Rejection: Error, Hashable, Sendable {}

  /// How many of those that wait longest are looked at in a round: as many again as there are riders, and never fewer
  /// than this. Who stands farther back in the queue waits for those before, not for a rider, and so neither looks in vain
  /// nor asks the neighbours: on an evening with thousands in the queue a round stays small.
  public static let front = 100
  /// Rounds before the next neighbour is asked.
  public static let patience: UInt64 = 2
  /// Neighbours that are asked, nearest first.
  public static let mostNeighbours = 4
  /// More jobs than riders by so many is pressure, and so is one that no neighbour had a rider for; as many riders as jobs
  /// ends it.
  public static let pressureThreshold = 4
  /// Riders are not asked again before this has passed: by then whoever was asked has come or has said no.
  public static let coolDown = Rider.suggestionLease
  /// How far away riders are asked to come from, in zones. Each asking under the same pressure goes a zone farther out,
  /// and then begins again.
  public static let reach = 3

  public static var initial: State { State() }

  public static func decide(_ command: Command, _ state: State, at now: Instant) -> [Event] {
    switch command {
    case .list(let rider, let place): return state.riders[rider] == place ? [] : [.riderListed(rider, at: place)]
    case .unlist(let rider): return state.riders[rider] == nil ? [] : [.riderUnlisted(rider)]
    case .seek(let trip, let pickup, let home, let backup, let unwilling):
      guard state.jobs[trip] == nil else { return [] }
      return [.jobListed(trip: trip, pickup: pickup, home: home, backup: backup, not: unwilling, at: now)]
    case .drop(let trip):
      guard let job = state.jobs[trip] else { return [] }
      return [.jobDropped(trip: trip, widened: job.widened)]
    case .match: return match(state, now)
    case .refused(let trip, let rider):
      return state.jobs[trip]?.offered == rider ? [.unmatched(trip: trip, rider: rider)] : []
    case .lend(let zone, let most):
      let spare = max(0, state.riders.count - state.jobs.count)
      let nearest = state.riders.map { (rider: $0.key, away: $0.value.distance(to: zone.centre)) }
        .sorted { ($0.away, $0.rider) < ($1.away, $1.rider) }
      return nearest.prefix(min(spare, Int(clamping: most))).map { .lent(rider: $0.rider, to: zone) }
    case .lendRefused(let zone, let rider):
      let others = state.riders.filter { $0.key != rider }
        .map { (rider: $0.key, away: $0.value.distance(to: zone.centre)) }
        .sorted { ($0.away, $0.rider) < ($1.away, $1.rider) }
      guard state.riders.count > state.jobs.count, let next = others.first else { return [] }
      return [.lent(rider: next.rider, to: zone)]
    }
  }

  private static func match(_ state: State, _ now: Instant) -> [Event] {
    guard state.isGathering else { return [] }
    var events: [Event] = []
    var riders = state.riders
    let seeking = state.seeking
    var waiting: [UInt64] = []
    var own = 0
    // A neighbour's job gets who is left over: that is what makes a rider there a backup.
    for isBackup in [false, true] {
      let queue = seeking.filter { $0.job.isBackup == isBackup }
      let looked = queue.prefix(max(front, 2 * riders.count))
      var found: Set<UInt64> = []
      for (trip, rider) in matches(Array(looked), riders, now) {
        guard let home = state.jobs[trip]?.home else { continue }
        events.append(.matched(trip: trip, rider: rider, home: home))
        riders[rider] = nil
        found.insert(trip)
      }
      waiting += looked.map(\.trip).filter { !found.contains($0) }
      if !isBackup { own = queue.count - found.count }
    }
    // Where a queue is longer than what was looked at, some of those looked at are left too: the next round is sure.
    events.append(.roundPassed(waiting: waiting, at: now))
    for trip in waiting { events += next(for: trip, state) }
    let isHopeless = riders.isEmpty && waiting.contains { state.jobs[$0]?.isEscalated == true }
    return events + pressure(state, lacking: own - riders.count, isHopeless: isHopeless, now)
  }

  private static func matches(
    _ jobs: [(trip: UInt64, job: Job)], _ riders: [UInt64: Location], _ now: Instant
  ) -> [(trip: UInt64, rider: UInt64)] {
    guard !jobs.isEmpty, !riders.isEmpty else { return [] }
    let idle = riders.sorted { $0.key < $1.key }.map { IdleRider(id: $0.key, location: $0.value) }
    // Those who have said no to some are matched apart: the matcher knows distances, not wishes.
    let easy = jobs.filter { $0.job.refusedBy.isEmpty }
    let batch = Matcher().match(easy.map { dispatch($0.trip, $0.job, now) }, idle)
    var found = batch.matches.map { (trip: $0.job, rider: $0.rider) }
    var taken = Set(found.map(\.rider))
    for (trip, job) in jobs where !job.refusedBy.isEmpty {
      let willing = idle.filter { !taken.contains($0.id) && !job.refusedBy.contains($0.id) }
      guard let match = Matcher().match([dispatch(trip, job, now)], willing).matches.first else { continue }
      taken.insert(match.rider)
      found.append((trip: trip, rider: match.rider))
    }
    return found
  }

  private static func dispatch(_ trip: UInt64, _ job: Job, _ now: Instant) -> DispatchJob {
    DispatchJob(id: trip, pickup: job.pickup, waited: max(.zero, now - job.since))
  }

  /// Two rounds in vain: the next neighbour, and after the last one a person.
  private static func next(for trip: UInt64, _ state: State) -> [Event] {
    guard let job = state.jobs[trip], !job.isBackup, job.rounds + 1 >= patience, !job.isEscalated else { return [] }
    let neighbours = job.home.neighbours.prefix(mostNeighbours)
    if let zone = neighbours.first(where: { !job.widened.contains($0) }) { return [.widened(trip: trip, to: zone)] }
    return [.escalated(trip: trip, home: job.home)]
  }

  /// `lacking`: the zone's own jobs that wait, less the riders that are free.
  private static func pressure(_ state: State, lacking: Int, isHopeless: Bool, _ now: Instant) -> [Event] {
    if state.isUnderPressure, lacking <= 0 { return [.pressureFell] }
    guard state.isUnderPressure || lacking >= pressureThreshold || isHopeless else { return [] }
    if let rose = state.pressureRoseAt, now < rose + coolDown { return [] }
    return [.pressureRose(need: UInt64(max(1, lacking)), at: now)]
  }

  public static func evolve(_ state: inout State, _ event: Event) {
    state.beganBatch = false
    switch event {
    case .riderListed(let rider, let place):
      state.riders[rider] = place
    case .riderUnlisted(let rider): state.riders[rider] = nil
    case .jobListed(let trip, let pickup, let home, let backup, let unwilling, let at):
      state.jobs[trip] = Job(pickup: pickup, home: home, isBackup: backup, since: at, refusedBy: unwilling)
      gather(&state)
    case .jobDropped(let trip, _): state.jobs[trip] = nil
    case .matched(let trip, let rider, _):
      state.jobs[trip]?.offered = rider
      state.riders[rider] = nil
    case .unmatched(let trip, let rider):
      state.jobs[trip]?.offered = nil
      state.jobs[trip]?.refusedBy.append(rider)
      gather(&state)
    case .roundPassed(let waiting, _):
      for trip in waiting { state.jobs[trip]?.rounds += 1 }
      state.isGathering = false
      if !waiting.isEmpty { gather(&state) }
    case .widened(let trip, let zone):
      state.jobs[trip]?.widened.append(zone)
      state.jobs[trip]?.rounds = 0
    case .escalated(let trip, _):
      state.jobs[trip]?.isEscalated = true
      // Who has said no may be asked again: there is nobody else.
      state.jobs[trip]?.refusedBy = []
    case .pressureRose(_, let at):
      (state.isUnderPressure, state.pressureRoseAt) = (true, at)
      state.askings += 1
    case .pressureFell: (state.isUnderPressure, state.askings) = (false, 0)
    case .lent: break
    }
  }

  private static func gather(_ state: inout State) {
    guard !state.isGathering else { return }
    (state.isGathering, state.beganBatch) = (true, true)
  }
}
