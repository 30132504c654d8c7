import Testing

@testable import Workbench

@Suite("Highlights") struct HighlightsTests {
  @Test("the weightiest stay, of equals the later ones, in the order of time")
  func kept() {
    let weights: [Highlights.Weight] = [.decisive, .quorum, .telling, .progress, .telling, .quorum, .decisive]
    #expect(Highlights.kept(weights, most: 3) == [0, 4, 6])
    #expect(Highlights.kept(weights, most: 1) == [6])
    #expect(Highlights.kept(weights, most: 99) == [0, 1, 2, 3, 4, 5, 6])
  }

  /// n3 was the controller: its death starts an election of the controller, with a vote of each broker.
  @Test(
    "a truncation and a change of the in-sync set are told, whatever votes come after",
    arguments: [1, 2, 3] as [UInt64])
  func truncation(_ seed: UInt64) {
    var bench = Bench(seed: seed)
    _ = transcript(
      &bench,
      [
        "cluster start 5", "rules set truncation hw", "topic create orders", "produce orders m0", "crash n1",
        "run until leader orders/0 is n2 --within 30s", "crash n2",
      ])
    let text = bench.run("run 15s").plain
    #expect(text.contains("truncates orders/0") || text.contains("leads orders/0 in epoch 2"))
    #expect(text.contains("in-sync orders/0: n2 n3 → n3"), "\(text)")
  }
}
