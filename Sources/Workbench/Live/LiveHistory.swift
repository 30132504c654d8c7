import Broker
import BrokerServer
import Clockwork
import Histories
import RecordLog

extension ClientHistory {
  /// What the brokers of a live cluster noted of their clients.
  init(_ account: ClientWitness.Account, isWhole: Bool) {
    if !isWhole {
      gap = "only this process's clients are recorded, and other brokers are processes of their own"
    } else if account.isFull {
      gap =
        "the recording is full: \(account.deeds.count) requests were written down, and what came after them was not"
    }
    for (topic, reason) in account.obstacles { impede(topic, reason) }
    var ids: [String: Int] = [:]
    // What people are told is the time since the first request.
    let origin = account.deeds.first?.asked.time ?? .start
    for deed in account.deeds {
      let partition = PartitionName(deed.topic, deed.partition.index)
      let id = Int(deed.partition.topic.rawValue)
      if ids.updateValue(id, forKey: deed.topic) ?? id != id {
        impede(deed.topic, "\(deed.topic) was deleted on the way: its log is not one log")
      }
      add(deed, partition, since: origin)
    }
  }

  private mutating func add(_ deed: ClientDeed, _ partition: PartitionName, since origin: Instant) {
    func moment(_ stamp: ClientDeed.Stamp) -> Moment { Moment(stamp.sequence, .start + (stamp.time - origin)) }
    let (asked, told) = (moment(deed.asked), deed.told.map(moment))
    func add(_ call: Call, _ answer: Histories.Answer) {
      operations.append(
        Operation(deed.session, partition.description, call, answer, invoked: asked, returned: told))
    }
    switch (deed.call, deed.answer) {
    case (.append(let texts), .appended(let base)):
      for (place, text) in texts.enumerated() { add(.append(text.whole), .number(Int(base) + place)) }
    case (.append(let texts), _): for text in texts { add(.append(text.whole), .unknown) }
    case (.read, .records(let texts, let from, let next, let highWatermark)):
      add(.scan(from: Int(from), toEnd: next >= highWatermark), .list(texts.map(\.whole)))
    case (.read, _): break
    }
  }
}

extension ClientDeed.Text {
  fileprivate var whole: String { RecordFact(epoch: 0, key: key, value: value).text }
}

extension LiveWorld {
  /// Has the brokers note what clients ask and are told. What lies in logs already was told to nobody that is known.
  func watchClients() {
    cluster.witness.begin()
    let facts = LiveFacts(self)
    let noted = ClientHistory(cluster.witness.account, isWhole: true).operations
    for partition in facts.partitions ?? [] where !partition.name.isInternal {
      let end = facts.replicas(of: partition.name).map(\.end).max() ?? 0
      guard end > noted.count(where: { $0.key == partition.name.description && $0.appends }) else { continue }
      cluster.witness.impede(
        partition.name.topic, "\(partition.name) held records before anybody recorded what clients were told")
    }
  }

  var history: ClientHistory { ClientHistory(cluster.witness.account, isWhole: cluster.isWhole) }
}

extension Operation {
  fileprivate var appends: Bool { if case .append = call { true } else { false } }
}
