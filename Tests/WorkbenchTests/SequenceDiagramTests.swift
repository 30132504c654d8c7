import Clockwork
import Testing

@testable import Workbench

@Suite("SequenceDiagram") struct SequenceDiagramTests {
  let n1 = NodeID(1), n2 = NodeID(2), n3 = NodeID(3), c1 = NodeID.client(1)

  /// A produce that is replicated, with a fetch answer that overtakes another, a loss and a crash.
  var story: [DiagramEvent] {
    var at: Int64 = 0
    func event(_ kind: DiagramEvent.Kind) -> DiagramEvent {
      at += 1_300_000
      return DiagramEvent(at: Instant(nanoseconds: at), kind)
    }
    return [
      event(.sends(message: 1, from: c1, to: n1, label: "Produce orders/0 bibimbap acks=all")),
      event(.arrives(message: 1, from: c1, to: n1, label: "Produce orders/0 bibimbap acks=all")),
      event(.notes(n1, "appends orders/0 offset 0")),
      event(.sends(message: 2, from: n1, to: n2, label: "Fetched 1 record")),
      event(.sends(message: 3, from: n1, to: n3, label: "Fetched 1 record, HW 0")),
      event(.sends(message: 4, from: n2, to: n1, label: "Fetch orders/0 from 0")),
      event(.arrives(message: 3, from: n1, to: n3, label: "Fetched 1 record, HW 0")),
      event(.arrives(message: 2, from: n1, to: n2, label: "Fetched 1 record")),
      event(.sends(message: 5, from: n3, to: n1, label: "Fetch orders/0 from 1")),
      event(.isLost(message: 5, from: n3, to: n1, label: "Fetch orders/0 from 1", why: "cut")),
      event(.arrives(message: 4, from: n2, to: n1, label: "Fetch orders/0 from 0")),
      event(.stops(n2, "crashes")),
      event(.sends(message: 6, from: n1, to: n2, label: "Fetched nothing")),
      event(.notes(n3, "timer: election")),
      event(.isLost(message: 6, from: n1, to: n2, label: "Fetched nothing", why: "n2 is down")),
      event(.starts(n2, "restarts")),
      event(.sends(message: 7, from: n3, to: n2, label: "Vote epoch 4")),
    ]
  }

  private func text(_ lines: [Line]) -> String { lines.map(\.plain).joined(separator: "\n") }

  @Test("draws crossings, losses, crashes and notes in 80 columns")
  func story80() {
    let lines = SequenceDiagram(story).lines
    expectGolden(text(lines), "diagram-story")
    for line in lines { #expect(DisplayWidth.of(line.plain) <= 80) }
  }

  @Test("draws the same with ASCII alone")
  func storyASCII() {
    let lines = SequenceDiagram(story, isASCII: true).lines
    expectGolden(text(lines), "diagram-story-ascii")
    #expect(lines.allSatisfy { $0.plain.allSatisfy(\.isASCII) })
  }

  @Test("tells the same in sentences")
  func prose() {
    let lines = SequenceDiagram(story).prose
    expectGolden(text(lines), "diagram-story-prose")
    for line in lines { #expect(DisplayWidth.of(line.plain) <= 80) }
  }

  @Test(
    "keeps inside its width, however narrow or crowded", arguments: [10, 21, 24, 40, 60, 80, 120], [2, 3, 5, 9, 15])
  func narrow(_ width: Int, _ nodes: Int32) {
    var events: [DiagramEvent] = []
    for i in 1...nodes {
      let j = i % nodes + 1
      let to = NodeID(j)
      let from = NodeID(i)
      events.append(DiagramEvent(at: Instant(nanoseconds: Int64(i) * 1_000_000), .notes(from, "비빔밥 주문이 들어왔다")))
      events.append(
        DiagramEvent(
          at: Instant(nanoseconds: Int64(i) * 1_000_000),
          .sends(message: UInt64(i), from: from, to: to, label: "비빔밥 주문 하나")))
    }
    for i in (1...nodes).reversed() {
      events.append(
        DiagramEvent(
          at: Instant(nanoseconds: 900_000_000),
          .arrives(message: UInt64(i), from: NodeID(i), to: NodeID(i % nodes + 1), label: "비빔밥 주문 하나")))
    }
    let lines = SequenceDiagram(events, width: width).lines
    for line in lines where !line.plain.hasPrefix("No room") { #expect(DisplayWidth.of(line.plain) <= width) }
    if width == 80 && nodes == 5 { expectGolden(text(lines), "diagram-hangul") }
    if width == 40 && nodes == 3 { expectGolden(text(lines), "diagram-narrow") }
    if width == 80 && nodes == 15 { expectGolden(text(lines), "diagram-crowded") }
  }

  @Test("a duplicated message arrives twice from one elbow")
  func duplicate() {
    let events = [
      DiagramEvent(at: .start, .sends(message: 1, from: n1, to: n2, label: "Vote epoch 2")),
      DiagramEvent(at: .start, .arrives(message: 1, from: n1, to: n2, label: "Vote epoch 2")),
      DiagramEvent(at: .start, .notes(n2, "votes for n1")),
      DiagramEvent(at: .start, .arrives(message: 1, from: n1, to: n2, label: "Vote epoch 2")),
    ]
    let drawn = text(SequenceDiagram(events).lines)
    expectGolden(drawn, "diagram-duplicate")
    #expect(drawn.filter { $0 == "▶" }.count == 2)
  }

  @Test("a message sent before the first event shown comes in from the top")
  func fromBefore() {
    let events = [
      DiagramEvent(at: .start, .notes(n2, "waits")),
      DiagramEvent(at: .start, .arrives(message: 1, from: n1, to: n2, label: "Vote epoch 2")),
    ]
    expectGolden(text(SequenceDiagram(events).lines), "diagram-from-before")
  }

  @Test("says so when nothing has happened")
  func empty() {
    #expect(SequenceDiagram([]).lines == ["Nothing has happened yet."])
  }
}
