public import Clockwork

/// A delivery that needs a rider.
public struct DispatchJob: Hashable, Sendable {
  public var id: UInt64
  public var pickup: Location
  /// How long it has been waiting for a rider; longer waiting is dearer.
  public var waited: Interval

  public init(id: UInt64, pickup: Location, waited: Interval = .zero) {
    self.id = id
    self.pickup = pickup
    self.waited = waited
  }
}

/// A rider who could take one.
public struct IdleRider: Hashable, Sendable {
  public var id: UInt64
  public var location: Location

  public init(id: UInt64, location: Location) {
    self.id = id
    self.location = location
  }
}

/// Which rider is to go to which job.
public struct Match: Hashable, Sendable {
  public var job: UInt64
  public var rider: UInt64
  /// How long the rider needs to the place of pick-up.
  public var approach: Interval
}

/// What a batch came to.
public struct MatchedBatch: Hashable, Sendable {
  public enum Method: String, Hashable, Sendable { case optimal, greedy }

  /// In the order of the jobs.
  public var matches: [Match]
  /// Jobs that are better off waiting for the next batch, or have nobody.
  public var waiting: [UInt64]
  public var method: Method
  /// Of the approaches and of what waiting was set to cost, in milliseconds: what the method minimises.
  public var cost: Int64

  public var totalApproach: Interval { matches.reduce(.zero) { $0 + $1.approach } }
}

/// Decides for a batch of jobs and idle riders of one zone at once.
///
/// Taking the nearest rider job by job is 13–18 % worse in total than the best assignment while riders are plenty, and
/// more than 40 % when they are scarce. So jobs are gathered for some seconds (`BatchClock`) and assigned together,
/// exactly: first over edges to the nearest, then over every edge that the potentials of that solution say could
/// improve it, until none does.
public struct Matcher: Hashable, Sendable {
  public var travel: Travel
  /// How many nearest riders each job looks at first, and jobs each rider.
  public var nearest: Int
  /// From how many jobs on the fallback is used: it takes less time than the best assignment would.
  public var overload: Int
  /// What leaving a job for the next batch costs as long as it is new; twice what it has waited comes on top.
  public var patience: Interval

  public init(
    travel: Travel = .scooter, nearest: Int = 8, overload: Int = 1_000, patience: Interval = .seconds(30 * 60)
  ) {
    self.travel = travel
    self.nearest = max(1, nearest)
    self.overload = max(1, overload)
    self.patience = patience
  }

  /// The best assignment; the greedy one for a batch of `overload` jobs or more.
  public func match(_ jobs: [DispatchJob], _ riders: [IdleRider]) -> MatchedBatch {
    jobs.count < overload ? optimal(jobs, riders) : greedy(jobs, riders)
  }

  /// Job by job, those that waited longest first, each takes the nearest rider who is left.
  public func greedy(_ jobs: [DispatchJob], _ riders: [IdleRider]) -> MatchedBatch {
    var grid = PlaceGrid(riders.map(\.location))
    var taken: [Int?] = Array(repeating: nil, count: jobs.count)
    let order = jobs.indices.sorted { (jobs[$1].waited, $0) < (jobs[$0].waited, $1) }
    for job in order {
      guard let found = grid.nearest(1, to: jobs[job].pickup).first else { break }
      guard cost(jobs[job], riders[found.index]) <= waitingCost(jobs[job]) else { continue }
      grid.remove(found.index)
      taken[job] = found.index
    }
    return batch(taken, jobs, riders, .greedy)
  }

  /// The assignment of least cost among all.
  public func optimal(_ jobs: [DispatchJob], _ riders: [IdleRider]) -> MatchedBatch {
    var problem = AssignmentProblem(columns: riders.count, waiting: jobs.map(waitingCost))
    var offered: [Set<Int>] = Array(repeating: [], count: jobs.count)
    func offer(_ job: Int, _ rider: Int) {
      guard offered[job].insert(rider).inserted else { return }
      problem.add(row: job, column: rider, cost: cost(jobs[job], riders[rider]))
    }
    let riderGrid = PlaceGrid(riders.map(\.location))
    for job in jobs.indices {
      for found in riderGrid.nearest(nearest, to: jobs[job].pickup) { offer(job, found.index) }
    }
    // From the riders' side too where they are scarce: one far from everybody would otherwise be left out. Where they are
    // plenty most are left out rightly, and their edges are most of the work.
    if riders.count < 2 * jobs.count {
      let jobGrid = PlaceGrid(jobs.map(\.pickup))
      for rider in riders.indices {
        for found in jobGrid.nearest(nearest, to: riders[rider].location) { offer(found.index, rider) }
      }
    }
    while true {
      let solved = ShortestAugmentingPaths(problem)
      var isOptimal = true
      for job in jobs.indices {
        let dear = solved.rowPotential[job]
        for rider in riders.indices where !offered[job].contains(rider) {
          guard cost(jobs[job], riders[rider]) < dear + solved.columnPotential[rider] else { continue }
          offer(job, rider)
          isOptimal = false
        }
      }
      // Ends: every further round has at least one edge more, and there are only so many.
      if isOptimal { return batch(solved.solution.columnOfRow, jobs, riders, .optimal) }
    }
  }

  /// The approach in milliseconds.
  public func cost(_ job: DispatchJob, _ rider: IdleRider) -> Int64 {
    travel.time(from: rider.location, to: job.pickup).milliseconds
  }

  /// What leaving the job for the next batch is set to cost, in milliseconds.
  public func waitingCost(_ job: DispatchJob) -> Int64 { (patience + job.waited * 2).milliseconds }

  private func batch(
    _ taken: [Int?], _ jobs: [DispatchJob], _ riders: [IdleRider], _ method: MatchedBatch.Method
  ) -> MatchedBatch {
    var batch = MatchedBatch(matches: [], waiting: [], method: method, cost: 0)
    for (job, rider) in zip(jobs, taken) {
      if let rider {
        let approach = cost(job, riders[rider])
        batch.matches.append(Match(job: job.id, rider: riders[rider].id, approach: .milliseconds(approach)))
        batch.cost += approach
      } else {
        batch.waiting.append(job.id)
        batch.cost += waitingCost(job)
      }
    }
    return batch
  }
}

/// When a zone's gathered jobs are matched: two to five seconds after the first of them came.
///
/// Short while riders are plenty, for waiting then gains little; longer when they are scarce.
public struct BatchClock: Hashable, Sendable {
  public var shortest: Interval
  public var longest: Interval

  public init(shortest: Interval = .seconds(2), longest: Interval = .seconds(5)) {
    self.shortest = shortest
    self.longest = max(shortest, longest)
  }

  /// When to match jobs of which the oldest came at `first`.
  public func due(first: Instant, jobs: Int, riders: Int) -> Instant {
    first + (jobs <= riders ? shortest : longest)
  }
}
