/// Waits for several answers, each of which comes on the node's event loop, and hands them on together in the order of
/// the questions.
final class Gathering<Answer> {
  private var answers: [Answer?]
  private var missing: Int
  private let done: ([Answer]) -> Void

  /// With nothing to wait for, `done` is called at once.
  init(_ count: Int, _ done: @escaping ([Answer]) -> Void) {
    answers = Array(repeating: nil, count: count)
    missing = count
    self.done = done
    if count == 0 { done([]) }
  }

  func set(_ answer: Answer, at index: Int) {
    guard answers[index] == nil else { return }
    answers[index] = answer
    missing -= 1
    if missing == 0 { done(answers.compactMap { $0 }) }
  }
}
