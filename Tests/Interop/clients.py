"""Producers and consumers of confluent-kafka, closed at a test's end, and what tests do with them."""

import time

from confluent_kafka import (
    OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition)

from cluster import PATIENCE


# By their numbers in a batch's attributes.
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
# What ends a consumer for good, and does not carry the mark of it.
FATAL = (KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID)


class Clients:
    def __init__(self, cluster):
        self.cluster = cluster
        self.consumers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for consumer in self.consumers:
            try:
                consumer.close()
            except RuntimeError:
                pass  # closed by the test

    def producer(self, **config):
        return Producer(_dotted(config, {
            "bootstrap.servers": self.cluster.bootstrap, "log_level": 3, "linger.ms": 5,
            "message.timeout.ms": int(PATIENCE * 1000)}))

    def transactional(self, transactional_id, **config):
        """A transactional producer, initialised."""
        producer = self.producer(transactional_id=transactional_id, **config)
        producer.init_transactions(PATIENCE)
        return producer

    def consumer(self, group="unused", **config):
        # In groups of the new protocol these are the coordinator's to say.
        classic = {} if config.get("group_protocol") == "consumer" else {
            "session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
        consumer = Consumer(_dotted(config, {
            "bootstrap.servers": self.cluster.bootstrap, "log_level": 3, "group.id": group,
            "enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 100,
            "topic.metadata.refresh.interval.ms": 1000, **classic}))
        self.consumers.append(consumer)
        return consumer

    def read(self, topic, count=None, partitions=(0,), start=OFFSET_BEGINNING, **config):
        """Reads `count` records, or to the end of every partition; the records in the order of arrival."""
        consumer = self.consumer(enable_partition_eof=True, **config)
        consumer.assign([TopicPartition(topic, each, start) for each in partitions])
        got, ended, deadline = [], set(), time.monotonic() + PATIENCE
        while len(got) < count if count is not None else len(ended) < len(partitions):
            assert time.monotonic() < deadline, f"{len(got)} of {count} records from {topic} in {PATIENCE:.0f} s"
            message = consumer.poll(0.2)
            if message is None:
                continue
            if not message.error():
                got.append(message)
                ended.discard(message.partition())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            elif not message.error().retriable() and message.error().code() != KafkaError._TRANSPORT:
                raise KafkaException(message.error())
        consumer.close()
        return got


def _dotted(given, defaults):
    """Python's names as Kafka's; None takes a default back."""
    named = {key if key == "log_level" else key.replace("_", "."): value for key, value in given.items()}
    return {key: value for key, value in (defaults | named).items() if value is not None}


def send(producer, topic, records, flush=True):
    """Produces dictionaries of `produce`'s arguments; returns the delivery reports, and raises the first error."""
    reports = []

    def delivered(error, message):
        reports.append((error, message))
    for record in records:
        producer.produce(topic, on_delivery=delivered, **record)
        producer.poll(0)
    if flush:
        left = producer.flush(PATIENCE)
        assert left == 0, f"{left} records neither delivered nor refused"
        for error, _ in reports:
            if error is not None:
                raise KafkaException(error)
    return [message for _, message in reports]


def values(messages):
    return [message.value() for message in messages]


def poll_all(consumers, done, within=PATIENCE, what=""):
    """Polls the consumers in turn until `done()`; returns what they read, a list for each."""
    got = [[] for _ in consumers]
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline, (
            f"not within {within:.0f} s: {what}; assigned {[assigned(each) for each in consumers]}")
        for index, consumer in enumerate(consumers):
            message = consumer.poll(0.02)
            if message is not None and not message.error():
                got[index].append(message)
            elif message is not None and (message.error().fatal() or message.error().code() in FATAL):
                raise KafkaException(message.error())
    return got


def assigned(consumer):
    return sorted((each.topic, each.partition) for each in consumer.assignment())


def code(raised):
    """The error code of an exception that pytest caught."""
    return raised.value.args[0].code()
