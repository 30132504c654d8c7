#!/usr/bin/env python3
"""Minutes of `kill -9` under load: python3 soak.py --seconds 300

Three `baedal serve` processes, each with its own data folder, lose one of their number again and again: killed, stopped
for a while and let go on, or ended by SIGTERM. Meanwhile idempotent producers, transactional producers that commit,
abort and abandon, a relay that reads and writes in one transaction, and read_committed readers work on. What each of
them did and saw is kept in a file; `check_history.py` judges it. Exit status 0 when every rule holds.
"""

import argparse
import json
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import check_history
from cluster import BAEDAL, Process, eventually, free_ports

PARTITIONS = 4
SOURCE, TARGET = "orders", "copies"


class Nodes:
    """The broker processes."""

    def __init__(self, count, folder, arguments):
        self.folder, self.arguments = folder, arguments
        first = free_ports(2 * count)
        self.ports = {each: first + each - 1 for each in range(1, count + 1)}  # for clients
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in self.ports.values())
        self.cluster = ",".join(f"{each}@127.0.0.1:{port + count}" for each, port in self.ports.items())
        self.running = {}

    def start(self, each):
        data = self.folder / f"n{each}"
        data.mkdir(exist_ok=True)
        self.running[each] = Process(
            [BAEDAL, "serve", "--id", str(each), "--cluster", self.cluster, "--port", str(self.ports[each]),
             "--data", str(data), *self.arguments],
            self.folder / f"n{each}.log")

    def ready(self, each):
        self.running[each].line("ready:", within=60)

    def stop(self):
        for process in self.running.values():
            if process.alive():
                process.process.send_signal(signal.SIGCONT)
                process.stop()


class Together:
    """All nodes in one process, with no faults: tries the soak itself."""

    def __init__(self, count, folder, arguments):
        first = free_ports(count)
        self.process = Process([BAEDAL, "serve", "--nodes", str(count), "--port", str(first), *arguments],
                               folder / "serve.log")
        self.bootstrap = self.process.line("ready:")

    def stop(self):
        self.process.stop()


class Soak:
    def __init__(self, bootstrap, path, seed, rate, debug=""):
        self.bootstrap, self.rate, self.seed, self.debug = bootstrap, rate, seed, debug
        self.file = open(path, "w")
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.quiet = threading.Event()  # set when nobody produces to the source any more
        self.readers_may_go = threading.Event()
        self.wanted = {}  # (topic, partition) -> the last offset of the final pass
        self.troubles = []

    def note(self, **event):
        line = json.dumps({"t": round(time.monotonic() - self.began, 3), **event}, ensure_ascii=False)
        with self.lock:
            self.file.write(line + "\n")

    def trouble(self, text):
        print(f"trouble: {text}", flush=True)
        self.troubles.append(text)

    # What all clients share

    def producer(self, **more):
        return Producer({
            "bootstrap.servers": self.bootstrap, "log_level": 2, "linger.ms": 5, "enable.idempotence": True,
            "message.timeout.ms": 120_000, "reconnect.backoff.max.ms": 1000, **more})

    def consumer(self, group, **more):
        return Consumer({
            "bootstrap.servers": self.bootstrap, "log_level": 2, "group.id": group, "enable.auto.commit": False,
            "isolation.level": "read_committed", "enable.partition.eof": True, "auto.offset.reset": "error",
            "reconnect.backoff.max.ms": 1000, "session.timeout.ms": 10_000, **more})

    def send(self, producer, name, record, at, padding, txn=None):
        self.note(do="send", producer=name, record=record, at=at, txn=txn)

        def delivered(error, message):
            if error is None:
                self.note(do="ack", record=record, offset=message.offset())
            else:
                self.note(do="fail", record=record, error=error.name())
        value = f"{record}|".encode() + padding
        while True:
            try:
                producer.produce(at[0], partition=at[1], key=name, value=value, on_delivery=delivered)
                return
            except BufferError:
                producer.poll(0.1)

    def patiently(self, call, *arguments):
        """Repeats what librdkafka says may be repeated, two minutes at most."""
        deadline = time.monotonic() + 120
        while True:
            try:
                return call(*arguments, 10)
            except KafkaException as error:
                again = error.args[0].retriable() or error.args[0].code() in (
                    KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT)
                if not again or time.monotonic() > deadline:
                    raise

    # The clients, a thread each

    def idempotent(self, name):
        dice, number, incarnation = random.Random(f"{self.seed}{name}"), 0, 0
        while not self.over.is_set():
            incarnation += 1
            me, producer = f"{name}.{incarnation}", self.producer()
            try:
                while not self.over.is_set():
                    record, number = f"{name}/{number}", number + 1
                    self.send(producer, me, record, [SOURCE, dice.randrange(PARTITIONS)], dice.randbytes(100).hex().encode())
                    producer.poll(0)
                    self.over.wait(dice.expovariate(self.rate))
            except KafkaException as error:
                self.trouble(f"{me}: {error}")
            producer.flush(150)

    def transactional(self, name):
        dice, number, producer, left = random.Random(f"{self.seed}{name}"), 0, None, None
        while left or not self.over.is_set():
            asked = None
            try:
                if producer is None:
                    producer = self.producer(**{"transactional.id": name, "transaction.timeout.ms": 60_000,
                                                "message.timeout.ms": 60_000})
                    self.patiently(producer.init_transactions)
                    if left:
                        self.note(do=left[1], txn=left[0])
                        left = None
                        continue
                txn, number = f"{name}/{number}", number + 1
                producer.begin_transaction()
                places = [dice.randrange(PARTITIONS) for _ in range(dice.randrange(1, 12))]

                def send(indices):
                    for index in indices:
                        self.send(producer, name, f"{txn}/{index}", [SOURCE, places[index % len(places)]],
                                  dice.randbytes(50).hex().encode(), txn)
                        producer.poll(0)
                send(range(len(places)))
                luck = dice.random()
                if luck < 0.05:
                    # Left with records under way, but none to a partition that is new to the transaction: librdkafka
                    # aborts its process when it is ended while it asks for one to be added (see README.md).
                    producer.flush(60)
                    send(range(len(places), 2 * len(places)))
                    left, producer = (txn, "abort"), None
                    continue
                asked = "abort" if luck < 0.3 else "commit"
                if asked == "commit":
                    self.patiently(producer.commit_transaction)
                else:
                    producer.flush(60)
                    self.patiently(producer.abort_transaction)
                self.note(do=asked, txn=txn)
                self.over.wait(dice.expovariate(self.rate / 10))
            except KafkaException as error:
                if producer is None or left:
                    producer = None
                    self.trouble(f"{name} init: {error}")
                elif error.args[0].txn_requires_abort():
                    try:
                        self.patiently(producer.abort_transaction)
                        self.note(do="abort", txn=txn)
                    except KafkaException as again:
                        self.trouble(f"{name}: {error}, then {again}")
                        producer, left = None, (txn, "abort")
                else:
                    self.trouble(f"{name}: {error}")
                    producer, left = None, (txn, "unknown" if asked == "commit" else "abort")

    def relay(self, name):
        number = 0
        while not self._relayed(name, number):
            number += 1000

    def _relayed(self, name, number):
        """Relays until everything is relayed (true) or the producer has to be made anew (false)."""
        consumer = self.consumer("relay", **{"auto.offset.reset": "earliest"})
        consumer.subscribe([SOURCE])
        producer = self.producer(**{"transactional.id": name, "transaction.timeout.ms": 60_000,
                                    "message.timeout.ms": 60_000} | ({"debug": self.debug} if self.debug else {}))
        ended = set()
        try:
            self.patiently(producer.init_transactions)
            while True:
                got = []
                for message in consumer.consume(100, 0.3):
                    if message.error() is None:
                        got.append(message)
                        ended.discard(message.partition())
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        ended.add(message.partition())
                if not got:
                    if self.quiet.is_set() and len(ended) == PARTITIONS:
                        return True
                    continue
                txn, number = f"{name}/{number}", number + 1
                producer.begin_transaction()
                for message in got:
                    record, padding = message.value().split(b"|", 1)
                    self.send(producer, name, record.decode() + ">", [TARGET, message.partition()], padding, txn)
                    producer.poll(0)
                self.patiently(producer.send_offsets_to_transaction, consumer.position(consumer.assignment()),
                               consumer.consumer_group_metadata())
                self.patiently(producer.commit_transaction)
                self.note(do="commit", txn=txn)
        except KafkaException as error:
            print(f"relay begins again: {error}", flush=True)
            return False
        finally:
            consumer.close()

    def reader(self, name):
        consumer = self.consumer(name)
        places = [(topic, each) for topic in (SOURCE, TARGET) for each in range(PARTITIONS)]
        consumer.assign([TopicPartition(*place, 0) for place in places])
        reached = dict.fromkeys(places, -1)
        while not (self.readers_may_go.is_set() and all(reached[each] >= self.wanted.get(each, -1) for each in places)):
            if self.readers_may_go.is_set() and time.monotonic() > self.readers_deadline:
                self.trouble(f"{name} stands at {reached}, the end is {self.wanted}")
                break
            for message in consumer.consume(200, 0.3):
                if message.error() is None:
                    place = message.topic(), message.partition()
                    reached[place] = message.offset()
                    self.note(do="read", reader=name, at=place, offset=message.offset(), record=record_of(message))
                elif message.error().code() in (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET):
                    self.trouble(f"{name}: {message.topic()}/{message.partition()}: {message.error()}")
        consumer.close()

    def last_pass(self):
        consumer = self.consumer("final")
        places = [(topic, each) for topic in (SOURCE, TARGET) for each in range(PARTITIONS)]
        consumer.assign([TopicPartition(*place, 0) for place in places])
        ended, deadline = set(), time.monotonic() + 120
        while len(ended) < len(places):
            if time.monotonic() > deadline:
                self.trouble(f"the last pass reached the end of {sorted(ended)} only")
                break
            for message in consumer.consume(500, 0.3):
                place = message.topic(), message.partition()
                if message.error() is None:
                    ended.discard(place)
                    self.wanted[place] = message.offset()
                    self.note(do="final", at=place, offset=message.offset(), record=record_of(message))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(place)
        consumer.close()
        self.readers_deadline = time.monotonic() + 60
        self.readers_may_go.set()


def record_of(message):
    return message.value().split(b"|", 1)[0].decode()


def torment(nodes, seconds, dice, soak):
    """Takes one node away and gives it back, until the time is over."""
    deadline = time.monotonic() + seconds
    began = time.monotonic()
    counts = dict.fromkeys(("killed", "paused", "ended"), 0)
    while time.monotonic() < deadline:
        time.sleep(dice.uniform(1, 4))
        for each, process in nodes.running.items():
            if not process.alive():
                soak.trouble(f"n{each} ended by itself with {process.process.returncode}\n{process.tail()}")
                nodes.start(each)
                nodes.ready(each)
        victim, kind = dice.choice(sorted(nodes.running)), dice.choices(("killed", "paused", "ended"), (7, 2, 1))[0]
        away = dice.uniform(0.2, 6)
        counts[kind] += 1
        print(f"{time.monotonic() - began:6.1f} s  n{victim} {kind} for {away:.1f} s", flush=True)
        process = nodes.running[victim]
        if kind == "paused":
            process.process.send_signal(signal.SIGSTOP)
            time.sleep(away)
            process.process.send_signal(signal.SIGCONT)
        else:
            process.stop(signal.SIGKILL if kind == "killed" else signal.SIGTERM)
            time.sleep(away)
            nodes.start(victim)
            nodes.ready(victim)
    print(", ".join(f"{number} {kind}" for kind, number in counts.items()), flush=True)


def create_topics(bootstrap, replicas):
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 2})
    config = {"min.insync.replicas": str(min(2, replicas))}

    def created():
        futures = admin.create_topics([
            NewTopic(each, num_partitions=PARTITIONS, replication_factor=replicas, config=config)
            for each in (SOURCE, TARGET)])
        for future in futures.values():
            try:
                future.result(30)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    print(f"not yet: {error}")
                    return False
        return True
    eventually(created, within=60, every=1)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--nodes", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options.add_argument("--rate", type=float, default=100, help="records a second of each producer, about")
    options.add_argument("--folder", type=pathlib.Path, help="where data, logs and the history are kept")
    options.add_argument("--debug", default="", help="librdkafka's debug contexts of the relay, on standard error")
    options.add_argument("--no-faults", action="store_true", help="all nodes in one process, nothing happens to them")
    options.add_argument("serve", nargs="*", help="after --: more arguments for `baedal serve`")
    options = options.parse_args()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="baedal-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}, {folder}", flush=True)

    nodes = (Together if options.no_faults else Nodes)(options.nodes, folder, options.serve)
    try:
        if not options.no_faults:
            for each in nodes.ports:
                nodes.start(each)
            for each in nodes.ports:
                nodes.ready(each)
        create_topics(nodes.bootstrap, min(3, options.nodes))
        soak = Soak(nodes.bootstrap, folder / "history.jsonl", options.seed, options.rate, options.debug)
        work(soak, nodes, options)
    finally:
        nodes.stop()
    verdict = check_history.main(folder / "history.jsonl")
    print(f"{len(soak.troubles)} troubles; the history is {folder}/history.jsonl")
    return verdict or (1 if soak.troubles else 0)


def work(soak, nodes, options):
    def threads(*works):
        made = [threading.Thread(target=work, args=(name,), name=name, daemon=True) for work, name in works]
        for thread in made:
            thread.start()
        return made

    def join(made, within):
        deadline = time.monotonic() + within
        for thread in made:
            thread.join(max(0.1, deadline - time.monotonic()))
            if thread.is_alive():
                soak.trouble(f"{thread.name} does not come to an end")
    soak.note(do="relay", source=SOURCE, target=TARGET)
    readers = threads((soak.reader, "r1"), (soak.reader, "r2"))
    relays = threads((soak.relay, "relay"))
    producers = threads(*[(soak.idempotent, f"p{each}") for each in (1, 2)],
                        *[(soak.transactional, f"x{each}") for each in (1, 2)])
    if options.no_faults:
        time.sleep(options.seconds)
    else:
        torment(nodes, options.seconds, random.Random(options.seed), soak)
    soak.over.set()
    join(producers, 180)
    soak.quiet.set()
    join(relays, 120)
    soak.last_pass()
    join(readers, 90)
    soak.file.close()


if __name__ == "__main__":
    sys.exit(main())
