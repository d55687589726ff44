# SPDX-License-Identifier: Apache-2.0
"""Bills come in while every process is killed with SIGKILL at random. Afterwards: every receipt has exactly one outcome, no
outcome is without a submission, the digests equal those of an undisturbed run of the same log, the ledger sums to zero.

  crash.py [--kills N] [--bills N] [--seed N] [--partitions N]"""
import argparse
import random
import threading
import time

from exchange import REGIONS, SERVICES, Exchange, check, main, records

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=30)
parser.add_argument("--bills", type=int, default=6000)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--partitions", type=int, default=1)
options = parser.parse_args()


class Sender(threading.Thread):
    """One region's system: it keeps sending the same bytes until each has a receipt. It sends at a pace at which the kills
    happen in the middle of the work."""

    def __init__(self, exchange, region, bills, stop):
        super().__init__()
        self.exchange, self.region, self.bills, self.stop = exchange, region, bills, stop
        self.receipts, self.problem = {}, None

    def run(self):
        import json
        try:
            size = max(1, len(self.bills) // (options.kills * 8))
            for first in range(0, len(self.bills), size):
                chunk = b"".join(self.bills[first:first + size])
                done = self.exchange.run("--json", "--as", self.region, "submit", "--binary", "--timeout", "120", "-", stdin=chunk,
                                         timeout=150)
                for line in done.stdout.splitlines():
                    receipt = json.loads(line)
                    if "summary" in receipt:
                        continue
                    check(receipt["receipt"] == "accepted", "a bill was not accepted: %s" % receipt)
                    self.receipts[receipt["messageId"]] = receipt["position"]
                self.stop.wait(0.002)
        except Exception as problem:  # shown by the main thread
            self.problem = problem


def kill_at_random(exchange, chance, senders):
    kills = {service: 0 for service in SERVICES}
    while sum(kills.values()) < options.kills and any(each.is_alive() for each in senders):
        time.sleep(chance.uniform(0.03, 0.25))
        service = chance.choice(SERVICES)
        partition = chance.randrange(options.partitions) if service in ("validation", "settlement") else 0
        kills[service] += exchange.kill(service, partition)
    return kills


def crash():
    seed = options.seed or random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    print("seed %d: %d bills, %d kills, %d partitions" % (seed, options.bills, options.kills, options.partitions), flush=True)
    exchange = Exchange("crash", partitions=options.partitions)
    keep = True
    try:
        exchange.up()
        exchange.load_reference()
        stop = threading.Event()
        senders = [Sender(exchange, region,
                          records(exchange.gen("--only-bills", "--bills", str(options.bills), "--sender", region)), stop)
                   for region in REGIONS]
        for sender in senders:
            sender.start()
        kills = kill_at_random(exchange, chance, senders)
        for sender in senders:
            sender.join(600)
        for sender in senders:
            check(sender.problem is None, "sender %s: %s" % (sender.region, sender.problem))
        receipts = {id: position for sender in senders for id, position in sender.receipts.items()}
        print("kills %s; %d receipts" % (kills, len(receipts)), flush=True)
        check(sum(kills.values()) >= options.kills, "only %d kills: send more bills" % sum(kills.values()))
        check(len(receipts) == options.bills, "%d receipts for %d bills" % (len(receipts), options.bills))
        check(len(set(receipts.values())) == options.bills, "two receipts name one position")
        exchange.up_again()
        exchange.quieten()
        end = exchange.position()
        outcomes = {}
        for region in REGIONS:
            for outcome in exchange.json("mailbox", "--party", region, "--from", "0", timeout=300):
                position = int(outcome.get("position", 0))
                if outcome["event"] != "bill_settle":
                    continue
                check(outcomes.setdefault(outcome["messageId"], position) == position, "two outcomes of one message")
                check(sum(int(each["amountFen"]) for each in outcome.get("postings", [])) == 0, "an entry does not sum to zero")
        check(outcomes == receipts, "receipts and outcomes differ: %d and %d" % (len(receipts), len(outcomes)))
        exchange.replays_equally()
        ledger = exchange.json("ledger", "balances")[0]
        check(ledger["sumFen"] == 0 and ledger["accounts"] > 10, "the ledger sums to %s" % ledger["sumFen"])
        print("%d positions: digests equal the undisturbed run's; ledger of %d accounts sums to zero" % (end, ledger["accounts"]))
        keep = False
    finally:
        exchange.close(keep)
        if keep:
            print("kept for a look: %s" % exchange.directory)


main(crash)
