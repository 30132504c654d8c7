/// Why a broker refused. The names are Kafka's error codes.
public enum BrokerError: String, Error, Hashable, Sendable {
  case notLeaderOrFollower, fencedLeaderEpoch, unknownLeaderEpoch, unknownTopicOrPartition, offsetOutOfRange
  case notEnoughReplicas, notEnoughReplicasAfterAppend, requestTimedOut, offsetNotAvailable
  case notController, staleBrokerEpoch, invalidUpdateVersion, ineligibleReplica
  case topicAlreadyExists, invalidReplicationFactor, invalidPartitions, invalidTopic, invalidConfig, invalidRequest
  case brokerNotAvailable, leaderNotAvailable, electionNotNeeded, eligibleLeadersNotAvailable
  case corruptMessage, kafkaStorageError, duplicateSequenceNumber, outOfOrderSequenceNumber, invalidProducerEpoch
  case invalidRecord
  case coordinatorNotAvailable, notCoordinator, coordinatorLoadInProgress
  case unknownMemberID, illegalGeneration, rebalanceInProgress, memberIDRequired, fencedInstanceID
  case inconsistentGroupProtocol, groupIDNotFound, invalidSessionTimeout
  case fencedMemberEpoch, staleMemberEpoch, unreleasedInstanceID, unsupportedAssignor, invalidRegularExpression
  case producerFenced, invalidTxnState, invalidProducerIDMapping, invalidTransactionTimeout, concurrentTransactions
  case transactionCoordinatorFenced, transactionAbortable, transactionalIDNotFound
  case unstableOffsetCommit, groupSubscribedToTopic
  case invalidGroupID, groupMaxSizeReached, nonEmptyGroup, offsetMetadataTooLarge
  case invalidReplicaAssignment, noReassignmentInProgress, unknownTopicID, preferredLeaderNotAvailable
  case resourceNotFound, duplicateResource, unacceptableCredential
}
