# SPDX-License-Identifier: Apache-2.0
"""A drain under load: nothing new is taken from then on, ticks neither; what was taken is decided, in the mailboxes and the books when
`hutong drain` returns; who sent before has receipts as ever; who sends on waits, and is accepted once after the restart. A service that
stands still is named, and --end goes back."""
import os
import signal
import threading
import time
import urllib.error
import urllib.request

from exchange import TODAY, check, main, records, wait

BILLS = 40000  # of all regions


def ends(exchange):
    return {each["stream"]: int(each["end"]) for each in exchange.json("status", codes=None)[0]["broker"]["streams"]}


def ready(exchange):
    try:
        return urllib.request.urlopen("http://127.0.0.1:%d/readyz" % exchange.http_port("ingest"), timeout=5).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


class Sender(threading.Thread):
    """Sends on, 100 at a time, over whatever happens; what was accepted in the end, in `accepted`."""

    def __init__(self, exchange, bills):
        super().__init__()
        self.exchange, self.bills, self.accepted, self.failed = exchange, bills, 0, None
        self.start()

    def run(self):
        try:
            for at in range(0, len(self.bills), 100):
                lines = self.exchange.json("--as", "120000", "submit", "--binary", "--quiet", "--await", "--timeout", "60", "-",
                                           stdin=b"".join(self.bills[at:at + 100]))
                self.accepted += [line["summary"] for line in lines if "summary" in line][0]["accepted"]
        except Exception as failure:  # said by whoever waits for it
            self.failed = failure


def drains(exchange):
    bills = records(exchange.gen("--only-bills", "--bills", str(BILLS), "--sender", "120000"))
    first = bills[0]
    exchange.run("--as", "120000", "submit", "--binary", "--quiet", "--await", "-", stdin=first)
    sender = Sender(exchange, bills)
    begun = ends(exchange)["submissions"]
    wait(lambda: ends(exchange)["submissions"] > begun + 200, "the sender does not begin")
    drained = exchange.json("drain", "--timeout", "60")[0]
    at = ends(exchange)
    check(at["outcomes.0"] == at["submissions"], "not all is decided: %s" % at)
    for service in exchange.json("status", codes=None)[0]["services"]:
        check(service["position"] == service.get("inputEnd", 0), "%s is at %s of %s" % (service["service"], service["position"], service.get("inputEnd")))
    check(int(drained["submissions"]) == at["submissions"] and drained["drained"], "it says %s, the log %s" % (drained, at))
    check(sender.is_alive() and sender.accepted < len(bills), "the sender was through: nothing was drained")
    time.sleep(1.2)
    check(ends(exchange) == at, "something came after it: %s, then %s" % (at, ends(exchange)))
    check("draining" in ready(exchange), "readyz: %s" % ready(exchange))
    said = exchange.run("status", codes=(1,)).stdout.decode()
    check("draining" in said, "status does not say it: %s" % said)
    # The same bytes have their receipt; new ones are told to wait.
    exchange.run("--as", "120000", "submit", "--binary", "--quiet", "--await", "-", stdin=first)
    late = exchange.gen("--only-bills", "--bills", "50", "--sender", "130000", seed=99)
    refused = exchange.run("--as", "130000", "submit", "--binary", "--timeout", "3", "-", stdin=late, codes=None)
    check(refused.returncode == 3, "a new one is answered %d: %s" % (refused.returncode, refused.stderr))
    exchange.run("--as", "120000", "mailbox", "--count", "1")
    exchange.json("drain", "--timeout", "10")  # again: it is drained already
    exchange.down()
    exchange.up()
    sender.join(120)
    check(sender.failed is None and sender.accepted == len(bills), "over the restart: %d of %d: %s" % (sender.accepted, len(bills), sender.failed))


def names_who_is_behind(exchange):
    exchange.quieten()
    pid = exchange.pid("settlement")
    os.kill(pid, signal.SIGSTOP)
    try:
        exchange.run("--as", "130000", "submit", "--binary", "--quiet", "-", stdin=exchange.gen("--only-bills", "--bills", "50", "--sender", "130000", seed=7))
        late = exchange.run("drain", "--timeout", "3", codes=(1,)).stderr.decode()
        check("settlement" in late, "who is behind? %s" % late)
    finally:
        os.kill(pid, signal.SIGCONT)
    exchange.run("drain")
    exchange.run("drain", "--end")
    exchange.run("drain", "--end", codes=(1,))
    wait(lambda: "draining" not in ready(exchange), "it does not take again")
    exchange.run("--as", "130000", "submit", "--binary", "--quiet", "--await", "-", stdin=exchange.gen("--only-bills", "--bills", "5", "--sender", "130000", seed=8), codes=(0, 1))


def nothing_runs(exchange):
    exchange.down()
    exchange.run("drain", codes=(3,))
    check(not os.path.exists(os.path.join(exchange.directory, "run/drain")), "it leaves a request behind")
    exchange.run("drain", "--timeout", "0", codes=(2,))


def test(exchange):
    drains(exchange)
    names_who_is_behind(exchange)
    nothing_runs(exchange)


main(test, "drain", http=True, prepare=lambda exchange: exchange.load_reference())
