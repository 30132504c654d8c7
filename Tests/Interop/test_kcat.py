"""The same by kcat, whose librdkafka (Debian: 2.0) is older than confluent-kafka's."""

import json
import shutil
import subprocess

import pytest

from clients import CODECS
from cluster import PATIENCE


@pytest.fixture
def kcat(cluster):
    assert shutil.which("kcat"), "kcat is missing: apt-get install kcat"

    def run(*arguments, given=b"", within=PATIENCE):
        done = subprocess.run(
            ["kcat", "-b", cluster.bootstrap, *arguments], input=given, capture_output=True, timeout=within)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout
    return run


def test_metadata_shows_every_broker_and_one_controller(cluster, kcat, new_topic):
    topic = new_topic(partitions=3)
    seen = json.loads(kcat("-L", "-J", "-t", topic))
    assert sorted(each["name"] for each in seen["brokers"]) == sorted(cluster.bootstrap.split(","))
    assert seen["controllerid"] in [each["id"] for each in seen["brokers"]]
    (found,) = seen["topics"]
    assert [each["partition"] for each in found["partitions"]] == [0, 1, 2]
    for partition in found["partitions"]:
        assert len(partition["replicas"]) == cluster.replicas
        assert partition["leader"] in [each["id"] for each in partition["replicas"]]


@pytest.mark.parametrize("acks", ["0", "1", "all"])
@pytest.mark.parametrize("codec", CODECS)
def test_lines_go_through(kcat, new_topic, acks, codec):
    topic = new_topic()
    lines = b"".join(b"%d bibimbap\n" % number for number in range(1000))
    kcat("-P", "-t", topic, "-z", codec, "-X", f"acks={acks}", given=lines)
    assert kcat("-C", "-t", topic, "-c", "1000", "-q") == lines


def test_keys_headers_and_nulls(kcat, new_topic):
    topic = new_topic()
    kcat("-P", "-t", topic, "-K", ":", "-Z", "-H", "city=서울", "-H", "again", given=b"a:1\nb:\n:3\n")
    got = [json.loads(line) for line in kcat("-C", "-t", topic, "-J", "-c", "3", "-q").splitlines()]
    assert [(each["key"], each["payload"]) for each in got] == [("a", "1"), ("b", None), (None, "3")]
    assert got[0]["headers"] == ["city", "서울", "again", None]


def test_a_file_is_one_record(kcat, new_topic, tmp_path):
    topic = new_topic()
    content = bytes(range(256)) * 3000
    (tmp_path / "menu").write_bytes(content)
    kcat("-P", "-t", topic, str(tmp_path / "menu"))
    assert kcat("-C", "-t", topic, "-c", "1", "-q", "-D", "") == content


def test_offsets_by_time(kcat, new_topic):
    topic = new_topic()
    kcat("-P", "-t", topic, given=b"a\nb\n")
    assert kcat("-Q", "-t", f"{topic}:0:-1").split() == f"{topic} [0] offset 2".encode().split()
    assert kcat("-Q", "-t", f"{topic}:0:-2").split() == f"{topic} [0] offset 0".encode().split()


def test_reading_from_the_end_and_from_the_tail(kcat, new_topic):
    topic = new_topic()
    kcat("-P", "-t", topic, given=b"a\nb\nc\n")
    assert kcat("-C", "-t", topic, "-o", "-1", "-e", "-q") == b"c\n"
    assert kcat("-C", "-t", topic, "-o", "1", "-e", "-q") == b"b\nc\n"


def test_a_group_reads_a_topic(kcat, new_topic, name):
    topic = new_topic(partitions=2)
    kcat("-P", "-t", topic, given=b"".join(b"%d\n" % number for number in range(100)))
    got = kcat("-G", name("g"), "-c", "100", "-q", "-X", "auto.offset.reset=earliest", topic)
    assert sorted(int(each) for each in got.split()) == list(range(100))


def test_transactions_by_kcat(kcat, new_topic, name):
    topic = new_topic()
    kcat("-P", "-t", topic, "-X", f"transactional.id={name('tx')}", given=b"a\nb\n")
    assert kcat("-C", "-t", topic, "-e", "-q", "-X", "isolation.level=read_committed") == b"a\nb\n"
