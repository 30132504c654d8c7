import Clockwork
import Testing
import Workbench

@Suite("ReplicaTable") struct ReplicaTableTests {
  private func records(_ texts: [(Int32, String)]) -> [ReplicaTable.Record] {
    texts.enumerated().map { ReplicaTable.Record(offset: Int64($0), epoch: $1.0, text: $1.1) }
  }

  private var diverged: ReplicaTable {
    let common: [(Int32, String)] = [(0, "c1=bibimbap"), (0, "c2=냉면 둘"), (1, "c1=kimbap")]
    return ReplicaTable(
      title: "orders/0 · epoch 2 · in sync n2",
      columns: [
        .init(
          node: NodeID(1), role: "down", isUp: false, end: 4, highWatermark: 2,
          records: records(common + [(1, "c3=tteokbokki with much cheese")])),
        .init(
          node: NodeID(2), role: "leader", end: 5, highWatermark: 4,
          records: records(common + [(2, "c3=ramyeon"), (2, "c4=jajangmyeon")])),
        .init(node: NodeID(3), role: "lagging", end: 2, highWatermark: 2, records: records(Array(common.prefix(2)))),
      ], leader: NodeID(2))
  }

  private func text(_ lines: [Line]) -> String { lines.map(\.plain).joined(separator: "\n") }

  @Test("shows who has what, where each log ends and what is committed")
  func golden() {
    let lines = diverged.lines()
    expectGolden(text(lines), "log-diverged")
    for line in lines { #expect(DisplayWidth.of(line.plain) <= 80) }
  }

  @Test("marks with ASCII alone what does not depend on the records")
  func ascii() {
    expectGolden(text(diverged.lines(isASCII: true)), "log-diverged-ascii")
  }

  @Test("shows the last offsets of a long log and says how many come before")
  func long() {
    let all = records((0..<100).map { (0, "order \($0)") })
    let table = ReplicaTable(
      title: "orders/0", columns: [.init(node: NodeID(1), role: "leader", end: 100, highWatermark: 100, records: all)],
      leader: NodeID(1), most: 3)
    expectGolden(text(table.lines()), "log-long")
  }

  @Test("fits five replicas in 80 columns and an empty log in any")
  func five() {
    let columns = (1...5).map {
      ReplicaTable.Column(
        node: NodeID(Int32($0)), role: "in sync", end: 1, highWatermark: 0, records: records([(0, "bibimbap")]))
    }
    for line in ReplicaTable(title: "orders/0", columns: columns, leader: nil).lines() {
      #expect(DisplayWidth.of(line.plain) <= 80)
    }
    let empty = ReplicaTable(
      title: "orders/0", columns: [.init(node: NodeID(1), role: "leader", end: 0, highWatermark: 0, records: [])],
      leader: NodeID(1))
    expectGolden(text(empty.lines()), "log-empty")
  }
}
