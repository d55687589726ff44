# SPDX-License-Identifier: Apache-2.0
"""Bills and whole conversations of transfers come in while every process is killed with SIGKILL at random. Afterwards: every
receipt has exactly one outcome, no outcome is without a submission, every transfer has ended, the digests equal those of an
undisturbed run of the same log, the ledger sums to zero.

  crash.py [--kills N] [--bills N] [--transfers N] [--seed N] [--partitions N]"""
import argparse
import random
import threading
import time

from exchange import PARTITIONED, REGIONS, SERVICES, Exchange, check, main, records

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=30)
parser.add_argument("--bills", type=int, default=6000)
parser.add_argument("--transfers", type=int, default=240)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--partitions", type=int, default=1)
options = parser.parse_args()


ROUNDS = 14  # of a conversation: enrolments, then the letters
# A letter is not dated before the application, which the exchange's own clock stamps.
TODAY_BY_THE_CLOCK = time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600))


class Sender(threading.Thread):
    """One region's system: it keeps sending the same bytes until each has a receipt. It sends at a pace at which the kills
    happen in the middle of the work."""

    def __init__(self, exchange, region):
        super().__init__()
        self.exchange, self.region = exchange, region
        self.receipts, self.problem = {}, None

    def send(self, *envelopes):
        for receipt in self.exchange.json("--as", self.region, "submit", "--binary", "--timeout", "120", "-", stdin=b"".join(envelopes),
                                          timeout=150):
            if "summary" in receipt:
                continue
            check(receipt["receipt"] == "accepted", "not accepted: %s" % receipt)
            self.receipts[receipt["messageId"]] = receipt["position"]

    def run(self):
        try:
            self.work()
        except Exception as problem:  # shown by the main thread
            self.problem = problem


class Bills(Sender):
    def work(self):
        bills = records(self.exchange.gen("--only-bills", "--bills", str(options.bills), "--sender", self.region))
        size = max(1, len(bills) // (options.kills * 8))
        for first in range(0, len(bills), size):
            self.send(*bills[first:first + size])
            time.sleep(0.002)


class Transfers(Sender):
    """Its letters round by round: the next when the other regions have sent theirs."""

    def __init__(self, exchange, region, others):
        super().__init__(exchange, region)
        self.others = others

    def work(self):
        try:
            for number in range(ROUNDS):
                letters = self.exchange.gen("--transfers", str(options.transfers), "--round", str(number), "--sender", self.region,
                                            today=TODAY_BY_THE_CLOCK)
                if letters:
                    self.send(letters)
                self.others.wait(150)
        except Exception:
            self.others.abort()
            raise


def kill_at_random(exchange, chance, senders):
    kills = {service: 0 for service in SERVICES}
    while sum(kills.values()) < options.kills and any(each.is_alive() for each in senders):
        time.sleep(chance.uniform(0.03, 0.25))
        service = chance.choice(SERVICES)
        partition = chance.randrange(options.partitions) if service in PARTITIONED else 0
        kills[service] += exchange.kill(service, partition)
    return kills


def crash():
    seed = options.seed or random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    print("seed %d: %d bills, %d kills, %d partitions" % (seed, options.bills, options.kills, options.partitions), flush=True)
    exchange = Exchange("crash", partitions=options.partitions, state_map_mib=128)
    keep = True
    try:
        exchange.up()
        exchange.load_reference()
        others = threading.Barrier(len(REGIONS))
        transfers = [Transfers(exchange, region, others) for region in REGIONS]
        senders = [Bills(exchange, region) for region in REGIONS] + transfers
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
        letters = sum(len(sender.receipts) for sender in transfers)
        check(len(receipts) == options.bills + letters, "%d receipts for %d bills and %d letters" % (len(receipts), options.bills, letters))
        check(letters > 5 * options.transfers, "only %d letters" % letters)
        check(len(set(receipts.values())) == len(receipts), "two receipts name one position")
        exchange.up_again()
        exchange.quieten()
        end = exchange.position()
        outcomes = {}
        for region in REGIONS:
            for outcome in exchange.json("mailbox", "--party", region, "--from", "0", timeout=300):
                position = int(outcome.get("position", 0))
                if outcome["event"] not in ("bill_settle", "transfer") and outcome["messageId"] not in receipts:
                    continue
                check(outcomes.setdefault(outcome["messageId"], position) == position, "two outcomes of one message")
                check(sum(int(each["amountFen"]) for each in outcome.get("postings", [])) == 0, "an entry does not sum to zero")
        check(outcomes == receipts, "receipts and outcomes differ: %d and %d" % (len(receipts), len(outcomes)))
        left = exchange.json("transfer", "list")[0]["transfers"]
        check(not left, "%d transfers have not ended: %s" % (len(left), left[:1]))
        exchange.replays_equally()
        accounts = len(exchange.ledger())
        check(accounts > 10, "only %d accounts" % accounts)
        exchange.run("ledger", "verify")
        print("%d positions: %d letters of %d transfers, all ended; digests equal the undisturbed run's; ledger of %d accounts sums to zero, and is what the log says"
              % (end, letters, options.transfers, accounts))
        keep = False
    finally:
        exchange.close(keep)
        if keep:
            print("kept for a look: %s" % exchange.directory)


main(crash)
