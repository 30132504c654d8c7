"""Clients that share no code with librdkafka: kafka-python keeps fetch sessions, aiokafka speaks the oldest versions."""

import asyncio
import time

import kafka
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from clients import send, values
from cluster import PATIENCE


@pytest.mark.parametrize("codec", [None, "gzip"])
def test_kafka_python_writes_and_reads(cluster, clients, new_topic, codec):
    topic = new_topic(partitions=3)
    producer = kafka.KafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all", compression_type=codec)
    for number in range(300):
        producer.send(topic, b"%d" % number, key=b"k%d" % (number % 7), headers=[("h", b"1")], partition=number % 3)
    producer.flush(PATIENCE)
    producer.close()
    assert sorted(map(int, values(clients.read(topic, partitions=range(3))))) == list(range(300))
    assert sorted(int(record.value) for record in read_by_kafka_python(cluster, topic, 300)) == list(range(300))


def read_by_kafka_python(cluster, topic, count, group=None):
    consumer = kafka.KafkaConsumer(
        topic, bootstrap_servers=cluster.bootstrap, group_id=group, auto_offset_reset="earliest",
        enable_auto_commit=False)
    got, deadline = [], time.monotonic() + PATIENCE
    while len(got) < count:
        assert time.monotonic() < deadline, f"{len(got)} of {count} records"
        for records in consumer.poll(timeout_ms=200).values():
            got += records
    if group:
        consumer.commit()
    consumer.close()
    return got


def test_a_fetch_session_goes_on_while_records_arrive(cluster, clients, new_topic):
    topic = new_topic(partitions=5)
    consumer = kafka.KafkaConsumer(
        topic, bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=100)
    producer, got = clients.producer(), []
    deadline = time.monotonic() + PATIENCE
    for round_ in range(20):
        # One partition a round: the others have nothing new and stay out of an incremental answer.
        send(producer, topic, [{"value": b"%d" % round_, "partition": round_ % 5}])
        while len(got) <= round_:
            assert time.monotonic() < deadline, f"{len(got)} records after {round_ + 1}"
            for records in consumer.poll(timeout_ms=200).values():
                got += [int(record.value) for record in records]
    assert got == list(range(20))
    consumer.close()


def test_a_group_of_kafka_python_keeps_its_place(cluster, clients, new_topic, name):
    topic, group = new_topic(), name("g")
    send(clients.producer(), topic, [{"value": b"%d" % number} for number in range(10)])
    assert len(read_by_kafka_python(cluster, topic, 10, group)) == 10
    send(clients.producer(), topic, [{"value": b"later"}])
    assert [record.value for record in read_by_kafka_python(cluster, topic, 1, group)] == [b"later"]


def test_aiokafka_carries_out_transactions(cluster, clients, new_topic, name):
    topic, group = new_topic(), name("g")

    async def work():
        producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id=name("tx"))
        await producer.start()
        try:
            async with producer.transaction():
                await producer.send_and_wait(topic, b"kept")
            with pytest.raises(ZeroDivisionError):
                async with producer.transaction():
                    await producer.send_and_wait(topic, b"dropped")
                    raise ZeroDivisionError
        finally:
            await producer.stop()
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=cluster.bootstrap, group_id=group, auto_offset_reset="earliest",
            isolation_level="read_committed")
        await consumer.start()
        try:
            return (await asyncio.wait_for(consumer.getone(), PATIENCE)).value
        finally:
            await consumer.stop()
    assert asyncio.run(work()) == b"kept"
    assert values(clients.read(topic, isolation_level="read_committed")) == [b"kept"]
    assert values(clients.read(topic, isolation_level="read_uncommitted")) == [b"kept", b"dropped"]
