"""All or nothing, and who may still say so."""

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from clients import code, poll_all, send, values
from cluster import eventually

COMMITTED = {"isolation_level": "read_committed"}
UNCOMMITTED = {"isolation_level": "read_uncommitted"}


def begin_and_send(producer, topic, *records, partition=0):
    producer.begin_transaction()
    send(producer, topic, [{"value": each, "partition": partition} for each in records])


def test_a_committed_transaction_is_read_whole(clients, new_topic, name):
    topic = new_topic(partitions=3)
    producer = clients.transactional(name("tx"))
    producer.begin_transaction()
    send(producer, topic, [{"value": b"%d" % number, "partition": number % 3} for number in range(300)])
    producer.commit_transaction(30)
    for level in (COMMITTED, UNCOMMITTED):
        assert sorted(map(int, values(clients.read(topic, partitions=range(3), **level)))) == list(range(300))


def test_an_aborted_transaction_is_seen_by_read_uncommitted_only(clients, new_topic, name):
    topic = new_topic()
    producer = clients.transactional(name("tx"))
    begin_and_send(producer, topic, b"no", b"never")
    producer.abort_transaction(30)
    begin_and_send(producer, topic, b"yes")
    producer.commit_transaction(30)
    assert values(clients.read(topic, **COMMITTED)) == [b"yes"]
    assert values(clients.read(topic, **UNCOMMITTED)) == [b"no", b"never", b"yes"]


def test_many_commits_and_aborts_in_turn(clients, new_topic, name):
    topic = new_topic(partitions=2)
    producer = clients.transactional(name("tx"))
    for number in range(40):
        producer.begin_transaction()
        send(producer, topic, [{"value": b"%d" % number, "partition": each} for each in range(2)])
        producer.commit_transaction(30) if number % 3 else producer.abort_transaction(30)
    got = clients.read(topic, partitions=range(2), **COMMITTED)
    for partition in range(2):
        assert [int(message.value()) for message in got if message.partition() == partition] \
            == [number for number in range(40) if number % 3]


def test_two_producers_interleave_on_one_partition(clients, new_topic, name):
    topic = new_topic()
    commits, aborts = clients.transactional(name("tx")), clients.transactional(name("tx"))
    begin_and_send(commits, topic, b"c1")
    begin_and_send(aborts, topic, b"a1")
    send(commits, topic, [{"value": b"c2"}])
    send(aborts, topic, [{"value": b"a2"}])
    aborts.abort_transaction(30)
    commits.commit_transaction(30)
    assert values(clients.read(topic, **COMMITTED)) == [b"c1", b"c2"]


def test_read_committed_stops_before_an_open_transaction(clients, new_topic, name):
    topic = new_topic()
    producer = clients.transactional(name("tx"))
    begin_and_send(producer, topic, b"open")
    send(clients.producer(), topic, [{"value": b"plain"}])
    assert values(clients.read(topic, **COMMITTED)) == []
    assert values(clients.read(topic, **UNCOMMITTED)) == [b"open", b"plain"]
    producer.commit_transaction(30)
    assert values(clients.read(topic, **COMMITTED)) == [b"open", b"plain"]


def test_a_zombie_is_fenced_and_what_it_left_is_aborted(clients, new_topic, name):
    topic, identity = new_topic(), name("tx")
    zombie = clients.transactional(identity)
    begin_and_send(zombie, topic, b"zombie")
    successor = clients.transactional(identity)
    with pytest.raises(KafkaException) as fenced:
        zombie.commit_transaction(30)
    assert code(fenced) in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
    assert fenced.value.args[0].fatal()
    begin_and_send(successor, topic, b"successor")
    successor.commit_transaction(30)
    assert values(clients.read(topic, **COMMITTED)) == [b"successor"]


def test_a_zombie_s_records_are_refused(clients, new_topic, name):
    topic, identity = new_topic(), name("tx")
    zombie = clients.transactional(identity)
    begin_and_send(zombie, topic, b"zombie")
    clients.transactional(identity)
    with pytest.raises(KafkaException) as fenced:
        send(zombie, topic, [{"value": b"late"}])
    assert code(fenced) in (
        KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError._PURGE_QUEUE)
    assert values(clients.read(topic, **COMMITTED)) == []


def test_an_abandoned_transaction_is_aborted_at_its_timeout(clients, new_topic, name):
    topic = new_topic()
    # A message timeout may not exceed the transaction's; librdkafka lowers it by itself when it is not named.
    lost = clients.transactional(name("tx"), transaction_timeout_ms=2000, message_timeout_ms=2000)
    begin_and_send(lost, topic, b"lost")
    send(clients.producer(), topic, [{"value": b"plain"}])
    eventually(lambda: values(clients.read(topic, **COMMITTED)) == [b"plain"], what="the transaction timed out")
    with pytest.raises(KafkaException):
        lost.commit_transaction(30)


def test_offsets_travel_with_the_transaction(clients, new_topic, name):
    source, target, group = new_topic(), new_topic(), name("g")
    send(clients.producer(), source, [{"value": b"%d" % number} for number in range(10)])
    consumer = clients.consumer(group, **COMMITTED)
    consumer.subscribe([source])
    (got,) = poll_all([consumer], lambda seen=[]: position(consumer, source) == 10, what="ten records")
    producer = clients.transactional(name("tx"))

    def transfer(finish):
        producer.begin_transaction()
        send(producer, target, [{"value": message.value()} for message in got])
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 30)
        finish(30)

    transfer(producer.abort_transaction)
    assert committed(clients, group, source) < 0 and values(clients.read(target, **COMMITTED)) == []
    transfer(producer.commit_transaction)
    assert committed(clients, group, source) == 10
    assert values(clients.read(target, **COMMITTED)) == [b"%d" % number for number in range(10)]


def position(consumer, topic):
    return sum(max(0, each.offset) for each in consumer.position([TopicPartition(topic, 0)]))


def committed(clients, group, topic):
    """What a group has committed; the client asks for stable offsets, so it waits for open transactions."""
    return clients.consumer(group, **COMMITTED).committed([TopicPartition(topic, 0)], timeout=30)[0].offset


def test_offsets_of_a_member_that_left_are_refused(clients, new_topic, name):
    source, group = new_topic(), name("g")
    consumer = clients.consumer(group)
    consumer.subscribe([source])
    poll_all([consumer], lambda: consumer.assignment(), what="an assignment")
    metadata = consumer.consumer_group_metadata()
    consumer.close()
    producer = clients.transactional(name("tx"))
    producer.begin_transaction()
    with pytest.raises(KafkaException) as refused:
        producer.send_offsets_to_transaction([TopicPartition(source, 0, 1)], metadata, 30)
    assert refused.value.args[0].txn_requires_abort()
    producer.abort_transaction(30)


def test_an_empty_transaction_commits(clients, name):
    producer = clients.transactional(name("tx"))
    for _ in range(3):
        producer.begin_transaction()
        producer.commit_transaction(30)


def test_consuming_and_producing_in_transactions_loses_and_doubles_nothing(clients, new_topic, name):
    source, target, group, identity = new_topic(partitions=2), new_topic(), name("g"), name("tx")
    send(clients.producer(), source, [{"value": b"%d" % number, "partition": number % 2} for number in range(200)])
    moved = 0
    for round_ in range(100):
        if moved >= 200:
            break
        consumer = clients.consumer(group, **COMMITTED)
        consumer.subscribe([source])
        producer = clients.transactional(identity)
        batch = []

        def filled():
            message = consumer.poll(0.1)
            if message is not None and not message.error():
                batch.append(message)
            return len(batch) >= min(50, 200 - moved)
        eventually(filled, every=0)
        producer.begin_transaction()
        send(producer, target, [{"value": message.value()} for message in batch])
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 30)
        if round_ % 2:
            producer.commit_transaction(30)
            moved += len(batch)
        else:
            producer.abort_transaction(30)
        consumer.close()
    assert sorted(map(int, values(clients.read(target, **COMMITTED)))) == list(range(200))
