import Console
import Notebook
import Workbench

/// The conversation with a learner: the menu, from there a lesson or free play, and back. Writes progress as it happens.
struct Guide: Conversation {
  private enum Place {
    /// Can become walking, playing.
    case menu
    /// Can become menu.
    case walking(Walkthrough<Bench>)
    /// Can become menu.
    case playing(FreePlay)
  }

  private let library: LessonLibrary
  private var journal: Journal
  private let seed: UInt64?
  private let first: String?
  private let fromStart: Bool
  private var place = Place.menu

  init(library: LessonLibrary, journal: Journal, seed: UInt64?, lesson: String?, fromStart: Bool) {
    self.library = library
    self.journal = journal
    self.seed = seed
    self.fromStart = fromStart
    first = lesson
  }

  var prompt: Line {
    switch place {
    case .menu: Line("baedal ", .strong) + Line("a lesson? ", .faint) + Line("> ")
    case .walking(let walk): walk.prompt
    case .playing(let play): play.prompt
    }
  }

  mutating func begin() -> [Line] {
    var lines = journal.notice.map { [Line($0, .doubtful), Line()] } ?? []
    if let first { return lines + open(first, resuming: !fromStart, .quiet) }
    if let id = Progress.unfinished(in: journal.entries), let file = try? library.file(named: id) {
      lines.append(Line("You left lesson \(id) unfinished; here it goes on. `main` opens the menu.", .faint))
      return lines + open(file, resuming: true, .quiet)
    }
    return lines + menu()
  }

  mutating func enter(_ line: String, errand: Errand) -> Reply {
    switch place {
    case .menu: return choose(line, errand)
    case .walking(var walk):
      place = .menu
      walk.space.width = Screen.size().columns
      let turn = walk.enter(line, errand)
      place = .walking(walk)
      return Reply(turn.lines + keep(turn.events) + leave(turn.leaving), isOver: turn.leaving == .goodbye)
    case .playing(var play):
      place = .menu
      let reply = play.enter(line, errand: errand)
      let leaves = reply.isOver || line == "main" || line == "nxt"
      if !leaves { place = .playing(play) }
      return leaves ? Reply(menu()) : reply
    }
  }

  func complete(_ line: String, cursor: Int) -> [Completion] {
    switch place {
    case .menu: words(library.entries.map(\.front.id) + ["play", "bye", "list"], line, cursor)
    case .walking(let walk):
      words(walk.words, line, cursor) + walk.space.complete(inCharacters: line, cursor: cursor)
    case .playing(let play): play.complete(line, cursor: cursor)
    }
  }

  mutating func end() -> [Line] {
    [Line("안녕! Progress is kept; `baedal` goes on where you left.", .faint)]
  }

  // MARK: - The menu

  private func menu() -> [Line] {
    [Line("배달 Baedal: how an order stays consistent", .heading), Line()]
      + Menu.lines(library, journal.entries, now: Surroundings.now) + [
        Line(),
        Line("Type a lesson's number, `review N` for its questions, `play` for free play, `bye` to leave.", .faint),
      ]
  }

  private mutating func choose(_ line: String, _ errand: Errand) -> Reply {
    let words = line.split(separator: " ").map(String.init)
    guard let word = words.first else {
      let next = library.entries.first { !Progress(of: $0.front.id, in: journal.entries).isFinished }
      return Reply(next.map { open($0.file, resuming: true, errand) } ?? menu())
    }
    let plain = word.hasSuffix("()") ? String(word.dropLast(2)) : word
    switch plain {
    case "bye", "q", "quit", "exit": return Reply([], isOver: true)
    case "l", "list", "main", "help", "info": return Reply(menu())
    case "play":
      let play = FreePlay(bench: Bench(seed: seed ?? 1))
      place = .playing(play)
      return Reply(play.begin())
    case "learn" where words.count == 2: return find(words[1], review: false, errand)
    case "review" where words.count == 2: return find(words[1], review: true, errand)
    default: return find(word, review: false, errand)
    }
  }

  private mutating func find(_ name: String, review: Bool, _ errand: Errand) -> Reply {
    do {
      return Reply(open(try library.file(named: name), resuming: true, review: review, errand))
    } catch {
      return Reply([Line("\(error)", .bad)])
    }
  }

  // MARK: - Walking

  private mutating func open(
    _ file: String, resuming: Bool, review: Bool = false, _ errand: Errand
  ) -> [Line] {
    do throws(LessonError) {
      let lesson = try LessonLibrary.lesson(file)
      let progress = Progress(of: lesson.front.id, in: journal.entries)
      let step = resuming && !review ? progress.resumesAt ?? 1 : 1
      let walked = review ? lesson.review ?? lesson : lesson
      var walk = Walkthrough<Bench>(
        walked, seed: seed, at: step, predictions: step > 1 ? progress.predictions : [], errand)
      walk.space.width = Screen.size().columns
      let turn = walk.begin(errand)
      place = .walking(walk)
      return turn.lines + keep(turn.events)
    } catch {
      return [Line("\(error)", .bad)]
    }
  }

  private mutating func leave(_ leaving: Turn.Leaving?) -> [Line] {
    guard leaving == .menu else { return [] }
    place = .menu
    return [Line()] + menu()
  }

  /// Writes down what happened. A journal that cannot be written is said, and the lesson goes on.
  private mutating func keep(_ events: [ProgressEvent]) -> [Line] {
    for event in events {
      do {
        try journal.append(event)
      } catch {
        return [Line("Your progress could not be written down: \(error)", .doubtful)]
      }
    }
    return []
  }

  private func words(_ words: [String], _ line: String, _ cursor: Int) -> [Completion] {
    let typed = String(line.prefix(cursor))
    guard !typed.contains(" ") else { return [] }
    return words.filter { $0.hasPrefix(typed) }.map { Completion(0..<typed.count, $0) }
  }
}
