"""`expect history linearizable` in a lesson's live cluster, about what kcat was told."""

import subprocess

import pytest

from cluster import BAEDAL, PATIENCE, free_ports


@pytest.fixture
def bench():
    process = subprocess.Popen([BAEDAL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Bench(process)
    process.stdin.close()
    process.wait(PATIENCE)


class Bench:
    """A bench that is told its commands through a pipe."""

    def __init__(self, process):
        self.process = process

    def run(self, line, shows):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = []
        for answered in self.process.stdout:
            said.append(answered)
            if shows in answered:
                return
        pytest.fail(f"{line} does not show {shows}:\n{''.join(said)}")


def kcat(port, *arguments, given=""):
    command = ["kcat", "-b", f"127.0.0.1:{port}", "-t", "orders", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def test_kcat_is_judged(bench):
    port = free_ports(3)
    bench.run(f"live start --port {port} --nodes 3", "until live stop")
    bench.run("topic create orders --config min.insync.replicas=1", "is created")
    for number in range(3):
        kcat(port, "-P", given=f"bibimbap\nkimbap {number}\n")
        assert kcat(port, "-C", "-e", "-q").split("\n")[-2] == f"kimbap {number}"
    bench.run("expect history linearizable", "true ")
    bench.run("expect session monotonic-reads", "true ")
    bench.run("expect session read-your-writes", "true ")
