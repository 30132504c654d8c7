import Testing

@testable import Workbench

@Suite("PartitionNames") struct PartitionNamesTests {
  private static let bench: Bench = {
    var bench = Bench(seed: 7)
    _ = transcript(&bench, ["cluster start 3", "topic create riders", "topic create orders --partitions 2"])
    return bench
  }()

  @Test(
    "numbers that the metadata knows become names, others stay",
    arguments: [
      ("Produce ⟨2/1⟩ acks=all", "Produce orders/1 acks=all"),
      ("Fetch ⟨1/0⟩ from 3, ⟨2/0⟩ from 4", "Fetch riders/0 from 3, orders/0 from 4"),
      ("Partition 2/0 in sync n1,n2 (p2)", "Partition orders/0 in sync n1,n2 (p2)"),
      ("AlterPartition 1/0 in sync n1 (e1, p1)", "AlterPartition riders/0 in sync n1 (e1, p1)"),
      ("Produce ⟨9/0⟩ acks=all", "Produce ⟨9/0⟩ acks=all"),
      ("⟨ is a bracket, 1/0 a fraction", "⟨ is a bracket, 1/0 a fraction"),
      ("Partition of nothing", "Partition of nothing"),
    ])
  func naming(_ text: String, _ expected: String) {
    #expect(PartitionNames(Self.bench.image).naming(text) == expected)
  }

  @Test("no view shows a number", arguments: ["step 60 --all", "trace 60 --all", "diagram 60 --all --prose"])
  func views(_ line: String) {
    var bench = Self.bench
    _ = bench.run("produce orders bibimbap --no-wait")
    if !line.hasPrefix("step") { _ = bench.run("step 60 --all") }
    let text = bench.run(line).plain
    #expect(text.contains("orders/") || text.contains("riders/"), "\(text)")
    #expect(!text.contains("⟨"))
  }
}
