import itertools
import os

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from clients import Clients
from cluster import BAEDAL, PATIENCE, Cluster

_names = itertools.count()


def pytest_addoption(parser):
    parser.addoption("--serve", action="append", default=[], help="one more argument for `baedal serve`")


@pytest.fixture(scope="session", params=[1, 3], ids=["one-node", "three-nodes"])
def shared_cluster(request):
    assert os.access(BAEDAL, os.X_OK), f"no executable {BAEDAL}: run `swift build`, or set BAEDAL"
    # Compaction would otherwise be looked to every thirty seconds.
    cluster = Cluster(request.param, "--cleaner-interval", "1s", *request.config.getoption("--serve")).start()
    yield cluster
    assert cluster.stop() == 0, f"SIGTERM did not end the cluster cleanly\n{cluster.process.tail()}"


@pytest.fixture
def cluster(shared_cluster):
    """The cluster every test shares. A test that ends it fails, and the next one gets a new cluster."""
    if not shared_cluster.process.alive():
        shared_cluster.start()
    yield shared_cluster
    assert shared_cluster.process.alive(), (
        f"the broker process ended with {shared_cluster.process.process.returncode}\n{shared_cluster.process.tail()}")


@pytest.fixture
def clients(cluster):
    with Clients(cluster) as clients:
        yield clients


@pytest.fixture
def admin(cluster):
    return AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 3})


@pytest.fixture
def name():
    """Makes names that no other test uses."""
    return lambda stem="t": f"{stem}-{os.getpid()}-{next(_names)}"


@pytest.fixture
def new_topic(cluster, admin, name):
    """Creates a topic with as many replicas as the cluster has nodes and returns its name."""
    def create(partitions=1, replicas=None, stem="t", **config):
        topic = name(stem)
        wanted = NewTopic(
            topic, num_partitions=partitions, replication_factor=replicas or cluster.replicas,
            config={key.replace("_", "."): str(value) for key, value in config.items()})
        for future in admin.create_topics([wanted], operation_timeout=PATIENCE).values():
            future.result(PATIENCE)
        return topic
    return create
