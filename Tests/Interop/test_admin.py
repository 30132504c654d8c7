"""What an operator asks of a cluster."""

import pytest
from confluent_kafka import (
    ConsumerGroupState, ConsumerGroupTopicPartitions, ElectionType, IsolationLevel, KafkaError, KafkaException,
    TopicCollection, TopicPartition)
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec, ResourceType)

from clients import code, poll_all, send, values
from cluster import eventually
from soak import Nodes


def only(futures):
    """The result of the one future in a dictionary of them."""
    (future,) = futures.values()
    return future.result(30)


def test_topics_come_and_go(admin, name):
    topic = name()
    only(admin.create_topics([NewTopic(topic, num_partitions=4, replication_factor=1)]))
    seen = eventually(lambda: admin.list_topics(timeout=10).topics.get(topic))
    assert sorted(seen.partitions) == [0, 1, 2, 3] and seen.error is None
    only(admin.delete_topics([topic]))
    eventually(lambda: topic not in admin.list_topics(timeout=10).topics)


def test_partitions_and_replicas_have_defaults(cluster, admin, name):
    topic = name()
    only(admin.create_topics([NewTopic(topic)]))
    seen = eventually(lambda: admin.list_topics(timeout=10).topics.get(topic))
    assert len(seen.partitions) == 1 and len(seen.partitions[0].replicas) == cluster.replicas


def test_a_topic_made_while_brokers_start_is_as_one_made_later(tmp_path, name):
    nodes, topic = Nodes(3, tmp_path, ["--leader-rebalance", "1s"]), name()
    try:
        for each in (1, 2):
            nodes.start(each)
        nodes.ready(1)
        admin = AdminClient({"bootstrap.servers": nodes.bootstrap, "log_level": 2})
        only(admin.create_topics([NewTopic(topic, num_partitions=3)]))
        nodes.start(3)

        def spread():
            seen = admin.list_topics(topic, timeout=10).topics[topic].partitions.values()
            return all(len(each.isrs) == 3 for each in seen) and {each.leader for each in seen} == {1, 2, 3}
        eventually(spread)
    finally:
        nodes.stop()


@pytest.mark.parametrize("wanted, expected", [
    (dict(topic="bad name!", num_partitions=1, replication_factor=1), KafkaError.TOPIC_EXCEPTION),
    (dict(topic="x" * 250, num_partitions=1, replication_factor=1), KafkaError.TOPIC_EXCEPTION),
    (dict(topic="too-many-replicas", num_partitions=1, replication_factor=9), KafkaError.INVALID_REPLICATION_FACTOR),
    (dict(topic="odd", num_partitions=1, replication_factor=1, config={"no.such.key": "1"}),
     KafkaError.INVALID_CONFIG),
    (dict(topic="odd", num_partitions=1, replication_factor=1, config={"cleanup.policy": "sometimes"}),
     KafkaError.INVALID_CONFIG),
    (dict(topic="odd", num_partitions=1, replication_factor=1, config={"retention.ms": "soon"}),
     KafkaError.INVALID_CONFIG),
], ids=["name", "long-name", "replicas", "unknown-config", "config-value", "config-number"])
def test_what_cannot_be_created_is_refused_by_its_error(admin, wanted, expected):
    with pytest.raises(KafkaException) as refused:
        only(admin.create_topics([NewTopic(**wanted)]))
    assert code(refused) == expected
    assert refused.value.args[0].str()


def test_a_topic_exists_once(admin, new_topic):
    topic = new_topic()
    with pytest.raises(KafkaException) as refused:
        only(admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)]))
    assert code(refused) == KafkaError.TOPIC_ALREADY_EXISTS


def test_a_trial_creates_nothing(admin, name):
    topic = name()
    only(admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)], validate_only=True))
    assert topic not in admin.list_topics(timeout=10).topics


def test_replicas_go_where_they_are_told(cluster, admin, name):
    topic = name()
    brokers = sorted(admin.list_topics(timeout=10).brokers)
    assignment = [brokers, brokers[::-1]]
    only(admin.create_topics([NewTopic(topic, num_partitions=2, replica_assignment=assignment)]))
    seen = eventually(lambda: admin.list_topics(timeout=10).topics.get(topic))
    assert [seen.partitions[each].replicas for each in range(2)] == assignment


def test_an_unknown_topic_cannot_be_deleted(admin, name):
    with pytest.raises(KafkaException) as refused:
        only(admin.delete_topics([name("absent")]))
    assert code(refused) == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_a_topic_created_again_is_another_topic(admin, clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"value": b"old"}])
    first = only(admin.describe_topics(TopicCollection([topic]))).topic_id
    only(admin.delete_topics([topic]))
    eventually(lambda: topic not in admin.list_topics(timeout=10).topics)

    def created():
        try:
            only(admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)]))
            return True
        except KafkaException as error:
            assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
            return False
    eventually(created)
    send(clients.producer(), topic, [{"value": b"new"}])
    (message,) = clients.read(topic)
    assert (message.value(), message.offset()) == (b"new", 0)
    assert str(only(admin.describe_topics(TopicCollection([topic]))).topic_id) != str(first)


def test_partitions_are_added_never_removed(admin, clients, new_topic):
    topic = new_topic(partitions=2)
    only(admin.create_partitions([NewPartitions(topic, 5)]))
    eventually(lambda: len(admin.list_topics(topic, timeout=10).topics[topic].partitions) == 5)
    send(clients.producer(), topic, [{"value": b"v", "partition": 4}])
    assert values(clients.read(topic, partitions=[4])) == [b"v"]
    with pytest.raises(KafkaException) as refused:
        only(admin.create_partitions([NewPartitions(topic, 3)]))
    assert code(refused) == KafkaError.INVALID_PARTITIONS


def test_topics_are_described_with_their_replicas_in_sync(cluster, admin, new_topic):
    topic = new_topic(partitions=2)

    def described():
        seen = only(admin.describe_topics(TopicCollection([topic])))
        return seen if all(len(each.isr) == cluster.replicas for each in seen.partitions) else None
    seen = eventually(described)
    assert seen.name == topic and not seen.is_internal and len(seen.partitions) == 2


def config_of(admin, kind, which):
    return only(admin.describe_configs([ConfigResource(kind, str(which))]))


def test_a_topic_s_configuration_is_shown_and_changed(admin, new_topic):
    topic = new_topic(retention_ms=12345)
    before = config_of(admin, ResourceType.TOPIC, topic)
    assert before["retention.ms"].value == "12345" and not before["retention.ms"].is_default
    assert before["cleanup.policy"].value == "delete" and before["cleanup.policy"].is_default
    only(admin.incremental_alter_configs([ConfigResource(
        ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET),
            ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE)])]))

    def changed():
        after = config_of(admin, ResourceType.TOPIC, topic)
        return after["cleanup.policy"].value == "compact" and after["retention.ms"].is_default
    eventually(changed)


def test_lists_in_a_configuration_grow_and_shrink(admin, new_topic):
    topic = new_topic()
    for operation, expected in ((AlterConfigOpType.APPEND, "delete,compact"), (AlterConfigOpType.SUBTRACT, "delete")):
        only(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("cleanup.policy", "compact", incremental_operation=operation)])]))
        eventually(lambda: config_of(admin, ResourceType.TOPIC, topic)["cleanup.policy"].value == expected)


def test_the_older_way_replaces_the_whole_configuration(admin, new_topic):
    topic = new_topic(retention_ms=12345)
    only(admin.alter_configs([ConfigResource(ResourceType.TOPIC, topic, set_config={"retention.bytes": "999"})]))

    def changed():
        after = config_of(admin, ResourceType.TOPIC, topic)
        return after["retention.bytes"].value == "999" and after["retention.ms"].is_default
    eventually(changed)


def test_a_bad_configuration_is_refused(admin, new_topic):
    topic = new_topic()
    with pytest.raises(KafkaException) as refused:
        only(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("retention.ms", "soon", incremental_operation=AlterConfigOpType.SET)])]))
    assert code(refused) == KafkaError.INVALID_CONFIG


def test_a_broker_shows_its_configuration(admin):
    broker = sorted(admin.list_topics(timeout=10).brokers)[0]
    seen = config_of(admin, ResourceType.BROKER, broker)
    assert seen["num.partitions"].value and seen["min.insync.replicas"].value


def test_groups_are_listed_described_and_deleted(admin, clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    consumer = clients.consumer(group, client_id="diner")
    consumer.subscribe([topic])
    poll_all([consumer], lambda: len(consumer.assignment()) == 2, what="an assignment")
    consumer.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=False)

    listed = {each.group_id: each for each in admin.list_consumer_groups().result(30).valid}
    assert listed[group].state == ConsumerGroupState.STABLE and not listed[group].is_simple_consumer_group
    seen = only(admin.describe_consumer_groups([group]))
    assert seen.state == ConsumerGroupState.STABLE and seen.partition_assignor == "range"
    (member,) = seen.members
    assert member.client_id == "diner" and member.host
    assert sorted(each.partition for each in member.assignment.topic_partitions) == [0, 1]
    with pytest.raises(KafkaException) as refused:
        only(admin.delete_consumer_groups([group]))
    assert code(refused) == KafkaError.NON_EMPTY_GROUP

    consumer.close()
    eventually(lambda: only(admin.describe_consumer_groups([group])).state == ConsumerGroupState.EMPTY)
    only(admin.delete_consumer_groups([group]))
    assert group not in [each.group_id for each in admin.list_consumer_groups().result(30).valid]


def test_an_absent_group_is_dead_and_cannot_be_deleted(admin, name):
    group = name("absent")
    with pytest.raises(KafkaException) as refused:
        only(admin.delete_consumer_groups([group]))
    assert code(refused) == KafkaError.GROUP_ID_NOT_FOUND


def test_a_group_s_offsets_are_shown_moved_and_deleted(admin, clients, new_topic, name):
    topic, group = new_topic(partitions=2), name("g")
    clients.consumer(group).commit(
        offsets=[TopicPartition(topic, 0, 5), TopicPartition(topic, 1, 6)], asynchronous=False)

    def offsets():
        seen = only(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
        return {each.partition: each.offset for each in seen.topic_partitions}
    assert offsets() == {0: 5, 1: 6}
    only(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 1)])]))
    assert offsets() == {0: 1, 1: 6}


def test_offsets_are_listed_by_place_and_by_time(admin, clients, new_topic, name):
    topic = new_topic()
    times = [1000, 5000, 3000, 4000]
    producer = clients.producer(linger_ms=0)
    for each in times:
        send(producer, topic, [{"value": b"v", "timestamp": each}])

    def at(spec, **more):
        return only(admin.list_offsets({TopicPartition(topic, 0): spec}, **more))
    assert at(OffsetSpec.earliest()).offset == 0
    assert at(OffsetSpec.latest()).offset == 4
    assert (at(OffsetSpec.for_timestamp(2000)).offset, at(OffsetSpec.for_timestamp(2000)).timestamp) == (1, 5000)
    assert at(OffsetSpec.for_timestamp(9000)).offset == -1
    assert (at(OffsetSpec.max_timestamp()).offset, at(OffsetSpec.max_timestamp()).timestamp) == (1, 5000)

    open_one = clients.transactional(name("tx"))
    open_one.begin_transaction()
    send(open_one, topic, [{"value": b"open"}])
    assert at(OffsetSpec.latest(), isolation_level=IsolationLevel.READ_COMMITTED).offset == 4
    assert at(OffsetSpec.latest(), isolation_level=IsolationLevel.READ_UNCOMMITTED).offset == 5
    open_one.abort_transaction(30)


def test_records_are_deleted_up_to_an_offset(admin, clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"value": b"%d" % number} for number in range(10)])
    deleted = only(admin.delete_records([TopicPartition(topic, 0, 6)]))
    assert deleted.low_watermark == 6
    assert values(clients.read(topic)) == [b"6", b"7", b"8", b"9"]
    assert clients.consumer().get_watermark_offsets(TopicPartition(topic, 0), timeout=30) == (6, 10)
    assert only(admin.delete_records([TopicPartition(topic, 0, -1)])).low_watermark == 10
    with pytest.raises(KafkaException) as refused:
        only(admin.delete_records([TopicPartition(topic, 0, 11)]))
    assert code(refused) == KafkaError.OFFSET_OUT_OF_RANGE


def test_the_cluster_describes_itself(cluster, admin):
    seen = admin.describe_cluster().result(30)
    assert seen.cluster_id and len(seen.nodes) == cluster.nodes
    assert sorted((node.host, node.port) for node in seen.nodes) == sorted(cluster.addresses)
    assert seen.controller.id in [node.id for node in seen.nodes]


def test_leaders_are_elected(admin, new_topic):
    topic = new_topic(partitions=2)
    parts = [TopicPartition(topic, each) for each in range(2)]
    result = admin.elect_leaders(ElectionType.PREFERRED, parts).result(30)
    for part in parts:
        assert result[part] is None or result[part].code() == KafkaError.ELECTION_NOT_NEEDED
    unknown = TopicPartition(topic, 9)
    result = admin.elect_leaders(ElectionType.PREFERRED, [unknown]).result(30)
    assert result[unknown].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
