import Notebook
import Workbench

/// A workspace small enough to see through: names on a shelf, each with a value. It stands in for the bench, so that
/// these tests are about lessons only.
struct Shelf: Workspace {
  private var values: [String: String] = [:]
  private var past: [[String: String]] = []
  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  var undoable: Int { past.count }

  mutating func run(_ line: String, _ errand: Errand) -> Answer {
    let words = line.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("set", 3):
      past.append(values)
      values[words[1]] = words[2]
      return Answer(.done, [Line("\(words[1]) = \(words[2])")])
    case ("show", 2):
      return values[words[1]].map { Answer(.done, [Line($0)]) } ?? Answer(.failed, [Line("No \(words[1]).")])
    case ("all", 1):
      return Answer(.done, values.sorted { $0.key < $1.key }.map { Line("\($0.key) = \($0.value)") })
    case ("roll", 2):
      past.append(values)
      values[words[1]] = "\(seed % 2)"
      return Answer(.done, [Line("\(words[1]) rolled \(seed % 2)")])
    case ("back", 1):
      guard let before = past.popLast() else { return Answer(.failed, ["Nothing to undo."]) }
      values = before
      return Answer(.done, ["Undone."])
    case ("spin", 1):
      while !errand.isCancelled() {}
      return Answer(.interrupted, ["Stopped."])
    case ("say", _): return Answer(.done, [Line(line.dropFirst(4).description)])
    case ("expect", _):
      let verdict = judge(words.dropFirst().joined(separator: " "))
      return Answer(.judged(verdict), [Line("\(verdict.value.rawValue): \(verdict.claim)")])
    case ("help", 1): return Answer(.done, ["set NAME VALUE, show NAME, all, back"])
    default: return Answer(.refused, [Line("No command `\(line)`. Try: help")])
    }
  }

  func judge(_ claim: String) -> Verdict {
    let words = claim.split(separator: " ").map(String.init)
    guard words.count == 3, words[1] == "is" else {
      return Verdict(.unknown, claim: claim, evidence: ["no such claim"])
    }
    guard let value = values[words[0]] else {
      if words[2] == "missing" { return Verdict(.holds, claim: claim) }
      return Verdict(
        .fails, claim: claim, evidence: ["observed: no \(words[0])", "expected: \(words[2])"], next: "set \(words[0]) …"
      )
    }
    return value == words[2]
      ? Verdict(.holds, claim: claim, evidence: ["observed: \(value)"])
      : Verdict(
        .fails, claim: claim, evidence: ["observed: \(value)", "expected: \(words[2])"], next: "show \(words[0])")
  }
}

enum Texts {
  static let front = """
    ---
    id: "10"
    title: The shelf
    minutes: 10
    components: [Shelf]
    belief: a shelf keeps everything
    ---
    """

  /// A lesson with a cell of each kind.
  static let whole = """
    ---
    id: "10"
    title: The shelf
    minutes: 10
    components: [Shelf]
    belief: a shelf keeps everything
    ---

    # The shelf

    Mina puts a *box* of kimchi on the shelf. Say
    `show` to see it.

    ```baedal
    > set kimchi 1
    kimchi = [N]
    > show kimchi
    1
    ```

    - It is there.
    - It stays there.

    ## What she takes

    ```predict
    question: Mina takes the box away. What does `show` say?
    choices:
      - right: that there is none
        when: kimchi is gone
      - wrong: the box
        belief: a shelf keeps everything
        why: Taking it away is a change like any other.
    because: |
      The shelf holds what was put last.
      Nothing else.
    ```

    She reaches for it.

    ```baedal
    > set kimchi gone
    ...
    ```

    ```expect
    kimchi is gone
    ```

    ## Your turn

    ```task
    goal: Put soup on the shelf.
    expect:
      - soup is 2
    hints:
      - Which command puts things there?
      - It is `set`.
    solution: |
      set soup 2
    wrong:
      - commands: |
          set soup 1
        when: soup is 1
        feedback: One bowl is not enough for two.
      - commands:
          - set kimchi 2
        when: kimchi is 2
        feedback: That was kimchi.
    debrief: |
      Two bowls, two guests.
    ```

    ## Review

    ```review
    - question: Who empties a shelf?
      choices:
        - right: whoever takes
        - wrong: time
      because: Only commands change it.
    - question: What does `back` do?
      choices:
        - wrong: forgets everything
        - right: undoes one command
      because: The world is a value.
    - question: Is the shelf real?
      choices:
        - wrong: "yes"
        - right: "no"
      because: It stands in for the bench.
    ```
    """

  static func lesson(_ body: String) throws -> Lesson { try Lesson(front + "\n" + body, file: "Lessons/10.md") }

  /// The line of the file on which the text below the front matter begins.
  static let firstLine = 8
}
