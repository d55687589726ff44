# SPDX-License-Identifier: Apache-2.0
"""T1: the wall clock jumps while bills flow (tests/fault/clock_shim.c): a second back, again and again, a day back, a year ahead, and
home again. Positions order everything, accepted_at never goes backwards, ticks do not storm, timeouts go by the other clock, and a
metric and the log say what happened. The broken times are replayed to equal digests."""
import os
import threading
import time

from exchange import BIN, SERVICES, Exchange, check, main
from stranger import bill, connect, gate_pb, load_demo

SHIM = os.path.abspath(os.path.join(BIN, "../lib/libclock_shim.so"))
DAY_MS = 24 * 3600 * 1000
# Steps in ms from the true time, and how often the clock jumped to get there. The year comes last but one: after it the log's time
# stands a year ahead, and all acceptances have one time until the clock is home.
STEPS = (-1000, -2000, -3000, -4000, -5000, 0, -DAY_MS, 0, 365 * DAY_MS, 0)
TICK_MS = 200


def metric(exchange, name):
    return exchange.metrics("ingest").get(name, 0)


def bills_flow(exchange, stop, receipts, problems):
    gate, mailbox = connect(exchange, "120000")
    try:
        while not stop.is_set():
            before = time.monotonic()
            receipt = gate.receipt(bill(bill_id="C%d" % len(receipts)))
            check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "not accepted: %s" % receipt)
            mailbox.outcome(receipt.position)
            check(time.monotonic() - before < 2, "%.1f s from a bill to its result" % (time.monotonic() - before))
            receipts.append((receipt.position, receipt.accepted_at_ms))
    except Exception as problem:
        problems.append(repr(problem))


def waits_by_the_other_clock(exchange, path):
    """A question that waits two seconds for news waits two seconds, though the clock jumps in the meantime."""
    _, mailbox = connect(exchange, "130000")
    jump = threading.Timer(0.5, set_clock, (path, DAY_MS))
    jump.start()
    started = time.monotonic()
    page = mailbox.fetch(1 << 40, 2000)
    took = time.monotonic() - started
    check(page is not None and 1.8 < took < 3, "a wait of 2 s took %.1f s" % took)
    set_clock(path, 0)


def set_clock(path, offset_ms):
    with open(path + ".new", "w") as file:
        file.write("%d\n" % offset_ms)
    os.rename(path + ".new", path)


def clock():
    check(os.path.exists(SHIM), "no %s: build it first" % SHIM)
    exchange = Exchange("clock", http=True, tick_interval_ms=TICK_MS, tick_rush_interval_ms=0)  # midnight has ticks of its own
    path = os.path.join(exchange.directory, "clock")
    os.environ["HUTONG_SHIM_CLOCK"] = path
    set_clock(path, 0)
    stop, receipts, problems = threading.Event(), [], []
    try:
        exchange.up(SHIM)
        load_demo(exchange)
        pids = {service: exchange.pid(service) for service in SERVICES}
        waits_by_the_other_clock(exchange, path)
        time.sleep(1.2)
        before, started, first = metric(exchange, "hutong_clock_steps_total"), time.time(), exchange.position()
        flow = threading.Thread(target=bills_flow, args=(exchange, stop, receipts, problems))
        flow.start()
        for number, offset in enumerate(STEPS):
            set_clock(path, offset)
            time.sleep(1.2)
            if offset == -DAY_MS:
                check(metric(exchange, "hutong_clock_behind_seconds") > 3600, "%d ms: the metric does not say that the log is ahead" % offset)
        stop.set()
        flow.join(30)
        took, steps = time.time() - started, metric(exchange, "hutong_clock_steps_total") - before
        check(not problems, "bills do not flow: %s" % problems[:3])
        check(len(receipts) > 100, "only %d bills" % len(receipts))
        for (position, at), (later, later_at) in zip(receipts, receipts[1:]):
            check(position < later and at <= later_at, "accepted_at goes backwards: %d at %d, then %d at %d" % (position, at, later, later_at))
        check(receipts[-1][1] - receipts[0][1] > 364 * DAY_MS, "the clock never jumped: is the shim loaded?")
        ticks = exchange.position() - first - len(receipts)
        check(ticks <= took * 1000 / TICK_MS + 3 * len(STEPS), "%d ticks in %.0f s" % (ticks, took))
        check(steps == len(STEPS), "%d steps are counted, of %d" % (steps, len(STEPS)))
        check(metric(exchange, "hutong_clock_behind_seconds") > 300 * 86400, "nobody says that the log is a year ahead")
        with open(os.path.join(exchange.directory, "data/log/ingest-0.log"), errors="replace") as file:
            check("clock_stepped" in file.read(), "the log does not name the steps")
        for service in SERVICES:
            check(exchange.pid(service) == pids[service], "%s was started again" % service)
        sums = [value for name, value in exchange.metrics("settlement").items() if name.startswith("hutong_stage_seconds_sum")]
        check(sums and max(sums) < 2e9, "a stage took %s s" % sums)
        exchange.quieten()
        exchange.replays_equally()
        print("        %d bills over %d jumps, %d ticks in %.0f s; equal digests" % (len(receipts), len(STEPS), ticks, took))
    finally:
        stop.set()
        exchange.close()


main(clock)
