import ArgumentParser

struct Simulate: BenchCommand {
  static let examples = [
    "simulate --seeds 20 --faults crash,cut", "simulate --seeds 50 --rule min-in-sync=off", "simulate --world delivery",
    "simulate --world commit --protocol 3pc --faults cut",
  ]
  static let configuration = help(
    "simulate", "Run a cluster or checkouts under many seeds' faults.",
    "Each seed is a run of its own, with every invariant watched: three brokers, clients that produce with acks=all, and a nemesis; or a coordinator and its services, twelve checkouts and AC1 to AC5. A seed that breaks something breaks it again. The world at hand stays as it is."
  )

  @OptionGroup var question: SimulateQuestion

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer { question.answer(errand) }
}

struct Shrink: BenchCommand {
  static let examples = [
    "shrink 17 --rule min-in-sync=off", "shrink 17 --faults crash,cut --save small.run", "shrink --replay small.run",
    "shrink 72 --world commit --protocol 3pc-timeout",
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
