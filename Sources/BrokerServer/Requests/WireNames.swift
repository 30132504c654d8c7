import KafkaWire

// Kafka's messages, under names that the broker's own of the same name do not hide.

typealias WireMetadataRequest = KafkaWire.MetadataRequest
