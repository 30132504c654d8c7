"""What only kafka-python's administrator can ask: open transactions, producers, log folders, where replicas go."""

import re

import kafka
import pytest
from confluent_kafka import TopicPartition as Place
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, MemberToRemove

from clients import poll_all, send, values
from cluster import eventually


@pytest.fixture
def operator(cluster):
    client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    yield client
    client.close()


def test_an_open_transaction_is_listed_and_described(operator, clients, new_topic, name):
    topic, identity = new_topic(), name("tx")
    producer = clients.transactional(identity)
    producer.begin_transaction()
    send(producer, topic, [{"value": b"open"}])

    def listed():
        return {each.transactional_id: each for some in operator.list_transactions().values() for each in some}
    assert listed()[identity].state == "Ongoing"
    seen = operator.describe_transactions([identity])[identity]
    assert [(each.topic, each.partition) for each in seen.topic_partitions] == [(topic, 0)]
    assert seen.producer_id == listed()[identity].producer_id

    producers = operator.describe_producers([TopicPartition(topic, 0)])[TopicPartition(topic, 0)].active_producers
    (one,) = producers
    assert one.producer_id == seen.producer_id and one.current_transaction_start_offset == 0
    producer.commit_transaction(30)
    eventually(lambda: listed()[identity].state == "CompleteCommit")


def test_log_folders_show_how_much_a_topic_holds(cluster, operator, clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"value": b"." * 10_000} for _ in range(10)])
    text = str(operator.describe_log_dirs([topic]))
    assert topic in text
    # One of the cluster's nodes for each replica has the bytes.
    sizes = [int(each) for each in re.findall(r"'partition_size': (\d+)", text)]
    assert len([size for size in sizes if size >= 100_000]) == cluster.replicas, text


def test_replicas_move_to_other_brokers(cluster, operator, admin, clients, new_topic):
    topic = new_topic(replicas=1)
    send(clients.producer(), topic, [{"value": b"%d" % number} for number in range(100)])
    before = admin.list_topics(topic, timeout=10).topics[topic].partitions[0].replicas
    wanted = [each for each in sorted(admin.list_topics(timeout=10).brokers) if each not in before][:1] or before
    result = operator.alter_partition_reassignments({TopicPartition(topic, 0): wanted})
    assert all(error is None or error.errno == 0 for error in result.values())
    eventually(lambda: admin.list_topics(topic, timeout=10).topics[topic].partitions[0].replicas == wanted)
    eventually(lambda: not operator.list_partition_reassignments())
    assert values(clients.read(topic)) == [b"%d" % number for number in range(100)]


def test_a_group_s_offsets_are_deleted(operator, clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    clients.consumer(group).commit(offsets=[Place(topic, 0, 5), Place(topic, 1, 6)], asynchronous=False)
    result = operator.delete_group_offsets(group, [TopicPartition(topic, 0)])
    assert [error.errno for error in result.values()] == [0]
    kept = clients.consumer(group).committed([Place(topic, 0), Place(topic, 1)], timeout=30)
    assert kept[0].offset < 0 and kept[1].offset == 6


def test_a_static_member_is_removed_by_name(operator, clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    consumer = clients.consumer(group, group_instance_id="chef", session_timeout_ms=30_000)
    consumer.subscribe([topic])
    poll_all([consumer], lambda: len(consumer.assignment()) == 2, what="an assignment")
    consumer.close()  # a static member stays a member
    result = operator.remove_group_members(group, [MemberToRemove(group_instance_id="chef")])
    assert [error.errno for error in result.values()] == [0]
    next_one = clients.consumer(group)
    next_one.subscribe([topic])
    poll_all([next_one], lambda: len(next_one.assignment()) == 2, within=15, what="the partitions are free")


def test_an_unknown_transaction_is_said_to_be_unknown(operator, name):
    with pytest.raises(kafka.errors.TransactionalIdNotFoundError):
        operator.describe_transactions([name("absent")])
