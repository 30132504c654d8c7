#!/usr/bin/env python3
"""Judges a soak's history: python3 check_history.py history.jsonl

A history is a file of JSON objects, one a line, in the order in which the clients came to know of things:

  send     producer, record, at=[topic, partition], txn or null    before the record is handed to the client
  ack      record, offset                                          the broker has confirmed it
  fail     record, error                                           given up on: it may be there or not
  commit   txn      abort   txn                                    the broker has confirmed the end
  unknown  txn                                                     the end was asked for, and no answer came
  read     reader, at, offset, record                              a read_committed consumer got it
  final    at, offset, record                                      the same, of one last pass over every partition
  relay    source, target                                          target must hold source's records, once, in order

Exit status: 0 when every rule holds, 1 otherwise, each breach with its evidence on a line.
"""

import collections
import json
import sys

UNDECIDED, COMMITTED, ABORTED = "undecided", "committed", "aborted"


def breaches(events):
    """Every rule that a history breaks, as lines of text; none for a good one."""
    history = History(events)
    return [breach for rule in (
        lost, doubled, out_of_order, aborted_seen, torn, never_sent, moved, skipped, unfaithful_relays)
        for breach in rule(history)]


class History:
    """The events, by what the rules ask of them."""

    def __init__(self, events):
        self.sent = {}  # record -> (producer, place, txn), in the order of sending
        self.acked = {}  # record -> offset
        self.fate = {}  # txn -> what became of it
        self.reads = collections.defaultdict(list)  # (reader, place) -> [(offset, record)]
        self.final = collections.defaultdict(list)  # place -> [(offset, record)]
        self.relays = []
        for event in events:
            getattr(self, "_" + event["do"])(event)

    def _send(self, event):
        # A relay sends a record again when the transaction before came to nothing: the last time counts.
        self.sent.pop(event["record"], None)
        self.acked.pop(event["record"], None)
        self.sent[event["record"]] = (event["producer"], tuple(event["at"]), event["txn"])
        if event["txn"] is not None:
            self.fate.setdefault(event["txn"], UNDECIDED)

    def _ack(self, event):
        self.acked[event["record"]] = event["offset"]

    def _fail(self, event):
        pass

    def _commit(self, event):
        self.fate[event["txn"]] = COMMITTED

    def _abort(self, event):
        self.fate[event["txn"]] = ABORTED

    def _unknown(self, event):
        self.fate[event["txn"]] = UNDECIDED

    def _read(self, event):
        self.reads[event["reader"], tuple(event["at"])].append((event["offset"], event["record"]))

    def _final(self, event):
        self.final[tuple(event["at"])].append((event["offset"], event["record"]))

    def _relay(self, event):
        self.relays.append((event["source"], event["target"]))

    def everything_read(self):
        for (reader, place), reads in self.reads.items():
            for offset, record in reads:
                yield reader, place, offset, record
        for place, reads in self.final.items():
            for offset, record in reads:
                yield "final", place, offset, record


def lost(history):
    present = {record for reads in history.final.values() for _, record in reads}
    for record, offset in history.acked.items():
        _, place, txn = history.sent[record]
        if record not in present and (txn is None or history.fate[txn] == COMMITTED):
            yield f"lost: {record} was confirmed at {place} offset {offset}" + (f" and {txn} committed" if txn else "")


def doubled(history):
    for record, where in places(history).items():
        if len(where) > 1:
            yield f"twice: {record} stands at {where}"


def places(history):
    found = collections.defaultdict(list)
    for place, reads in history.final.items():
        for offset, record in reads:
            found[record].append((place, offset))
    return found


def out_of_order(history):
    turn = {record: index for index, record in enumerate(history.sent)}
    for place, reads in history.final.items():
        latest = {}
        for offset, record in sorted(reads):
            if record not in turn:
                continue
            producer = history.sent[record][0]
            if producer in latest and turn[latest[producer]] > turn[record]:
                yield f"order: {producer} sent {record} before {latest[producer]}, {place} holds it after, at {offset}"
            latest[producer] = record


def aborted_seen(history):
    for reader, place, offset, record in history.everything_read():
        txn = history.sent.get(record, (None, None, None))[2]
        if txn is not None and history.fate[txn] == ABORTED:
            yield f"aborted: {reader} read {record} of {txn} at {place} offset {offset}"


def torn(history):
    """A transaction is there whole or not at all, whatever its end."""
    present = {record for reads in history.final.values() for _, record in reads}
    members = collections.defaultdict(list)
    for record, (_, _, txn) in history.sent.items():
        if txn is not None and record in history.acked:
            members[txn].append(record)
    for txn, records in members.items():
        there = [record for record in records if record in present]
        if there and len(there) < len(records):
            missing = sorted(set(records) - set(there))
            yield f"torn: of {txn} {there[0]} is there and {missing[0]} is not ({len(there)} of {len(records)})"


def never_sent(history):
    for reader, place, offset, record in history.everything_read():
        if record not in history.sent:
            yield f"never sent: {reader} read {record} at {place} offset {offset}"
        elif history.sent[record][1] != place:
            yield f"elsewhere: {record} was sent to {history.sent[record][1]}, {reader} read it at {place}"


def moved(history):
    """An offset holds one record for every reader, and the one that was confirmed there."""
    holds = {}
    for reader, place, offset, record in history.everything_read():
        first_reader, first = holds.setdefault((place, offset), (reader, record))
        if first != record:
            yield f"moved: at {place} offset {offset} {first_reader} read {first} and {reader} read {record}"
        if history.acked.get(record, offset) != offset:
            yield f"moved: {record} was confirmed at offset {history.acked[record]}, {reader} read it at {offset}"


def skipped(history):
    """A reader that has passed an offset has read what stands before it, each record once and in order."""
    final = {place: sorted(reads) for place, reads in history.final.items()}
    for (reader, place), reads in history.reads.items():
        for (before, _), (after, record) in zip(reads, reads[1:]):
            if after <= before:
                yield f"backwards: {reader} read {record} at {place} offset {after} after offset {before}"
        if not reads:
            continue
        seen = {offset for offset, _ in reads}
        first, last = min(seen), max(seen)
        standing = {offset for offset, _ in final.get(place, [])}
        for offset, record in final.get(place, []):
            if first <= offset <= last and offset not in seen:
                yield f"skipped: {reader} passed {record} at {place} offset {offset}"
        for offset, record in reads:
            if offset not in standing:
                yield f"vanished: {reader} read {record} at {place} offset {offset}, and it is there no more"


def unfaithful_relays(history):
    for source, target in history.relays:
        for (topic, partition), reads in sorted(history.final.items()):
            if topic != source:
                continue
            wanted = [f"{record}>" for _, record in sorted(reads)]
            got = [record for _, record in sorted(history.final.get((target, partition), []))]
            if wanted != got:
                place = next((index for index, pair in enumerate(zip(wanted, got)) if pair[0] != pair[1]),
                             min(len(wanted), len(got)))
                yield (f"relay: {target}/{partition} is not {source}/{partition}: {len(got)} records for {len(wanted)}, "
                       f"the first to differ is number {place}: {got[place:place + 1]} for {wanted[place:place + 1]}")
        extra = {place for place in history.final if place[0] == target} - {
            (target, place[1]) for place in history.final if place[0] == source}
        for place in sorted(extra):
            yield f"relay: {place} holds records, {source} has none there"


def load(path):
    with open(path) as lines:
        for line in lines:
            yield json.loads(line)


def summary(history):
    fates = collections.Counter(history.fate.values())
    return (f"{len(history.sent)} records sent, {len(history.acked)} confirmed, "
            f"{sum(map(len, history.final.values()))} there at the end; transactions: {fates[COMMITTED]} committed, "
            f"{fates[ABORTED]} aborted, {fates[UNDECIDED]} undecided; "
            f"{sum(map(len, history.reads.values()))} reads by {len({reader for reader, _ in history.reads})} readers")


def main(path):
    events = list(load(path))
    found = breaches(events)
    print(summary(History(events)))
    for breach in found[:100]:
        print(breach)
    if len(found) > 100:
        print(f"and {len(found) - 100} more")
    print(f"{len(found)} breaches" if found else "every rule holds")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
