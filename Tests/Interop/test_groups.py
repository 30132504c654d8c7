"""Consumer groups: who reads what, and what is kept."""

import shutil
import signal
import subprocess

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewPartitions

from clients import assigned, code, poll_all, send, values
from cluster import eventually


class Member:
    """A consumer that notes what it was given and what was taken away."""

    def __init__(self, clients, topic, group, **config):
        self.given, self.taken = [], []
        self.consumer = clients.consumer(group, **config)
        self.consumer.subscribe(
            [topic], on_assign=lambda _, parts: self.given.append([each.partition for each in parts]),
            on_revoke=lambda _, parts: self.taken.append([each.partition for each in parts]))

    @property
    def mine(self):
        return [partition for _, partition in assigned(self.consumer)]


def settle(members, partitions, most=None):
    """Polls until every partition has one reader and no member more than its share."""
    most = most or -(-partitions // len(members))

    def settled():
        shares = [member.mine for member in members]
        return sorted(sum(shares, [])) == list(range(partitions)) and max(map(len, shares)) <= most
    return sum(poll_all([member.consumer for member in members], settled, what="the partitions shared out"), [])


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "cooperative-sticky"])
def test_partitions_are_shared_by_one_two_and_three_members(clients, new_topic, name, strategy):
    topic, group = new_topic(partitions=6), name("g")
    members = []
    for _ in range(3):
        members.append(Member(clients, topic, group, partition_assignment_strategy=strategy))
        settle(members, 6)
    members.pop(0).consumer.close()
    settle(members, 6)


def read_together(members, count):
    """What the members read until they have `count` records between them."""
    got = []

    def enough():
        for member in members:
            message = member.consumer.poll(0.02)
            if message is not None and not message.error():
                got.append(message)
        return len(got) >= count
    eventually(enough, every=0, what=f"{count} records read")
    return got


def test_members_together_read_every_record_once(clients, new_topic, name):
    topic, group = new_topic(partitions=6), name("g")
    members = [Member(clients, topic, group) for _ in range(3)]
    settle(members, 6)
    send(clients.producer(), topic, [{"value": b"%d" % number, "partition": number % 6} for number in range(600)])
    assert sorted(int(each) for each in values(read_together(members, 600))) == list(range(600))


def test_cooperative_members_keep_what_does_not_move(clients, new_topic, name):
    topic, group = new_topic(partitions=6), name("g")
    first = Member(clients, topic, group, partition_assignment_strategy="cooperative-sticky")
    settle([first], 6)
    second = Member(clients, topic, group, partition_assignment_strategy="cooperative-sticky")
    settle([first, second], 6)
    assert sorted(sum(first.taken, [])) == second.mine and len(second.mine) == 3


def test_a_static_member_comes_back_without_a_rebalance(clients, new_topic, name):
    topic, group = new_topic(partitions=4), name("g")
    config = {"session_timeout_ms": 30_000}
    stays = Member(clients, topic, group, group_instance_id="a", **config)
    leaves = Member(clients, topic, group, group_instance_id="b", **config)
    settle([stays, leaves], 4)
    before, rounds = leaves.mine, len(stays.given)
    leaves.consumer.close()
    back = Member(clients, topic, group, group_instance_id="b", **config)
    settle([stays, back], 4)
    assert back.mine == before and len(stays.given) == rounds


def test_a_second_member_with_the_same_static_name_fences_the_first(clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    first = Member(clients, topic, group, group_instance_id="a")
    settle([first], 2)
    second = Member(clients, topic, group, group_instance_id="a")
    with pytest.raises(KafkaException) as fenced:
        poll_all([second.consumer, first.consumer], lambda: False, what="the first is fenced")
    assert code(fenced) in (KafkaError.FENCED_INSTANCE_ID, KafkaError._FATAL)
    settle([second], 2)


def test_a_killed_member_is_replaced_after_its_session(cluster, clients, new_topic, name, admin):
    assert shutil.which("kcat"), "kcat is missing: apt-get install kcat"
    topic, group = new_topic(partitions=4), name("g")
    member = Member(clients, topic, group)
    settle([member], 4)
    victim = subprocess.Popen(
        ["kcat", "-b", cluster.bootstrap, "-q", "-X", "session.timeout.ms=6000", "-G", group, topic],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        poll_all([member.consumer], lambda: len(member.mine) == 2, what="kcat takes half")
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    settle([member], 4)


def test_committed_offsets_outlive_the_consumer(clients, new_topic, name):
    topic, group = new_topic(), name("g")
    send(clients.producer(), topic, [{"value": b"%d" % number} for number in range(20)])
    first = Member(clients, topic, group)
    got = []
    while len(got) < 10:
        message = first.consumer.poll(1)
        if message is not None and not message.error():
            got.append(message)
    first.consumer.commit(got[-1], asynchronous=False)
    first.consumer.close()
    second = Member(clients, topic, group)
    rest = []

    def ended():
        message = second.consumer.poll(0.1)
        if message is not None and not message.error():
            rest.append(message)
        return len(rest) >= 10
    eventually(ended)
    assert [message.offset() for message in rest] == list(range(got[-1].offset() + 1, 20))


def test_commits_carry_metadata_and_belong_to_their_group(clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    consumer = clients.consumer(group)
    consumer.commit(offsets=[TopicPartition(topic, 0, 5, "김밥"), TopicPartition(topic, 1, 7)], asynchronous=False)
    kept = clients.consumer(group).committed([TopicPartition(topic, each) for each in range(2)], timeout=30)
    assert [(each.offset, each.metadata) for each in kept] == [(5, "김밥"), (7, kept[1].metadata)]
    others = clients.consumer(name("g")).committed([TopicPartition(topic, 0)], timeout=30)
    assert others[0].offset < 0


def test_a_member_of_an_old_generation_cannot_commit(clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    member = Member(clients, topic, group)
    settle([member], 2)
    outsider = clients.consumer(group)
    with pytest.raises(KafkaException) as refused:
        outsider.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    assert code(refused) in (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION)


def test_a_group_finds_partitions_added_later(clients, new_topic, name, admin):
    topic, group = new_topic(partitions=1), name("g")
    member = Member(clients, topic, group)
    settle([member], 1)
    for future in admin.create_partitions([NewPartitions(topic, 3)]).values():
        future.result(30)
    settle([member], 3)


def test_the_new_group_protocol_shares_partitions(clients, new_topic, name):
    topic, group = new_topic(partitions=6), name("g")
    members = []
    for _ in range(2):
        # The broker decides over sessions and heartbeats here; a client that names them is refused by librdkafka.
        members.append(Member(clients, topic, group, group_protocol="consumer", session_timeout_ms=None,
                              heartbeat_interval_ms=None))
        settle(members, 6)
    send(clients.producer(), topic, [{"value": b"%d" % number, "partition": number % 6} for number in range(60)])
    assert sorted(int(each) for each in values(read_together(members, 60))) == list(range(60))
