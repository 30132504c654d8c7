import ArgumentParser
import Broker
import Clockwork
import Glibc
import Simulation

/// How long it takes to go somewhere in a long history, and how much memory the history takes.
struct RewindBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewind",
    abstract: "Goes to random places in a long run on broker nodes, steps back, and forks.",
    discussion: "  swift run -c release baedal-bench rewind --events 1000000")

  @Option(help: "Events in the run.") var events = 1_000_000
  @Option(help: "How often to go somewhere.") var journeys = 200

  func run() throws {
    let began = coreSeconds()
    var timeline = Timeline(BenchCluster.world(seed: 0))
    timeline.run(events: events)
    print("\(events) events recorded in \(milliseconds(coreSeconds() - began)) ms, peak memory \(peakMegabytes()) MB")

    var dice = Dice(seed: 1)
    let first = timeline.beginning.event
    var goto: [Double] = []
    var back: [Double] = []
    var fork: [Double] = []
    for _ in 0..<journeys {
      let place = first + 1 + Int(dice.roll(UInt64(timeline.end.event - first)))
      goto.append(seconds { timeline.goto(event: place) })
      back.append(seconds { timeline.back() })
      fork.append(
        seconds {
          var other = timeline
          other.apply(.fault(.crash(NodeID(1))))
        })
    }
    print("             median      worst, ms")
    for (name, took) in [("goto", goto), ("back 1", back), ("fork", fork)] {
      let sorted = took.sorted()
      print(
        "  \(padded(name, 8)) \(padded(milliseconds(sorted[sorted.count / 2]), 11)) \(milliseconds(sorted[sorted.count - 1]))"
      )
    }
    print("peak memory \(peakMegabytes()) MB")
  }

  private func seconds(_ body: () -> Void) -> Double {
    let began = coreSeconds()
    body()
    return coreSeconds() - began
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func milliseconds(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100_000).rounded())
    return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
  }

  private func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
  }
}
