import Clockwork
import RecordLog

/// Which broker coordinates which transactional id.
extension Broker {
  static var transactionTopic: String { "__transaction_state" }

  /// The leader of the shard of `__transaction_state` that the id falls into; nil while nobody leads it.
  func transactionCoordinator(for transactionalID: String) -> NodeID? {
    guard let topic = image.topic(named: Self.transactionTopic) else { return nil }
    let shard = Int(TransactionSetup(shards: Int32(topic.partitions.count)).shard(for: transactionalID))
    return shard < topic.partitions.count ? topic.partitions[shard].leader : nil
  }
}
