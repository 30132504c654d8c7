import Histories

/// Claims about what clients asked and were told.
extension Judge {
  func linearizable(_ partition: PartitionName?) -> Finding {
    history(partition) { Linearizability(.log).judge($0) }
  }

  func session(_ guarantee: SessionGuarantee, _ partition: PartitionName?) -> Finding {
    history(partition) { history in
      let (operations, ambiguous) = DistinctValues.of(history)
      if let ambiguous {
        return .undecided("\(ambiguous) was written more than once, and where it got to nobody was told")
      }
      return guarantee.judge(operations)
    }
  }

  func isolated(_ level: IsolationLevel) -> Finding {
    guard let isolation = facts.apparatus.isolationJudge else {
      return .unknown(
        ["no transactions ran on the isolation bench", "what Kafka's transactions read is not part of them"],
        next: "isolation run \"lost update\" --level \"snapshot isolation\"")
    }
    return finding(isolation.judge(level), next: "isolation show")
  }

  private func history(_ partition: PartitionName?, _ judge: ([Operation]) -> Judgement) -> Finding {
    guard let history = facts.clientHistory else {
      return .unknown(["what clients asked and were told is not recorded"], next: "log show")
    }
    if let partition, facts.partitions != nil, facts.partitions?.contains(where: { $0.name == partition }) == false {
      return .unknown(["there is no partition \(partition)"], next: "topic list")
    }
    let (operations, obstacle) = history.operations(on: partition)
    if let obstacle { return .unknown([obstacle], next: "log show") }
    guard !operations.isEmpty else {
      return .unknown(["no client has written or read anything"], next: "consume orders")
    }
    return finding(judge(operations), next: "log show \(partition?.description ?? operations[0].key)")
  }

  private func finding(_ judgement: Judgement, next: String) -> Finding {
    switch judgement {
    case .holds(let reason): .holds([reason])
    case .violated(let offence): .fails(["\(offence.name):"] + offence.words, next: next)
    case .undecided(let reason): .unknown([reason], next: next)
    }
  }
}
