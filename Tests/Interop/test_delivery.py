"""The delivery engine on three brokers that are processes of their own: instances and brokers are killed in the middle,
and the logs are judged by `baedal judge`: no order lost, none twice, no rider with two deliveries."""

import os
import pathlib
import signal
import sqlite3
import subprocess

import pytest

from cluster import BAEDAL, PATIENCE, Process, eventually
from soak import Nodes

ORDERS = int(os.environ.get("DELIVERY_ORDERS", "3000"))
# Many orders through debug builds, brokers and engines on two cores.
LONG = 10 * PATIENCE


class Town:
    """Three brokers and any number of engines."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.nodes = Nodes(3, self.folder, [])
        self.engines = {}
        self.burst_process = None
        for each in (1, 2, 3):
            self.nodes.start(each)
        for each in (1, 2, 3):
            self.nodes.ready(each)

    def engine(self, name, *more):
        """Starts an instance and returns once it is a member."""
        process = Process(
            [BAEDAL, "engine", "--bootstrap-servers", self.nodes.bootstrap, "--instance", name, "--partitions", "2",
             "--cooking", "200ms", "--riding", "100ms", "--session-timeout", "6s",
             "--state", str(self.folder / "state"), *more],
            self.folder / f"engine-{name}.log")
        process.line("ready:", within=LONG)
        self.engines[name] = process
        return process

    def burst(self, orders, first=1):
        self.burst_process = Process(
            [BAEDAL, "burst", "--bootstrap-servers", self.nodes.bootstrap, "--partitions", "2", "--orders", str(orders),
             "--first", str(first), "--riders", "400", "--patience", f"{int(LONG)}s"], self.folder / "burst.log")
        return self.burst_process

    def judge(self, orders):
        return subprocess.run(
            [BAEDAL, "judge", "--bootstrap-servers", self.nodes.bootstrap, "--partitions", "2", "--orders", str(orders)],
            capture_output=True, text=True, timeout=LONG)

    def stop(self):
        for process in [self.burst_process, *self.engines.values()]:
            if process is not None and process.alive():
                process.process.send_signal(signal.SIGCONT)
                process.stop(signal.SIGKILL)
        self.nodes.stop()


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.stop()


def ended(line):
    """How many orders a progress line says have ended."""
    words = line.split()
    return int(words[words.index("ended") + 1])


def watch(burst, count):
    """Waits until `count` orders have ended."""
    while ended(burst.line("backlog", within=LONG)) < count:
        pass


def ended_by_now(burst):
    """How many orders have ended by the newest progress line; what was said before is passed over."""
    burst.pass_over()
    return ended(burst.line("backlog", within=LONG))


def counted(boards):
    """How many orders of each status the read model's tables have."""
    tables = sqlite3.connect(f"file:{boards}/orders-v1.sqlite?mode=ro", uri=True)
    try:
        return tables.execute("SELECT status, count(*) FROM orders GROUP BY status").fetchall()
    finally:
        tables.close()


def assert_good(town, orders):
    verdict = town.judge(orders)
    assert verdict.returncode == 0, f"{verdict.stdout}\n{verdict.stderr}"
    assert "verdict: nothing lost, nothing twice" in verdict.stdout
    assert f"delivered {orders}," in verdict.stdout, verdict.stdout


def test_instances_and_a_broker_are_killed_in_the_middle(town):
    town.engine("a")
    town.engine("b")
    burst = town.burst(ORDERS)
    watch(burst, ORDERS // 10)
    town.engines["a"].stop(signal.SIGKILL)
    watch(burst, ORDERS // 5)
    # This one keeps the orders as tables too, and goes on with them over what follows.
    boards = town.folder / "boards"
    town.engine("c", "--data", str(boards))
    # On a fast machine too it must be the middle that the kills fall into.
    assert ended_by_now(burst) < ORDERS, "the burst was over too early: raise DELIVERY_ORDERS"
    # Brokers die as processes do.
    town.nodes.running[2].stop(signal.SIGKILL)
    watch(burst, ORDERS // 2)
    town.nodes.start(2)
    town.nodes.ready(2)
    assert burst.line("verdict:", within=2 * LONG) == "nothing lost, nothing twice"
    assert_good(town, ORDERS)
    # The tables, over a broker's death: every order once, in the state in which it ended.
    eventually(lambda: counted(boards) == [("delivered", ORDERS)], LONG, what="the tables have every order's end")
