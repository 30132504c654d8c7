import ArgumentParser

struct Simulate: BenchCommand {
  static let examples = [
    "simulate --seeds 20 --faults crash,cut", "simulate --seeds 50 --rule min-in-sync=off", "simulate --world delivery",
  ]
  static let configuration = help(
    "simulate", "Run a cluster under random faults with many seeds.",
    "Each seed is a run of its own, with every invariant watched: three brokers, clients that produce with acks=all, and a nemesis. A seed that breaks something breaks it again. The world at hand stays as it is."
  )

  @OptionGroup var question: SimulateQuestion

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer { question.answer(errand) }
}

struct Shrink: BenchCommand {
  static let examples = [
    "shrink 17 --rule min-in-sync=off", "shrink 17 --faults crash,cut --save small.run", "shrink --replay small.run",
  ]
  static let configuration = help(
    "shrink", "Make a failing run of simulate small.",
    "Takes the same options as the simulate that found the seed. Inputs and faults that are not needed are left out, and nodes choose the first way if that breaks the same invariant. The world at hand stays as it is."
  )

  @OptionGroup var question: ShrinkQuestion

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    question.answer(width: bench.width, isASCII: bench.isASCII, errand)
  }
}
