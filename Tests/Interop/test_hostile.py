"""A client that lies, stalls or speaks nonsense costs the others nothing."""

import random
import struct

import pytest

from clients import send, values
from cluster import eventually
from wire import Wire, fetch_v4, fetched_v4, frame, header

API_VERSIONS, METADATA, PRODUCE, FETCH = 18, 3, 0, 1
UNSUPPORTED_VERSION = 35


@pytest.fixture(autouse=True)
def others_go_on(clients, new_topic):
    """Around every test, somebody else produces and reads."""
    topic = new_topic()
    producer = clients.producer()
    send(producer, topic, [{"value": b"before"}])
    yield
    send(producer, topic, [{"value": b"after"}])
    assert values(clients.read(topic)) == [b"before", b"after"]


def api_versions(cluster):
    with Wire(cluster.addresses[0]) as wire:
        body = wire.ask(API_VERSIONS, 0)
    error, count = struct.unpack_from(">hi", body)
    assert error == 0
    return {key: (least, most) for key, least, most in (
        struct.unpack_from(">hhh", body, 6 + 6 * index) for index in range(count))}


def test_an_unknown_version_of_apiversions_is_answered_with_ours(cluster):
    with Wire(cluster.addresses[0]) as wire:
        body = wire.ask(API_VERSIONS, 99, flexible=True)
        error, count = struct.unpack_from(">hi", body)
        assert error == UNSUPPORTED_VERSION and count >= 1
        keys = [struct.unpack_from(">hhh", body, 6 + 6 * index) for index in range(count)]
        assert API_VERSIONS in [key for key, _, _ in keys]
        # The same connection then falls back, as clients do.
        assert struct.unpack_from(">h", wire.ask(API_VERSIONS, 0, correlation=8))[0] == 0


def test_what_is_advertised_covers_what_clients_need(cluster):
    served = api_versions(cluster)
    needed = {
        0: (3, 9), 1: (4, 13), 2: (1, 8), 3: (0, 12), 8: (2, 9), 9: (1, 9), 10: (0, 4), 11: (0, 9), 12: (0, 4),
        13: (0, 5), 14: (0, 5), 15: (0, 5), 16: (0, 4), 17: (0, 1), 18: (0, 4), 19: (2, 7), 20: (1, 6), 21: (0, 2),
        22: (0, 4), 23: (2, 4), 24: (0, 3), 25: (0, 3), 26: (0, 3), 27: (0, 1), 28: (0, 3), 29: (1, 3), 30: (1, 3),
        31: (1, 3), 32: (1, 4), 33: (0, 2), 35: (1, 4), 36: (0, 2), 37: (0, 3), 42: (0, 2), 43: (0, 2), 44: (0, 1),
        45: (0, 0), 46: (0, 0), 47: (0, 0), 50: (0, 0), 51: (0, 0), 60: (0, 1), 61: (0, 0), 65: (0, 0), 66: (0, 0)}
    missing = {key: (wanted, served.get(key)) for key, wanted in needed.items()
               if key not in served or served[key][0] > wanted[0] or served[key][1] < wanted[1]}
    assert not missing


@pytest.mark.parametrize("key, version", [(METADATA, 99), (PRODUCE, 99), (FETCH, 99), (999, 0), (-1, 0), (METADATA, -1)])
def test_an_unknown_request_closes_that_connection(cluster, key, version):
    with Wire(cluster.addresses[0]) as wire:
        wire.request(key, version, b"\0" * 16)
        assert wire.closed()


@pytest.mark.parametrize("start", [
    b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00"],
    ids=["huge", "minus-one", "least", "http", "tls"])
def test_an_impossible_length_closes_the_connection(cluster, start):
    with Wire(cluster.addresses[0]) as wire:
        wire.send(start)
        assert wire.closed()


def test_garbage_in_a_proper_frame_closes_the_connection(cluster):
    dice = random.Random(7)
    for _ in range(50):
        with Wire(cluster.addresses[0]) as wire:
            wire.send(frame(dice.randbytes(dice.randrange(1, 200))))
            wire.socket.shutdown(1)
            try:
                while wire.socket.recv(65536):
                    pass
            except ConnectionResetError:
                pass


@pytest.mark.parametrize("key, version", [(METADATA, 1), (PRODUCE, 3), (FETCH, 4), (19, 2), (11, 0), (8, 2)])
def test_a_body_that_promises_more_than_it_holds_closes_the_connection(cluster, key, version):
    with Wire(cluster.addresses[0]) as wire:
        wire.request(key, version, b"\x7f" * 24)
        assert wire.closed()


def test_half_a_frame_holds_nobody_up(cluster):
    with Wire(cluster.addresses[0]) as half, Wire(cluster.addresses[0]) as whole:
        half.send(frame(header(API_VERSIONS, 0, 1))[:9])
        assert whole.ask(API_VERSIONS, 0)
        half.send(frame(header(API_VERSIONS, 0, 1))[9:])
        assert struct.unpack(">i", half.receive()[:4])[0] == 1


def test_a_frame_may_come_a_byte_at_a_time_or_ten_at_once(cluster):
    with Wire(cluster.addresses[0]) as wire:
        for byte in frame(header(API_VERSIONS, 0, 1)):
            wire.send(bytes([byte]))
        wire.receive()
        wire.send(b"".join(frame(header(API_VERSIONS, 0, number)) for number in range(10)))
        assert [struct.unpack(">i", wire.receive()[:4])[0] for _ in range(10)] == list(range(10))


def test_a_fetch_of_what_is_not_there_brings_an_empty_set_of_records(cluster):
    with Wire(cluster.addresses[0]) as wire:
        answer = wire.ask(FETCH, 4, fetch_v4("nowhere", 0, 0))
    assert fetched_v4(answer, "nowhere")[0] == 3  # UNKNOWN_TOPIC_OR_PARTITION
    assert answer[-4:] == struct.pack(">i", 0)


def test_acks_zero_is_never_answered(cluster, clients, new_topic):
    topic = new_topic()
    with Wire(cluster.addresses[0]) as wire:
        name = topic.encode()
        # Produce version 3: no transactional id, acks, timeout, one topic, one partition, null records.
        body = (struct.pack(">hhi", -1, 0, 1000) + struct.pack(">i", 1) + struct.pack(">h", len(name)) + name
                + struct.pack(">iii", 1, 0, -1))
        wire.request(PRODUCE, 3, body, correlation=1)
        wire.request(API_VERSIONS, 0, correlation=2)
        assert struct.unpack(">i", wire.receive()[:4])[0] == 2


def test_a_client_that_never_reads_is_held_back(cluster, clients, new_topic):
    topic = new_topic()
    send(clients.producer(), topic, [{"value": b"." * 100_000} for _ in range(50)])
    leader = clients.producer().list_topics(topic, 30)
    broker = leader.brokers[leader.topics[topic].partitions[0].leader]
    before = cluster.process.resident()
    deaf = [Wire((broker.host, broker.port), patience=2) for _ in range(10)]
    try:
        for wire in deaf:
            try:
                for number in range(2000):
                    wire.request(FETCH, 4, fetch_v4(topic, 0, 0, max_bytes=5_000_000), correlation=number)
            except (TimeoutError, ConnectionError):
                pass  # held back, or shut out: both are fine
        with Wire((broker.host, broker.port)) as other:
            assert other.ask(API_VERSIONS, 0)
        assert cluster.process.resident() - before < 300_000_000
    finally:
        for wire in deaf:
            wire.socket.close()


def test_many_idle_connections_do_not_matter(cluster):
    idle = [Wire(cluster.addresses[0]) for _ in range(200)]
    try:
        with Wire(cluster.addresses[0]) as wire:
            assert wire.ask(API_VERSIONS, 0)
    finally:
        for wire in idle:
            wire.socket.close()


def test_a_batch_with_a_wrong_checksum_is_refused(cluster, clients, new_topic):
    topic = new_topic()
    metadata = clients.producer().list_topics(topic, 30)
    broker = metadata.brokers[metadata.topics[topic].partitions[0].leader]
    record = bytes([0, 0, 0, 1, 2]) + b"v" + bytes([0])
    record = bytes([len(record) * 2]) + record
    after_crc = struct.pack(">hiqqqhii", 0, 0, 1000, 1000, -1, -1, -1, 1) + record
    batch = struct.pack(">iBI", 0, 2, 0xDEADBEEF) + after_crc
    batch = struct.pack(">qi", 0, len(batch)) + batch
    name = topic.encode()
    body = (struct.pack(">hhi", -1, 1, 1000) + struct.pack(">ih", 1, len(name)) + name
            + struct.pack(">iii", 1, 0, len(batch)) + batch)
    with Wire((broker.host, broker.port)) as wire:
        answer = wire.ask(PRODUCE, 3, body)
    error, = struct.unpack_from(">h", answer, 4 + 2 + len(name) + 4 + 4)
    assert error == 2  # CORRUPT_MESSAGE
    assert values(clients.read(topic)) == []
    eventually(lambda: cluster.process.alive())
