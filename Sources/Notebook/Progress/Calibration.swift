public import Workbench

/// How far a learner's confidence can be trusted, from predictions and what became of them.
///
/// Errors made with certainty come first: they are the ones worth correcting, and the ones that corrections stick to
/// (Butterfield and Metcalfe 2001).
public struct Calibration: Hashable, Sendable {
  private let predictions: [ProgressEvent.Prediction]

  public init(_ predictions: [ProgressEvent.Prediction]) { self.predictions = predictions }

  /// Empty when nothing was predicted.
  public var lines: [Line] {
    guard !predictions.isEmpty else { return [] }
    let right = predictions.count(where: \.right)
    var lines = [Line("Predictions: \(right) of \(predictions.count) right.")]
    for (confidence, name) in [(3, "certain"), (2, "rather sure"), (1, "a guess")] {
      let these = predictions.filter { $0.confidence == confidence }
      guard !these.isEmpty else { continue }
      lines.append(Line("  \(name): \(these.count(where: \.right)) of \(these.count) right", .faint))
    }
    let errors = predictions.filter { !$0.right && $0.belief != nil }
      .enumerated().sorted { ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset) }
    if !errors.isEmpty { lines.append("What you believed, and saw refuted:") }
    for (_, error) in errors {
      let mark = error.confidence == 3 ? " (you were certain)" : ""
      lines.append(Line("  - \(error.belief ?? "")\(mark)"))
    }
    return lines
  }
}
