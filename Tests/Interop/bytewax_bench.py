"""Records a second through bytewax: a running sum by key, and a count in tumbling minutes. Prints `sum N` and `window N`."""

import random
import sys
import time
from datetime import datetime, timedelta, timezone

import bytewax.operators as op
import bytewax.operators.windowing as win
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, TumblingWindower
from bytewax.testing import TestingSink, TestingSource, run_main

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
DICE = random.Random(1)
RECORDS = [(f"rider-{DICE.randrange(1000)}", (number & 1023, START + timedelta(milliseconds=max(0, number - DICE.randrange(2000)))))
           for number in range(COUNT)]


def rate(build):
    out = []
    flow = Dataflow("bench")
    build(op.input("in", flow, TestingSource(RECORDS, batch_size=1000)), out)
    began = time.monotonic()
    run_main(flow)
    return int(COUNT / (time.monotonic() - began))


def running_sum(stream, out):
    def add(state, value):
        state = (state or 0) + value[0]
        return state, state
    op.output("out", op.stateful_map("sum", stream, add), TestingSink(out))


def window(stream, out):
    clock = EventClock(lambda value: value[1], wait_for_system_duration=timedelta(seconds=10))
    windower = TumblingWindower(length=timedelta(minutes=1), align_to=START)
    counted = win.fold_window("count", stream, clock, windower, lambda: 0, lambda n, _: n + 1, lambda a, b: a + b)
    op.output("out", counted.down, TestingSink(out))


print("sum", rate(running_sum))
print("window", rate(window))
