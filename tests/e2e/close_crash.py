# SPDX-License-Identifier: Apache-2.0
"""A month is cut, disputed, issued and paid while every process is killed with SIGKILL at random. Afterwards: each table was said
once as generated and once as issued, each payment noticed once, every bill stands in one table or is open with its reason, the
ledger computed again from the log is the ledger, and the digests are those of an undisturbed run.

  close_crash.py [--kills N] [--seed N]"""
import argparse
import collections
import random
import threading
import time

from books import books, events, reconcile, submit, take_in
from exchange import SERVICES, check, main

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=25)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()


class Killer(threading.Thread):
    def __init__(self, exchange, seed):
        super().__init__()
        self.exchange, self.chance, self.killed, self.over = exchange, random.Random(seed), collections.Counter(), False

    def run(self):
        while not self.over:
            service = self.chance.choice(SERVICES)
            if self.exchange.kill(service):
                self.killed[service] += 1
            time.sleep(self.chance.uniform(0.05, 0.4))


def ticks(exchange, day, count):
    for number in range(count):
        submit(exchange, day, "-", stdin=events("exchange", "tick", {"number": str(number + 1)}))


def month(exchange, count, disputed, killer):
    """Round after round of the same calendar until enough was killed: the later months are empty, and are closed too."""
    pair = {"month": 202505, "insuredRegion": "110000", "careRegion": "120000"}
    ticks(exchange, 20250621, 4)
    reply = dict(pair, action="CLEARING_ACTION_DISPUTE", numbers=[str(disputed)])
    submit(exchange, 20250622, "-", stdin=events("110000", "clearingReply", reply))
    submit(exchange, 20250623, "-", stdin=events("120000", "clearingReply", dict(pair, action="CLEARING_ACTION_CONFIRM")))
    ticks(exchange, 20250626, 8)
    table = exchange.json("clearing", "show", "2025-05")[0]["tables"][0]
    for party in ("110000", "120000"):
        payment = {"month": 202505, "payer": "110000", "payee": "120000", "amountFen": table["amountFen"], "paidOn": 20250708}
        submit(exchange, 20250708, "-", stdin=events(party, "payment", payment))
    day = 20250709
    while sum(killer.killed.values()) < options.kills:
        ticks(exchange, day, 1)


def said_once(exchange, count):
    for party in ("110000", "120000"):
        said = collections.Counter()
        for record in books(exchange, party):
            if "clearingTable" in record:
                said[record["clearingTable"]["state"], record["clearingTable"]["countPositive"]] += 1
            elif record["kind"] == "BOOKS_KIND_PAYMENT_NOTICE":
                said["notice"] += 1
            elif record["kind"] == "BOOKS_KIND_PAYMENT":
                said[record["payment"]["state"]] += 1
        expected = {("CLEARING_STATE_GENERATED", count): 1, ("CLEARING_STATE_ISSUED", count - 1): 1, "notice": 1, "PAYMENT_STATE_PAID": 1,
                    "PAYMENT_STATE_CONFIRMED": 1}
        check(said == expected, "%s was told %s" % (party, dict(said)))
    rows = [exchange.json("clearing", "rows", "2025-05", *words) for words in ((), ("--open",))]
    numbers = [row["number"] for part in rows for row in part]
    check((len(rows[0]), len(rows[1]), len(set(numbers))) == (count - 1, 1, count), "rows: %s" % rows)


def close_crash(exchange):
    seed = options.seed or random.SystemRandom().randrange(1, 1 << 31)
    killer = Killer(exchange, seed)
    try:
        take_in(exchange)
        count, disputed = reconcile(exchange, exchange.directory)
        killer.start()
        try:
            month(exchange, count, disputed, killer)
        finally:
            killer.over = True
            killer.join()
        exchange.up_again()
        said_once(exchange, count)
        exchange.run("ledger", "verify")
        exchange.replays_equally()
        print("        %s" % ", ".join("%s %d" % each for each in sorted(killer.killed.items())))
    except Exception:
        print("seed %d" % seed)
        raise


main(close_crash, "close", trace_clock=True)
