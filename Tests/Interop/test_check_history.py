"""The judge itself: silent on a good history, and never on a spoilt one."""

import copy

import pytest

from check_history import breaches

PLACE = ["orders", 0]


def send(record, producer="p", txn=None, at=PLACE):
    return {"do": "send", "producer": producer, "record": record, "at": at, "txn": txn}


def ack(record, offset):
    return {"do": "ack", "record": record, "offset": offset}


def read(record, offset, reader="r", at=PLACE):
    return {"do": "read", "reader": reader, "at": at, "offset": offset, "record": record}


def final(record, offset, at=PLACE):
    return {"do": "final", "at": at, "offset": offset, "record": record}


# Two plain records, a committed transaction, an aborted one, one whose end nobody knows, a record given up on, a relay.
GOOD = [
    send("a"), send("b"), ack("a", 0), ack("b", 1),
    send("c", "t", "t1"), send("d", "t", "t1"), ack("c", 2), ack("d", 3), {"do": "commit", "txn": "t1"},
    send("e", "t", "t2"), ack("e", 5), {"do": "abort", "txn": "t2"},
    send("f", "t", "t3"), ack("f", 7), {"do": "unknown", "txn": "t3"},
    send("g"), {"do": "fail", "record": "g", "error": "timed out"},
    read("a", 0), read("b", 1), read("c", 2), read("d", 3), read("b", 1, "late"), read("c", 2, "late"),
    {"do": "relay", "source": "orders", "target": "copies"},
    *[send(f"{each}>", "relay", "t9", ["copies", 0]) for each in "abcdf"],
    {"do": "commit", "txn": "t9"},
    final("a", 0), final("b", 1), final("c", 2), final("d", 3), final("f", 7),
    *[final(f"{each}>", offset, ["copies", 0]) for offset, each in enumerate("abcdf")],
]


def without(*gone):
    return [event for event in copy.deepcopy(GOOD) if event not in gone]


def plus(*more):
    return copy.deepcopy(GOOD) + list(more)


def instead(old, new):
    assert old in GOOD
    return [new if event == old else event for event in copy.deepcopy(GOOD)]


def test_a_good_history_breaks_no_rule():
    assert breaches(GOOD) == []


def test_a_transaction_nobody_knows_the_end_of_may_be_gone_too():
    gone = [final("f", 7), final("f>", 4, ["copies", 0]), send("f>", "relay", "t9", ["copies", 0])]
    assert breaches(without(*gone)) == []


def test_a_record_given_up_on_may_be_there():
    late = [send("g>", "relay", "t9", ["copies", 0]), final("g", 9), final("g>", 5, ["copies", 0])]
    assert breaches(plus(*late)) == []


def test_a_record_may_be_sent_again_after_an_abort():
    again = [send("e", "t", "t5"), ack("e", 9), {"do": "commit", "txn": "t5"}, final("e", 9),
             send("e>", "relay", "t9", ["copies", 0]), final("e>", 9, ["copies", 0])]
    assert breaches(plus(*again)) == []


SPOILT = {
    "a confirmed record is gone": (without(final("b", 1)), "lost: b"),
    "a committed record is gone": (without(final("c", 2), final("d", 3)), "lost: c"),
    "a record stands twice": (plus(final("a", 9)), "twice: a"),
    "two records change places": (
        [event for event in instead(final("a", 0), final("b", 0)) if event != final("b", 1)] + [final("a", 1)],
        "order: p sent a before b"),
    "an aborted record is read": (plus(read("e", 5)), "aborted: r read e"),
    "an aborted record is there at the end": (plus(final("e", 5)), "aborted: final read e"),
    "half a transaction is there": (without(final("d", 3)), "torn: of t1 c is there and d is not"),
    "half an undecided transaction is there": (
        plus(send("h", "t", "t4"), send("i", "t", "t4"), ack("h", 10), ack("i", 11), final("h", 10)),
        "torn: of t4 h is there and i is not"),
    "a record comes from nowhere": (plus(final("z", 9)), "never sent: final read z"),
    "a record is in another partition": (instead(final("f", 7), final("f", 7, ["orders", 1])), "elsewhere: f"),
    "two readers disagree": (instead(read("c", 2, "late"), read("d", 2, "late")), "moved: at"),
    "a record is not where it was confirmed": (instead(final("b", 1), final("b", 8)), "moved: b was confirmed"),
    "a reader jumps over a record": (without(read("b", 1)), "skipped: r passed b"),
    "a reader goes back": (plus(read("a", 0)), "backwards: r read a"),
    "what was read vanishes": (plus(send("v"), read("v", 20)), "vanished: r read v"),
    "a relay loses a record": (without(final("d>", 3, ["copies", 0])), "relay: copies/0"),
    "a relay doubles a record": (
        plus(send("d>>", "relay", "t9", ["copies", 0]), final("d>>", 9, ["copies", 0])), "relay: copies/0"),
    "a relay writes where nothing was": (
        plus(send("x>", "relay", "t9", ["copies", 1]), final("x>", 0, ["copies", 1])), "relay: ('copies', 1)"),
}


@pytest.mark.parametrize("spoilt, expected", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_history_is_found_out(spoilt, expected):
    assert any(breach.startswith(expected) for breach in breaches(spoilt)), breaches(spoilt)
