import Broker

// The broker's own requests, under names that Kafka's messages of the same name do not hide.

typealias CoreFetchRequest = FetchRequest
typealias CoreProduceRequest = ProduceRequest
