"""Clients over TLS: the same records, with and without a password; those who do not speak it are turned away."""

import os
import subprocess

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import Cluster, eventually
from wire import Closed, Wire


def certificate(folder, name):
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", chain, "-days", "2", "-subj", "/CN=baedal", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    return str(chain), str(key)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    return {name: certificate(folder, name) for name in ("server", "other")}


@pytest.fixture(scope="module", params=[False, True], ids=["certificate", "certificate and password"])
def guarded(request, certificates):
    """A cluster of two behind TLS, and what a client needs to say to it."""
    chain, key = certificates["server"]
    arguments = ["--tls-cert", chain, "--tls-key", key]
    client = {"security.protocol": "SSL", "ssl.ca.location": chain}
    if request.param:
        arguments += ["--sasl", "scram-sha-512", "--user", "chef:kimchi"]
        client |= {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "chef",
                   "sasl.password": "kimchi"}
    cluster = Cluster(2, *arguments).start()
    yield cluster, client | {"bootstrap.servers": cluster.bootstrap}
    assert cluster.stop() == 0


def test_records_come_back_as_they_were_sent(guarded):
    _, client = guarded
    admin = AdminClient(client)
    for future in admin.create_topics([NewTopic("menu", 2, 2)], request_timeout=20).values():
        future.result(30)
    values = [os.urandom(size) for size in (0, 1, 100, 70_000, 900_000)] * 3
    producer = Producer(client | {"linger.ms": 0, "acks": "all"})
    for number, value in enumerate(values):
        producer.produce("menu", value, partition=number % 2)
    assert producer.flush(30) == 0
    consumer = Consumer(client | {"group.id": "readers", "auto.offset.reset": "earliest"})
    consumer.subscribe(["menu"])
    seen = []

    def all_there():
        message = consumer.poll(0.5)
        if message is not None:
            assert message.error() is None
            seen.append(message.value())
        return len(seen) == len(values)

    eventually(all_there, every=0)
    assert sorted(seen) == sorted(values)
    consumer.close()


def test_a_client_that_trusts_others_only_gives_up_and_the_rest_go_on(guarded, certificates):
    _, client = guarded
    wary = AdminClient(client | {"ssl.ca.location": certificates["other"][0], "log_level": 0})
    with pytest.raises(KafkaException) as refused:
        wary.list_topics(timeout=3)
    assert refused.value.args[0].code() in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT)
    assert AdminClient(client).list_topics(timeout=20).brokers


def test_bare_kafka_is_turned_away_with_a_log_line(guarded):
    cluster, _ = guarded
    with Wire(cluster.addresses[0], patience=10) as wire, pytest.raises(Closed):
        wire.ask(18, 0, b"")
    eventually(lambda: "closing a connection" in cluster.process.tail(400))


@pytest.mark.parametrize("spoilt", ["no such file", "not PEM", "the key of another"])
def test_files_that_do_not_fit_are_refused_at_the_start(certificates, tmp_path, spoilt):
    chain, key = certificates["server"]
    if spoilt == "no such file":
        chain = str(tmp_path / "absent.pem")
    elif spoilt == "not PEM":
        chain = str(tmp_path / "nonsense.pem")
        (tmp_path / "nonsense.pem").write_text("nonsense")
    else:
        key = certificates["other"][1]
    from cluster import BAEDAL
    done = subprocess.run([BAEDAL, "serve", "--port", "0", "--tls-cert", chain, "--tls-key", key],
                          capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode != 0
    assert "cannot be used for TLS. Expected:" in done.stderr
