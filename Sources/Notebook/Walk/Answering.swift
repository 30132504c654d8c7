import Workbench

extension Walkthrough {
  /// Whether the line answers what is asked, even where a letter is also a word: `c` is a choice then.
  func isAnswer(_ line: String) -> Bool {
    guard paused == nil, line.count == 1 else { return false }
    switch awaited {
    case .choice, .review: return index(of: line, among: choiceCount) != nil
    case .confidence: return Int(line) != nil
    case .run, .task, .nextStep, .end: return false
    }
  }

  /// A line that is no guiding word: an answer where one is asked for, a command elsewhere.
  mutating func answer(_ line: String, _ turn: inout Turn, _ errand: Errand) {
    guard paused == nil else {
      turn.lines += space.run(line, errand).lines
      return
    }
    switch awaited {
    case .choice: choose(line, &turn, errand)
    case .confidence(let choice): weigh(line, choice, &turn, errand)
    case .review(let question): review(line, question, &turn, errand)
    case .run, .task, .nextStep, .end: command(line, &turn, errand)
    }
  }

  /// Enter: does what is waited for where that needs no answer, and says what is waited for where it does.
  mutating func goOn(_ turn: inout Turn, _ errand: Errand) {
    switch awaited {
    case .run(let next):
      guard case .commands(let cell) = lesson.steps[step].blocks[block] else { return }
      guard run(cell, from: next, &turn, errand) else { return }
      block += 1
      proceed(&turn, errand)
    case .nextStep: leaveStep(&turn, errand)
    case .end: turn.leaving = .menu
    case .choice, .confidence, .task, .review: repeatAwaited(&turn)
    }
  }

  func ask(_ question: String, _ choices: [String], _ turn: inout Turn) {
    turn.show(Prose(ofField: question, .strong).lines)
    for (index, choice) in choices.enumerated() {
      turn.lines.append(Line("  \(letter(index)) ", .code) + Prose.inLine(choice))
    }
  }

  /// A prediction that was made, or the run that answers it, after the run.
  mutating func resolvePredictions(_ turn: inout Turn) {
    for prediction in open { resolve(prediction, &turn) }
    open = []
  }

  // MARK: -

  /// The index that `a`, `b)` or `B` stands for.
  private func index(of answer: some StringProtocol, among count: Int) -> Int? {
    let name = answer.lowercased().filter { $0 != ")" && $0 != "." }
    return (0..<count).first { letter($0) == name }
  }

  private var choiceCount: Int {
    switch (lesson.steps[step].blocks[block], awaited) {
    case (.prediction(let cell), _): cell.choices.count
    case (.review(let cell), .review(let question)): cell.questions[question].choices.count
    default: 0
    }
  }

  /// `b`, or with the confidence at once, `b 3`.
  private mutating func choose(_ line: String, _ turn: inout Turn, _ errand: Errand) {
    let words = line.split(separator: " ")
    guard (1...2).contains(words.count), let choice = index(of: words[0], among: choiceCount) else {
      refuse(line, &turn)
      return
    }
    awaited = .confidence(choice: choice)
    if words.count == 2 {
      weigh(String(words[1]), choice, &turn, errand)
    } else {
      turn.say("How sure are you? 1 a guess, 2 rather sure, 3 certain.")
    }
  }

  private mutating func weigh(_ line: String, _ choice: Int, _ turn: inout Turn, _ errand: Errand) {
    guard case .prediction(let cell) = lesson.steps[step].blocks[block] else { return }
    guard let confidence = Int(line), (1...3).contains(confidence) else {
      turn.say("No confidence `\(line)`. Say 1 (a guess), 2 (rather sure) or 3 (certain).")
      return
    }
    open.append(OpenPrediction(cell: cell, choice: choice, confidence: confidence))
    block += 1
    proceed(&turn, errand)
  }

  private func refuse(_ line: String, _ turn: inout Turn) {
    let letters = (0..<choiceCount).map { letter($0) }.joined(separator: ", ")
    turn.say("No choice `\(line)`. Choices: \(letters). Commands come after the answer; `play` tries them now.")
  }

  private mutating func resolve(_ prediction: OpenPrediction, _ turn: inout Turn) {
    let cell = prediction.cell
    let choice = cell.choices[prediction.choice]
    let sure = ["a guess", "rather sure", "certain"][prediction.confidence - 1]
    turn.gap()
    turn.lines.append(Line("You said \(letter(prediction.choice)) (\(sure)): ") + Prose.inLine(choice.text))
    switch cell.answered(space.judge) {
    case .wrong(let reason), .unknown(let reason):
      turn.say("What happened does not decide it: \(reason). `reset` starts the step anew.", .doubtful)
      return
    case .right(let right):
      let isRight = right == prediction.choice
      if isRight {
        turn.say("And so it was.", .good)
      } else {
        turn.lines.append(
          Line("What happened: \(letter(right)), ", .bad) + Prose.inLine(cell.choices[right].text, .bad))
        if let why = choice.why { turn.tell(why) }
      }
      turn.tell(cell.because.joined(separator: "\n"))
      let belief = isRight ? nil : choice.belief
      let made = ProgressEvent.Prediction(
        choice: letter(prediction.choice), confidence: prediction.confidence, right: isRight, belief: belief)
      predictions.append(made)
      turn.events.append(.predicted(lesson: lesson.front.id, step: step + 1, made))
    }
  }

  private mutating func review(_ line: String, _ question: Int, _ turn: inout Turn, _ errand: Errand) {
    guard case .review(let cell) = lesson.steps[step].blocks[block] else { return }
    guard let choice = index(of: line, among: choiceCount) else {
      refuse(line, &turn)
      return
    }
    let asked = cell.questions[question]
    let isRight = choice == asked.right
    turn.lines.append(
      isRight
        ? Line("Right.", .good)
        : Line("No: \(letter(asked.right)), ", .bad) + Prose.inLine(asked.choices[asked.right], .bad))
    turn.tell(asked.because)
    turn.events.append(.reviewed(lesson: lesson.front.id, question: question + 1, right: isRight))
    if question + 1 < cell.questions.count {
      awaited = .review(question: question + 1)
      ask(cell.questions[question + 1].text, cell.questions[question + 1].choices, &turn)
    } else {
      block += 1
      proceed(&turn, errand)
    }
  }
}
