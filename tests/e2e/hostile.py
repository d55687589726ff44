# SPDX-License-Identifier: Apache-2.0
"""Hostile peers: a region with a valid key, and strangers without one, flood the exchange while another region sends a bill each 20 ms.
Nothing of the honest one is unanswered, and its receipts take no more than a few times what they take alone. The exchange and the honest
client have one processor, the hostile client (bench/flood.c) has another: its own work is not the exchange's.

hostile.py [--full SECONDS] [--only FLOOD,...]   --full: so long before, during and after each, and the table of docs/PERFORMANCE.md"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

from exchange import BIN, Exchange, check, main
from stranger import read_key

# name, kind of hutong-flood, endpoint, connections, whether its key is a party's
FLOODS = (
    ("bills over 16 connections", "bills", "gate", 16, True),
    ("64 frames of 4 MiB of tiny fields", "tiny", "gate", 16, True),
    ("frames of 2,000,000 empty envelopes", "specks", "gate", 16, True),
    ("4 MiB of duplicates over 16 connections", "duplicates", "gate", 16, True),
    ("refusals that grow no state", "refusals", "gate", 16, True),
    ("garbage frames of 4,096", "garbage", "gate", 16, True),
    ("replies never read", "submit_deaf", "gate", 16, True),
    ("2,500 connections", "connections", "gate", 2500, True),
    ("5,000 connections", "connections", "gate", 5000, True),
    ("bursts of 6,000 HELLOs", "hello", "gate", 6000, False),
    ("2,000 half handshakes", "half", "gate", 2000, False),
    ("fetch from 0 in a loop", "fetch", "mailbox", 1, True),
    ("the same over 100 connections", "fetch", "mailbox", 100, True),
    ("300 that fetch and never read", "fetch_deaf", "mailbox", 300, True),
    ("questions in a loop", "questions", "mailbox", 1, True),
    ("the same over 100 connections", "questions", "mailbox", 100, True),
)
BOUND = 3  # times what it takes alone
ROUNDS_MAX = 3


class Clients:
    def __init__(self, exchange, seconds):
        self.exchange, self.seconds = exchange, seconds
        self.bills = {}
        for region in ("110000", "120000"):
            self.bills[region] = os.path.join(exchange.directory, "bills-" + region)
            with open(self.bills[region], "wb") as file:
                file.write(exchange.gen("--only-bills", "--bills", "20000", "--sender", region))
        keys = os.path.join(exchange.directory, "keys")
        self.server = read_key(os.path.join(keys, "server.key"))[0].decode()
        self.pairs = {region: [each.decode() for each in read_key(os.path.join(keys, "clients", "%s.key_secret" % region))] for region in self.bills}

    def start(self, kind, party, endpoint, connections, seconds, source, processor):
        words = [os.path.join(BIN, "hutong-flood"), kind, getattr(self.exchange, endpoint), self.server, *self.pairs[party],
                 self.bills[party], str(seconds), str(connections), source]
        return subprocess.Popen(words, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {processor}))

    def honest(self):
        return json.loads(self.start("honest", "110000", "gate", 1, self.seconds, "127.0.0.1", PROCESSORS[0]).communicate()[0])


def beside(clients, name, kind, endpoint, connections, known):
    """Before, during, after."""
    before = clients.honest()
    source = "127.0.0.3" if known else "127.0.0.2"
    flood = clients.start(kind, "120000", endpoint, connections, clients.seconds + 2, source, PROCESSORS[-1])
    time.sleep(1)
    during = clients.honest()
    said = json.loads(flood.communicate()[0])
    time.sleep(1)
    after = clients.honest()
    return {"name": name, "before": before, "during": during, "after": after, "flood": said}


def ms(sample):
    return "%.1f" % (sample["p99_us"] / 1000)


def unanswered(sample):
    return sample["asked"] - sample["answered"]


def show(row):
    print("        %-42s p99 %6s %7s %6s ms, p50 beside it %.1f, unanswered %d, BUSY or refused %d; the flood sent %d, answered %d, refused %s"
          % (row["name"], ms(row["before"]), ms(row["during"]), ms(row["after"]), row["during"]["p50_us"] / 1000, unanswered(row["during"]) - row["during"]["not_taken"],
             row["during"]["not_taken"], row["flood"]["sent"], row["flood"]["answers"], row["flood"]["refused"]), flush=True)


def judge(clients, flood, bound):
    """A receipt may never be lacking. What another program of this machine does may cost a round its p99; a flood that tells costs each."""
    for number in range(ROUNDS_MAX):
        row = beside(clients, *flood)
        show(row)
        problem = None
        check(not unanswered(row["during"]) and not unanswered(row["after"]), "%s: %d without a receipt beside it, %d after"
              % (flood[0], unanswered(row["during"]), unanswered(row["after"])))
        if bound and row["during"]["p99_us"] > bound * max(row["before"]["p99_us"], 20000):
            problem = "p99 %s ms, alone %s ms" % (ms(row["during"]), ms(row["before"]))
        if problem is None:
            return row
    check(False, "%s: %s" % (flood[0], problem))


def hostile(exchange, options):
    exchange.load_reference()
    clients = Clients(exchange, options.full or 1.5)
    clients.honest()
    rows = []
    for flood in FLOODS:
        if options.only and flood[0] not in options.only and flood[1] not in options.only:
            continue
        if options.full:
            rows.append(beside(clients, *flood))
            show(rows[-1])
        else:
            rows.append(judge(clients, flood, BOUND * 3))
    if options.full:
        print("| flood | p99 before, ms | during | after | unanswered |\n| --- | ---: | ---: | ---: | ---: |")
        for row in rows:
            print("| %s | %s | %s | %s | %d |" % (row["name"], ms(row["before"]), ms(row["during"]), ms(row["after"]), unanswered(row["during"])))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", type=float, default=0)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    arguments = parser.parse_args()
    PROCESSORS = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {PROCESSORS[0]})  # and whatever is started from here on

    def whole():
        with Exchange("hostile", tick_interval_ms=1000) as exchange:
            exchange.up()
            hostile(exchange, arguments)
    main(whole)
