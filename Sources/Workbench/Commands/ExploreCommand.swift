import ArgumentParser

struct Explore: BenchCommand {
  static let examples = [
    "explore 2pc --participants 2 --crashes 1", "explore 3pc --participants 2 --cuts 1",
    "explore replication --rule kip101 --save lost.schedule", "explore --replay lost.schedule",
    "explore published --participants 5 --symmetry",
  ]
  static let configuration = help(
    "explore", "Search every order in which things can happen.",
    "Any message under way may arrive next, any timer ring, and any fault that the options allow strike. The nodes run their own code. Of a promise that breaks the shortest schedule is shown; exit 0 all promises hold, 1 one is broken, 2 undecided within the bounds. It leaves the world at hand alone."
  )

  @OptionGroup var question: ExploreQuestion

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    question.answer(width: bench.width, isASCII: bench.isASCII, errand)
  }
}
