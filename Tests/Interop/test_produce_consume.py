"""Records go in and come out as they were, by confluent-kafka (librdkafka)."""

import struct

import pytest
from confluent_kafka import OFFSET_INVALID, TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from clients import CODECS, code, send, values
from cluster import eventually
from wire import leaders_batches

EVERY_BYTE = bytes(range(256))


@pytest.mark.parametrize("acks", ["0", "1", "all"])
def test_records_arrive_in_order_at_every_level_of_acknowledgement(clients, new_topic, acks):
    topic = new_topic()
    sent = [b"%d" % number for number in range(500)]
    reports = send(clients.producer(acks=acks), topic, [{"value": each} for each in sent])
    if acks != "0":
        assert [report.offset() for report in reports] == list(range(500))
    assert values(clients.read(topic, 500)) == sent


def test_keys_values_headers_and_timestamps_are_byte_exact(clients, new_topic):
    topic = new_topic()
    records = [
        {"key": EVERY_BYTE, "value": EVERY_BYTE[::-1], "timestamp": 1,
         "headers": [("a", b"1"), ("a", b"2"), ("김치", EVERY_BYTE), ("null", None), ("empty", b"")]},
        {"key": b"", "value": b"", "timestamp": 1_700_000_000_123, "headers": []},
        {"key": None, "value": b"no key", "timestamp": 4_102_444_800_000},
        {"key": "배달".encode(), "value": "비빔밥".encode(), "timestamp": 1_700_000_000_122},
    ]
    send(clients.producer(), topic, records)
    got = clients.read(topic, len(records))
    for record, message in zip(records, got):
        assert message.key() == record["key"]
        assert message.value() == record["value"]
        assert message.timestamp() == (TIMESTAMP_CREATE_TIME, record["timestamp"])
        assert (message.headers() or []) == record.get("headers", [])


def test_a_tombstone_stays_a_null(clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"key": b"k", "value": b"v"}, {"key": b"k", "value": None}])
    assert values(clients.read(topic, 2)) == [b"v", None]


def test_a_topic_can_ask_for_the_time_of_appending(clients, new_topic):
    topic = new_topic(message_timestamp_type="LogAppendTime")
    send(clients.producer(), topic, [{"value": b"v", "timestamp": 1}])
    (message,) = clients.read(topic, 1)
    kind, at = message.timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME and at > 1_600_000_000_000


@pytest.mark.parametrize("codec", CODECS)
def test_compressed_batches_pass_through_untouched(clients, new_topic, codec):
    topic = new_topic()
    sent = [(b"%06d" % number) * 40 for number in range(2000)]
    send(clients.producer(compression_type=codec, linger_ms=100), topic, [{"value": each} for each in sent])
    assert values(clients.read(topic, len(sent))) == sent
    # The stored batch says by which codec the client compressed it.
    error, _, batches = leaders_batches(clients, topic)
    assert error == 0 and struct.unpack_from(">h", batches, 21)[0] & 7 == CODECS.index(codec)


@pytest.mark.parametrize("codec", CODECS)
def test_a_topic_s_own_codec_does_not_hurt(clients, new_topic, codec):
    topic = new_topic(compression_type="producer" if codec == "none" else codec)
    sent = [(b"%06d" % number) * 40 for number in range(200)]
    send(clients.producer(compression_type="gzip"), topic, [{"value": each} for each in sent])
    assert values(clients.read(topic, len(sent))) == sent


def test_large_records_fit_up_to_the_topic_s_limit(clients, new_topic):
    topic = new_topic(max_message_bytes=8_000_000)
    big = EVERY_BYTE * (7_500_000 // 256)
    producer = clients.producer(message_max_bytes=8_000_000)
    send(producer, topic, [{"value": b"before"}])
    send(producer, topic, [{"value": big}])
    send(producer, topic, [{"value": b"after"}])
    # One batch is sent even when it is larger than the limits the consumer names.
    got = clients.read(topic, 3, fetch_message_max_bytes=1000, fetch_max_bytes=10_000, message_max_bytes=10_000)
    assert values(got) == [b"before", big, b"after"]


def test_a_record_beyond_max_message_bytes_is_refused_and_others_go_on(clients, new_topic):
    topic = new_topic(max_message_bytes=10_000)
    producer = clients.producer(message_max_bytes=8_000_000)
    with pytest.raises(KafkaException) as refused:
        send(producer, topic, [{"value": b"x" * 20_000}])
    assert code(refused) == KafkaError.MSG_SIZE_TOO_LARGE
    send(producer, topic, [{"value": b"small"}])
    assert values(clients.read(topic)) == [b"small"]


def test_the_default_limit_of_a_record_is_one_mebibyte(clients, new_topic):
    topic = new_topic()
    producer = clients.producer(message_max_bytes=8_000_000)
    send(producer, topic, [{"value": b"x" * 1_000_000}])
    with pytest.raises(KafkaException) as refused:
        send(producer, topic, [{"value": b"x" * 1_100_000}])
    assert code(refused) == KafkaError.MSG_SIZE_TOO_LARGE


def test_keys_spread_over_partitions_and_keep_their_order(clients, new_topic):
    topic = new_topic(partitions=6)
    records = [{"key": b"k%d" % (number % 20), "value": b"%d" % number} for number in range(600)]
    send(clients.producer(), topic, records)
    got = clients.read(topic, 600, partitions=range(6))
    assert len({message.partition() for message in got}) > 1
    for key in {record["key"] for record in records}:
        mine = [message for message in got if message.key() == key]
        assert len({message.partition() for message in mine}) == 1
        assert values(mine) == [record["value"] for record in records if record["key"] == key]


def test_an_unknown_topic_is_created_at_the_first_record(clients, name):
    topic = name("auto")
    send(clients.producer(), topic, [{"value": b"v", "partition": 0}])
    assert values(clients.read(topic, 1)) == [b"v"]


def test_a_consumer_does_not_create_a_topic_unless_it_asks(clients, name, admin):
    topic = name("absent")
    consumer = clients.consumer(name("g"), topic_metadata_propagation_max_ms=100)
    consumer.subscribe([topic])
    message = eventually(lambda: consumer.poll(1), what="the consumer hears of it")
    assert message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert topic not in admin.list_topics(timeout=10).topics


def test_reading_starts_at_an_offset_or_a_timestamp(clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic,
         [{"value": b"%d" % number, "timestamp": 1_700_000_000_000 + number * 1000} for number in range(100)])
    assert clients.read(topic, 1, start=40)[0].offset() == 40
    consumer = clients.consumer()
    at = consumer.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_000 + 69_500)], timeout=30)[0]
    assert at.offset == 70
    late = consumer.offsets_for_times([TopicPartition(topic, 0, 1_800_000_000_000)], timeout=30)[0]
    assert late.offset < 0 or late.offset == OFFSET_INVALID
    assert consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30) == (0, 100)


def test_an_offset_out_of_range_is_said_so(clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"value": b"v"}])
    with pytest.raises(KafkaException) as refused:
        clients.read(topic, 1, start=500, auto_offset_reset="error")
    assert code(refused) in (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET)


def test_a_waiting_fetch_wakes_when_a_record_arrives(clients, new_topic):
    topic = new_topic()
    consumer = clients.consumer(fetch_wait_max_ms=10_000)
    consumer.assign([TopicPartition(topic, 0, 0)])
    assert consumer.poll(1) is None
    send(clients.producer(linger_ms=0), topic, [{"value": b"v"}])
    message = consumer.poll(5)  # well under the ten seconds the fetch may wait
    assert message is not None and message.value() == b"v"


def test_an_idempotent_producer_writes_once_and_in_order(clients, new_topic):
    topic = new_topic(partitions=3)
    producer = clients.producer(enable_idempotence=True, linger_ms=0)
    sent = [{"value": b"%d" % number, "partition": number % 3} for number in range(3000)]
    send(producer, topic, sent)
    got = clients.read(topic, partitions=range(3))
    for partition in range(3):
        assert [int(message.value()) for message in got if message.partition() == partition] \
            == list(range(partition, 3000, 3))


def test_many_partitions_read_at_once(clients, new_topic):
    topic = new_topic(partitions=40)
    send(clients.producer(), topic, [{"value": b"%d" % number, "partition": number % 40} for number in range(4000)])
    got = clients.read(topic, partitions=range(40))
    assert sorted(int(each) for each in values(got)) == list(range(4000))
