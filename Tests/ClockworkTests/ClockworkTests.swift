import Clockwork
import Testing

@Suite struct DiceTests {
  @Test("The stream of a seed is SplitMix64's")
  func reference() {
    var dice = Dice(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in dice.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test("A roll stays below its bound and reaches all of it; a sure thing uses up no throw")
  func roll() {
    var dice = Dice(seed: 1)
    #expect(Set((0..<200).map { _ in dice.roll(6) }) == [0, 1, 2, 3, 4, 5])
    let before = dice
    #expect(dice.roll(0) == 0 && dice.roll(1) == 0)
    #expect(!dice.chance(perMille: 0) && dice.chance(perMille: 1000) && !dice.chance(perMille: -3))
    #expect(dice == before)
  }
}

@Suite struct ChoicesTests {
  @Test("A script is played back, reduced into range, and followed by zeros")
  func script() {
    var choices = Choices(script: [1, 7, 2])
    #expect(
      [choices.choose(3), choices.choose(5), choices.choose(1), choices.choose(9), choices.choose(9)] == [
        1, 2, 0, 2, 0,
      ])
  }

  @Test("A choice among one uses up nothing", arguments: [Choices(seed: 1), Choices(script: [3])])
  func nothingToChoose(choices: Choices) {
    var after = choices
    #expect(after.choose(1) == 0 && after.choose(0) == 0 && after.choose(-1) == 0)
    #expect(after == choices)
  }
}

@Suite struct TimeTests {
  @Test("Adding to an instant saturates at never")
  func saturates() {
    #expect(Instant.never + .seconds(1) == .never)
    #expect(Instant(nanoseconds: .max - 5) + .nanoseconds(10) == .never)
    #expect(Instant.start + .seconds(2) - .start == .seconds(2))
  }

  @Test(
    "Intervals are read and written in their natural unit",
    arguments: [
      ("850us", "850µs"), ("1500ms", "1.5s"), ("2s", "2s"), ("3.2ms", "3.2ms"), ("1m", "60s"), ("7ns", "7ns"),
    ])
  func intervals(text: String, written: String) {
    #expect(Interval(parsing: text)?.description == written)
  }

  @Test("What is no interval is refused", arguments: ["", "5", "ms", "-1s", "1e40s", "nans", "infs", "1 day"])
  func noInterval(text: String) { #expect(Interval(parsing: text) == nil) }

  @Test("Instants print as seconds with milliseconds")
  func instants() {
    #expect(Instant(nanoseconds: 2_034_999_999).description == "2.034s")
    #expect(Instant.never.description == "never")
    #expect(Instant(nanoseconds: -1_500_000_000).description == "-1.500s")
    #expect(Instant(nanoseconds: -5_000_000).description == "-0.005s")
  }
}

@Suite struct NodeIDTests {
  @Test(
    "Names are read back as they are written",
    arguments: [NodeID.console, NodeID(1), NodeID(999), .client(1), .client(999)])
  func names(id: NodeID) { #expect(NodeID(parsing: id.description) == id) }

  @Test("What names no node is refused", arguments: ["", "n", "n0", "n-1", "n1000", "x1", "me", "n1 "])
  func noName(text: String) { #expect(NodeID(parsing: text) == nil) }
}

@Suite struct StateHasherTests {
  @Test("The hash of the same words is the same in every process")
  func pinned() {
    var hasher = StateHasher()
    hasher.combine(1 as UInt64)
    hasher.combine("orders")
    hasher.combine(true)
    #expect(hasher.finalize() == 11_206_450_429_690_289_110)
  }

  @Test("Order and boundaries count")
  func order() {
    func hash(_ texts: String...) -> UInt64 {
      var hasher = StateHasher()
      for text in texts { hasher.combine(text) }
      return hasher.finalize()
    }
    #expect(hash("ab", "c") != hash("a", "bc"))
    #expect(hash("a", "b") != hash("b", "a"))
    #expect(hash("", "a") != hash("a", ""))
  }
}

@Suite struct OutboxTests {
  @Test("A note is built only for someone who listens")
  func notes() {
    var built = 0
    func text() -> String {
      built += 1
      return "done"
    }
    var silent = Outbox<Int, Int>(me: NodeID(1), now: .start, choices: Choices(seed: 1))
    silent.note(text())
    #expect(built == 0 && silent.notes.isEmpty)
    var telling = Outbox<Int, Int>(me: NodeID(1), now: .start, choices: Choices(seed: 1), narrating: true)
    telling.note(text())
    #expect(built == 1 && telling.notes == ["done"])
  }
}
