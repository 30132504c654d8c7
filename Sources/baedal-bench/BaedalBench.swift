import ArgumentParser

/// Benchmarks, side by side in one run. Figures are of this machine at this moment: compare within a run only.
@main
struct BaedalBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baedal-bench",
    abstract: "Measures Baedal: ratios within one run, never a verdict.",
    subcommands: [
      WorldBench.self, ExploreBench.self, RewindBench.self, MatchingBench.self, StreamsBench.self, HistoryBench.self,
      EventsBench.self, EngineBench.self,
    ])
}
