"""Compaction and retention: what a log forgets, and what it may not."""

import pytest
from confluent_kafka import TopicPartition

from clients import CODECS, send, values
from cluster import PATIENCE, eventually
from wire import codecs, leaders_batches

SMALL = {"segment_bytes": 20_000, "segment_ms": 200}
EAGER = SMALL | {
    "min_cleanable_dirty_ratio": 0.01, "max_compaction_lag_ms": 200, "min_compaction_lag_ms": 0,
    "delete_retention_ms": 100}


def updates(keys, rounds):
    return [{"key": b"k%d" % key, "value": b"%d" % round_ + b"." * 100}
            for round_ in range(rounds) for key in range(keys)]


@pytest.mark.parametrize("codec", CODECS)
def test_compaction_keeps_the_last_value_of_every_key(clients, new_topic, codec):
    topic = new_topic(cleanup_policy="compact", **EAGER)
    # Compressed, batches must be small, or one segment holds them all.
    producer = clients.producer(compression_type=codec, batch_num_messages=50)
    send(producer, topic, updates(10, 200))

    def compacted():
        # A log's newest segment is never compacted: a record more lets the one before it go.
        send(producer, topic, [{"key": b"tick", "value": b"."}])
        got = clients.read(topic)
        return got if len(got) < 400 else None
    got = eventually(compacted, within=3 * PATIENCE, every=0.5, what="fewer than 400 of 2,000 records left")
    offsets = [message.offset() for message in got]
    assert offsets == sorted(set(offsets))
    last = {message.key(): message for message in got}
    for key in range(10):
        assert last[b"k%d" % key].value().startswith(b"199.")
        assert last[b"k%d" % key].offset() == 1990 + key  # a record keeps its offset
    # What librdkafka cannot make smaller it sends as it is.
    found = set(codecs(leaders_batches(clients, topic)[2]))
    assert CODECS.index(codec) in found and found <= {0, CODECS.index(codec)}


def test_compaction_takes_tombstones_away_in_the_end(clients, new_topic):
    topic = new_topic(cleanup_policy="compact", **EAGER)
    producer = clients.producer()
    send(producer, topic, updates(10, 50) + [{"key": b"k%d" % key, "value": None} for key in range(5)])

    def forgotten():
        send(producer, topic, [{"key": b"tick", "value": b"."}])
        return {message.key() for message in clients.read(topic)} == {b"k%d" % key for key in range(5, 10)} | {b"tick"}
    eventually(forgotten, within=3 * PATIENCE, every=0.5, what="the tombstones gone")


def test_compaction_keeps_what_a_transaction_committed_and_only_that(clients, new_topic, name):
    topic = new_topic(cleanup_policy="compact", **EAGER)
    producer = clients.transactional(name("tx"))
    for round_ in range(60):
        producer.begin_transaction()
        send(producer, topic, [{"key": b"k%d" % key, "value": b"%d" % round_ + b"." * 100} for key in range(10)])
        producer.commit_transaction(30) if round_ % 2 == 0 else producer.abort_transaction(30)
    plain = clients.producer()

    def compacted():
        send(plain, topic, [{"key": b"tick", "value": b"."}])
        got = clients.read(topic, isolation_level="read_committed")
        return got if len(got) < 150 else None
    last = {message.key(): message.value() for message in eventually(
        compacted, within=3 * PATIENCE, every=0.5, what="fewer than 150 of 300 committed records left")}
    assert all(last[b"k%d" % key].startswith(b"58.") for key in range(10))


@pytest.mark.parametrize("codec", CODECS)
def test_a_compacted_topic_refuses_a_record_without_a_key(clients, new_topic, codec):
    topic = new_topic(cleanup_policy="compact")
    with pytest.raises(Exception, match="(?i)invalid"):
        send(clients.producer(compression_type=codec), topic, [{"value": b"no key" * 100}])
    assert values(clients.read(topic)) == []


@pytest.mark.parametrize("limit", [{"retention_bytes": 50_000}, {"retention_ms": 500}], ids=["by-size", "by-time"])
def test_retention_moves_the_start_of_a_log(clients, new_topic, limit):
    topic = new_topic(**SMALL, **limit)
    producer = clients.producer(linger_ms=0)
    for _ in range(20):
        send(producer, topic, [{"value": b"." * 1000} for _ in range(10)])
    consumer = clients.consumer()

    def moved():
        send(producer, topic, [{"value": b"last"}])
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)
        return high if low > 50 else None
    eventually(moved, within=3 * PATIENCE, every=0.5, what="the log starts later")
    got = clients.read(topic)
    assert values(got)[-1] == b"last" and got[0].offset() > 50
