import Clockwork
import DualWrite
public import Simulation

/// One evening on several systems, under the same faults.
public struct Comparison: Hashable, Sendable {
  public let plan: ComparisonPlan
  public let figures: [ComparisonFigures]
  let systems: [System]

  /// What is compared.
  enum System: String, Hashable, CaseIterable, Sendable {
    case bare, careful, log

    /// As the head of a table.
    var title: String {
      switch self {
      case .bare: "calls in a row"
      case .careful: "careful services"
      case .log: "on the log"
      }
    }

    func run(
      _ plan: ComparisonPlan, _ isCancelled: () -> Bool, _ progress: (Double) -> Void
    ) -> ComparisonFigures {
      switch self {
      case .bare, .careful:
        var trial = DualWriteTrial(plan, care: self == .bare ? .bare : .careful, name: title)
        return trial.run(isCancelled)
      case .log:
        var trial = LogTrial(plan, name: title)
        return trial.run(isCancelled, progress)
      }
    }
  }

  /// Runs all of them; nil when it was cancelled.
  public static func run(_ plan: ComparisonPlan, _ errand: Errand) -> Comparison? {
    var figures: [ComparisonFigures] = []
    for system in System.allCases {
      errand.progress(system.title, 0)
      figures.append(system.run(plan, errand.isCancelled) { errand.progress(system.title, $0) })
      if errand.isCancelled() { return nil }
    }
    return Comparison(plan: plan, figures: figures, systems: System.allCases)
  }

  private init(plan: ComparisonPlan, figures: [ComparisonFigures], systems: [System]) {
    self.plan = plan
    self.figures = figures
    self.systems = systems
  }

  /// What claims call the counted things.
  static let counted: [(name: String, of: @Sendable (ComparisonFigures) -> Int)] = [
    ("delivered", { $0.delivered }), ("cancelled", { $0.cancelled }), ("half-applied", { $0.halfApplied }),
    ("by-hand", { $0.byHand }), ("contradictions", { $0.contradictions }), ("repairs", { $0.repairs }),
    ("median-ms", { milliseconds($0, 500) }), ("p99-ms", { milliseconds($0, 990) }), ("unshown", { $0.unshown }),
    ("lost", { $0.lost }),
  ]

  /// From the fact to the screen, so many in a thousand; 0 when nothing was shown.
  private static func milliseconds(_ figures: ComparisonFigures, _ perMille: Int) -> Int {
    Int(clamping: figures.delay(perMille: perMille)?.milliseconds ?? 0)
  }

  /// Nil when there is no such system.
  func figures(of system: String) -> ComparisonFigures? {
    systems.firstIndex { $0.rawValue == system }.map { figures[$0] }
  }
}
