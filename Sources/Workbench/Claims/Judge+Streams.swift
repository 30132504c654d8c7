/// What claims say about results of streams: judged by the topic of results, as anybody could read it.
extension Judge {
  func window(_ window: String, of stream: String, _ measure: Measure) -> Finding {
    let topic = StreamApp.counts(of: stream)
    guard let partitions = facts.partitions else { return nobodyToTell }
    let shares = partitions.filter { $0.name.topic == topic }
    guard !shares.isEmpty else {
      return .unknown(["no stream \(stream) has told any windows: there is no topic \(topic)"], next: "stream list")
    }
    var told: [String] = []
    for share in shares {
      guard let leader = share.leader else { return .unknown(["\(share.name) has no leader"], next: "run 10s") }
      told += facts.counting(share.name, on: leader).filter { $0.key == window }.map(\.value)
    }
    let last = told.last ?? "0"
    guard let number = Int64(last) else {
      return .unknown(["\(topic) says \(last) of \(window), which is no number"], next: "consume \(topic)")
    }
    let changes = told.count > 1 ? ", told in this order: \(told.joined(separator: " "))" : ""
    let evidence = told.isEmpty ? "\(topic) has nothing of \(window)" : "\(topic) says \(last) of \(window)\(changes)"
    return measure.holds(for: number)
      ? .holds([evidence]) : .fails([evidence + ", not \(measure.text)"], next: "stream show \(stream)")
  }
}
