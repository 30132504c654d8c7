"""The engine's stores and streams beside their peers, in one run on one machine: ratios, never a verdict.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install eventsourcing==9.5.6 bytewax==0.21.1
    sudo apt-get install -y postgresql
    swift build -c release --product baedal-bench
    /tmp/peers/bin/python Tests/Interop/delivery_bench.py [--write]

Every store answers an append once it is on the same disk: PostgreSQL and SQLite with their defaults for durability
(fsync on; synchronous full). Best of three rounds, the contestants in turn. `--write` puts the table into
delivery-bench.md.
"""

import argparse
import functools
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = os.environ.get("BAEDAL_BENCH", str(ROOT / ".build/release/baedal-bench"))
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
EVENTS, CLIENTS, WINDOW_RECORDS = 40_000, 32, 300_000


def baedal_events(folder):
    output = subprocess.run(
        [BENCH, "events", "--writers", str(CLIENTS), "--events", "200000", "--data", folder],
        capture_output=True, text=True, check=True).stdout
    return {what: int(rate) for what, rate in re.findall(r"^(append|replay) (\d+) events/s", output, re.M)}


def baedal_window():
    output = subprocess.run(
        ["taskset", "-c", "0", BENCH, "streams", "--records", str(WINDOW_RECORDS), "--rounds", "1"],
        capture_output=True, text=True, check=True).stdout
    names = {"sum": "running sum", "window": "tumbling minute"}
    return {what: 1000 * int(re.search(rf"{name}.*?(\d+) k records/s", output).group(1))
            for what, name in names.items()}


class PostgreSQL:
    """A server of its own in a folder of its own, on a socket there."""

    def __init__(self, folder):
        self.bin, self.data, self.socket = POSTGRES[0], f"{folder}/pg", folder
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
        os.makedirs(self.data)
        if self.prefix:
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(self.data, "postgres", "postgres")
        self.run("initdb", "-D", self.data, "-U", "bench", "--auth=trust")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", f"{folder}/log",
                 "-o", f"-c listen_addresses='' -c unix_socket_directories={folder} -c port=5499", "start")
        self.sql("CREATE TABLE events (stream bigint, version bigint, body bytea, PRIMARY KEY (stream, version))")
        self.sql("CREATE SEQUENCE numbers")
        self.script = f"{folder}/append.sql"
        pathlib.Path(self.script).write_text(
            "INSERT INTO events VALUES (:client_id, nextval('numbers'), decode(repeat('ab', 64), 'hex'));\n")

    def run(self, program, *arguments):
        return subprocess.run([*self.prefix, str(self.bin / program), *arguments], check=True, capture_output=True,
                              text=True).stdout

    def sql(self, text):
        self.run("psql", "-h", self.socket, "-p", "5499", "-U", "bench", "-d", "postgres", "-c", text)

    def append(self):
        output = self.run("pgbench", "-h", self.socket, "-p", "5499", "-U", "bench", "-n", "-c", str(CLIENTS), "-j", "2",
                          "-T", "8", "-M", "prepared", "-f", self.script, "postgres")
        return int(float(re.search(r"tps = ([\d.]+)", output).group(1)))

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "stop")


@functools.cache
def order_aggregate():
    """The peer's idea of an order. Made once: its library knows a class by its name, and refuses a second one."""
    from eventsourcing.domain import Aggregate, event

    class Order(Aggregate):
        @event("Placed")
        def __init__(self, restaurant, item):
            self.restaurant, self.item, self.steps = restaurant, item, 0

        @event("Moved")
        def move(self, step):
            self.steps += step

    return Order


def eventsourcing(folder):
    """One event a transaction, then every order folded from its events."""
    os.environ["PERSISTENCE_MODULE"] = "eventsourcing.sqlite"
    os.environ["SQLITE_DBNAME"] = f"{folder}/es-{time.monotonic_ns()}.db"
    from eventsourcing.application import Application

    Order = order_aggregate()
    application = Application()
    orders = [Order(3, "bibimbap") for _ in range(16)]
    application.save(*orders)
    count, began = 6000, time.monotonic()
    for number in range(count):
        order = orders[number % len(orders)]
        order.move(1)
        application.save(order)
    append = count / (time.monotonic() - began)
    began = time.monotonic()
    folded = sum(application.repository.get(order.id).steps for order in orders)
    replay = (folded + len(orders)) / (time.monotonic() - began)
    assert folded == count
    return {"append": int(append), "replay": int(replay)}


def bytewax_rates():
    program = pathlib.Path(__file__).with_name("bytewax_bench.py")
    output = subprocess.run(["taskset", "-c", "0", sys.executable, str(program), str(WINDOW_RECORDS)],
                            capture_output=True, text=True, check=True).stdout
    return {what: int(rate) for what, rate in re.findall(r"^(sum|window) (\d+)", output, re.M)}


def best(rounds):
    return {what: max(each[what] for each in rounds) for what in rounds[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="delivery-bench-", dir="/var/tmp")
    # The server's own user has to get through.
    os.chmod(folder, 0o755)
    os.mkdir(f"{folder}/postgres")
    server = PostgreSQL(f"{folder}/postgres")
    try:
        ours, pg, python, stream, wax = [], [], [], [], []
        for _ in range(chosen.rounds):
            ours.append(baedal_events(folder))
            pg.append({"append": server.append()})
            python.append(eventsourcing(folder))
            stream.append(baedal_window())
            wax.append(bytewax_rates())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    ours, pg, python, stream, wax = map(best, (ours, pg, python, stream, wax))
    rows = [
        ("durable append, one event each, 32 writers", ours["append"], "PostgreSQL 15, 32 clients", pg["append"], 2),
        ("durable append", ours["append"], "eventsourcing on SQLite", python["append"], 15),
        ("replay and fold", ours["replay"], "eventsourcing on SQLite", python["replay"], 15),
        ("running sum by key, one core", stream["sum"], "bytewax stateful map", wax["sum"], 1),
        ("tumbling minute, one core", stream["window"], "bytewax tumbling window", wax["window"], 1),
    ]
    lines = ["| what | Baedal, /s | peer | peer, /s | ratio | aim |", "|---|---|---|---|---|---|"]
    lines += [f"| {what} | {mine:,} | {peer} | {theirs:,} | {mine / theirs:.1f}× | ≥ {aim}× |"
              for what, mine, peer, theirs, aim in rows]
    table = "\n".join(lines)
    print(table)
    if chosen.write:
        text = __doc__.split("\n\n")
        page = (f"# The delivery engine beside its peers\n\nBest of {chosen.rounds} rounds, the contestants in turn, on "
                f"{os.cpu_count()} cores of {platform.machine()}, by `delivery_bench.py`; a ratio holds for this machine "
                f"and this moment.\n\n{table}\n\n{text[2]}\n")
        pathlib.Path(__file__).with_name("delivery-bench.md").write_text(page)


if __name__ == "__main__":
    main()
