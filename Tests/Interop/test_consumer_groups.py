"""Groups of the new protocol (KIP-848), where the coordinator shares out."""

import pytest
from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka.admin import NewPartitions

from clients import assigned, poll_all
from cluster import eventually

NEW = {"group_protocol": "consumer"}


def join(clients, group, *topics, **config):
    consumer = clients.consumer(group, **{**NEW, **config})
    consumer.subscribe(list(topics))
    return consumer


def mine(consumer):
    return [partition for _, partition in assigned(consumer)]


def settle(consumers, partitions):
    """Polls until every partition has one reader and no member more than its share."""
    def settled():
        shares = [mine(consumer) for consumer in consumers]
        return sorted(sum(shares, [])) == list(range(partitions)) and max(map(len, shares)) <= -(-partitions // len(shares))
    return sum(poll_all(consumers, settled, what="the partitions shared out"), [])


def refusal(consumer):
    """The error that a consumer is told of."""
    def told():
        message = consumer.poll(0.2)
        return message.error() if message is not None and message.error() else None
    return eventually(told, what="an error")


@pytest.mark.parametrize("assignor", ["uniform", "range"])
def test_two_members_share_and_one_takes_over(clients, new_topic, name, assignor):
    topic, group = new_topic(partitions=4), name("g")
    members = [join(clients, group, topic, group_remote_assignor=assignor)]
    settle(members, 4)
    members.append(join(clients, group, topic, group_remote_assignor=assignor))
    settle(members, 4)
    members.pop(0).close()
    settle(members, 4)


def test_nothing_is_read_twice_over_a_rebalance(clients, new_topic, name):
    topic, group = new_topic(partitions=4), name("g")
    producer = clients.producer()
    for number in range(200):
        producer.produce(topic, f"v{number}", partition=number % 4)
    producer.flush(30)
    members = [join(clients, group, topic, enable_auto_commit=True)]
    got = []

    def read(count):
        def enough():
            for member in members:
                message = member.poll(0.02)
                if message is not None and not message.error():
                    got.append((message.partition(), message.offset()))
            return len(got) >= count
        return enough
    eventually(read(200), what="the first records")
    members.append(join(clients, group, topic, enable_auto_commit=True))
    got += [(one.partition(), one.offset()) for one in settle(members, 4)]
    for number in range(40):
        producer.produce(topic, f"w{number}", partition=number % 4)
    producer.flush(30)
    eventually(read(240), what="the records after the rebalance")
    assert len(set(got)) == len(got) == 240


def test_static_member_comes_back_to_its_partitions(clients, new_topic, name):
    topic, group = new_topic(partitions=4), name("g")
    first = join(clients, group, topic, group_instance_id="one")
    other = join(clients, group, topic, group_instance_id="two")
    settle([first, other], 4)
    before = sorted(mine(first))
    first.close()
    again = join(clients, group, topic, group_instance_id="one")
    eventually(lambda: again.poll(0.1) or sorted(mine(again)) == before, what="its own partitions")
    # Taken by a member that has not left.
    assert refusal(join(clients, group, topic, group_instance_id="one")).code() == KafkaError._FATAL


def test_expression_takes_in_a_topic_that_comes_later(clients, new_topic, name):
    stem, group = name("regex"), name("g")
    first = new_topic(partitions=2, stem=stem)
    consumer = join(clients, group, f"^{stem}.*")
    eventually(lambda: consumer.poll(0.1) or len(assigned(consumer)) == 2, what="the first topic")
    new_topic(partitions=1, stem=stem)
    eventually(lambda: consumer.poll(0.1) or len(assigned(consumer)) == 3, what=f"the second topic beside {first}")


def test_partitions_that_are_added_are_read(clients, admin, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    consumer = join(clients, group, topic)
    settle([consumer], 2)
    for future in admin.create_partitions([NewPartitions(topic, 3)]).values():
        future.result(30)
    settle([consumer], 3)


def test_administrator_sees_what_kind_of_group_it_is(clients, admin, new_topic, name):
    topic, group, classic = new_topic(partitions=2), name("g"), name("g")
    consumer = join(clients, group, topic)
    settle([consumer], 2)
    old = clients.consumer(classic)
    old.subscribe([topic])
    settle([old], 2)
    described = admin.describe_consumer_groups([group])[group].result(30)
    assert (described.type.name, described.state.name, described.partition_assignor) == ("CONSUMER", "STABLE", "uniform")
    assert sorted(one.partition for one in described.members[0].assignment.topic_partitions) == [0, 1]
    kinds = {one.group_id: one.type.name for one in admin.list_consumer_groups().result(30).valid}
    assert (kinds[group], kinds[classic]) == ("CONSUMER", "CLASSIC")


def test_neither_protocol_gets_into_the_others_group(clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    new = join(clients, group, topic)
    settle([new], 2)
    old = clients.consumer(group)
    old.subscribe([topic])
    assert refusal(old).code() == KafkaError.INCONSISTENT_GROUP_PROTOCOL
    old.close()
    new.commit(offsets=[TopicPartition(topic, 0, 5)], asynchronous=False)
    new.close()
    # Nobody is in it: it changes with whoever comes, and keeps its offsets.
    old = clients.consumer(group)
    old.subscribe([topic])
    settle([old], 2)
    assert old.committed([TopicPartition(topic, 0)], timeout=30)[0].offset == 5
    assert refusal(join(clients, group, topic)).code() == KafkaError._FATAL
