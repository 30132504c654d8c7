#!/usr/bin/env python3
"""Figures beside peers, in one run, by one client: python3 bench.py --kbench ./kbench --tansu ./tansu --mock ./mockd

Every peer is started anew in every round, and the rounds of all peers are interleaved: what slows the machine slows
everybody. Printed are the least and the most of the rounds, and the ratio of medians, which is above 1 where baedal is
ahead. kbench is a small client on librdkafka that produces, consumes and measures latencies; a peer that is not named is
left out.
"""

import argparse
import os
import pathlib
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from cluster import BAEDAL, Process, free_ports
from wire import Closed, Wire, string

# name, unit, whether more is better
ROWS = [
    ("start to first produce", "ms", False), ("resident, idle", "MB", False),
    ("produce 100 B acks=1", "k/s", True), ("produce 100 B acks=all", "k/s", True),
    ("produce 1 KiB acks=1", "MB/s", True), ("produce 1 KiB acks=all", "MB/s", True),
    ("consume 100 B", "k/s", True), ("consume 1 KiB", "MB/s", True),
    ("one in flight acks=all, p50", "us", False), ("one in flight acks=all, p99", "us", False),
    ("end to end at 1,000/s, p50", "us", False), ("end to end at 1,000/s, p99", "us", False),
    ("resident, peak", "MB", False),
]


class Peer:
    """How a broker is started, what it says when it is up, and whether it keeps records (the mock forgets at 5 MB)."""

    def __init__(self, name, command, replicas=1, announces=None, keeps=True):
        self.name, self.command, self.replicas, self.announces, self.keeps = name, command, replicas, announces, keeps

    def start(self, folder):
        port = free_ports(self.replicas)
        began = time.monotonic()
        process = Process([each.format(port=port, data=folder) for each in self.command], folder / "log")
        bootstrap = process.line(self.announces, within=30) if self.announces is not None else f"127.0.0.1:{port}"
        return process, bootstrap.split()[-1], began


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
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        seen = admin.list_topics(topic, timeout=10).topics[topic]
        if seen.error is None and seen.partitions and seen.partitions[0].leader >= 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"no topic {topic}")


def measure(peer, options):
    """One round of one peer: a figure for each row, or None where it failed."""
    figures = dict.fromkeys((name for name, _, _ in ROWS))
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bench-{peer.name.replace(' ', '-')}-", dir=options.folder))
    process, bootstrap, began = peer.start(folder)

    def kbench(mode, *arguments):
        done = subprocess.run([options.kbench, mode, bootstrap, *map(str, arguments)], capture_output=True, text=True,
                              timeout=120)
        if done.returncode:
            print(f"  {peer.name}: {mode} {arguments}: {done.stderr.strip() or done.returncode}", flush=True)
            return {}
        return {key: float(value) for key, value in re.findall(r"(\S+)=([\d.]+)", done.stdout)}

    def row(name, value, per=1):
        figures[name] = value / per if value is not None else None
    try:
        row("start to first produce", first_produce(bootstrap, began))
        row("resident, idle", process.resident(), 1e6)
        for size, label, count, unit, per in (
                (100, "100 B", options.count, "msg/s", 1e3), (1024, "1 KiB", options.count // 6, "MB/s", 1)):
            for acks in ("1", "all"):
                topic = f"p{size}-{acks}"
                create_topic(bootstrap, topic, peer.replicas)
                row(f"produce {label} acks={acks}", kbench("produce", topic, 1, size, count, acks).get(unit), per)
            if peer.keeps:
                row(f"consume {label}", kbench("consume", f"p{size}-1", 1, count).get(unit), per)
        create_topic(bootstrap, "latency", peer.replicas)
        got = kbench("lat", "latency", 100, options.samples, "all")
        row("one in flight acks=all, p50", got.get("p50_us"))
        row("one in flight acks=all, p99", got.get("p99_us"))
        create_topic(bootstrap, "ends", peer.replicas)
        got = kbench("e2e", "ends", 100, options.samples, 1000)
        row("end to end at 1,000/s, p50", got.get("p50_us"))
        row("end to end at 1,000/s, p99", got.get("p99_us"))
        row("resident, peak", process.resident(peak=True), 1e6)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        print(f"  {peer.name}: {error}", flush=True)
    finally:
        process.stop(signal.SIGTERM, within=10)
        subprocess.run(["rm", "-rf", folder], check=True)
    return figures


def peers(options):
    found = [Peer("baedal", [BAEDAL, "serve", "--port", "{port}"], announces="ready:")]
    if options.data:
        found.append(Peer("baedal on disk", [BAEDAL, "serve", "--port", "{port}", "--data", "{data}/logs"],
                          announces="ready:"))
    if options.tansu:
        address = "tcp://127.0.0.1:{port}"
        found.append(Peer("Tansu", [
            options.tansu, "broker", "--listener-url", address, "--advertised-listener-url", address,
            "--storage-engine", "memory://tansu/", "--silent"]))
    if options.mock:
        found.append(Peer("librdkafka mock", [options.mock, "1"], announces="", keeps=False))
    if options.nodes == 3:
        found = [Peer("baedal x3", [BAEDAL, "serve", "--nodes", "3", "--port", "{port}"], 3, "ready:")]
        if options.mock:
            found.append(Peer("librdkafka mock x3", [options.mock, "3"], 3, "", keeps=False))
    return found


def spread(values):
    if not values:
        return "-"
    least, most = min(values), max(values)
    form = (lambda value: f"{value:.1f}" if value < 100 else f"{value:.0f}")
    return form(least) if form(least) == form(most) else f"{form(least)}-{form(most)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kbench", default=os.environ.get("KBENCH", "kbench"), help="the client")
    parser.add_argument("--tansu", help="Tansu's binary")
    parser.add_argument("--mock", help="librdkafka's mock cluster as a program")
    parser.add_argument("--data", action="store_true", help="baedal once more, with its logs on disk")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=2_000_000, help="records of 100 B; of 1 KiB a sixth of it")
    parser.add_argument("--samples", type=int, default=5000, help="records of which a latency is taken")
    parser.add_argument("--folder", help="where data and logs are kept meanwhile")
    options = parser.parse_args()
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
    names = [peer.name for peer in contestants]
    print("\n| | " + " | ".join([names[0]] + [f"{each} | ratio" for each in names[1:]]) + " |")
    print("|---" * (2 * len(names)) + "|")
    for row, unit, more in ROWS:
        ours = seen[names[0]][row]
        cells = [spread(ours)]
        for each in names[1:]:
            theirs = seen[each][row]
            cells.append(spread(theirs))
            if ours and theirs:
                ratio = statistics.median(ours) / statistics.median(theirs)
                cells.append(f"{ratio if more else 1 / ratio:.2f}")
            else:
                cells.append("-")
        print(f"| {row}, {unit} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    sys.exit(main())
