# SPDX-License-Identifier: Apache-2.0
"""Z2: a client that holds a wrong public key of the exchange. The tool ends in bounded time, with exit code 3 and a sentence that
names the cause; nothing is taken for sent; the exchange counts the refused handshakes."""
import json
import os
import time

import zmq

from exchange import ROOT, check, main
from stranger import load_demo

TIMEOUT_S = 3


def refused_handshakes(exchange):
    return exchange.metrics("ingest").get('hutong_connections_refused_total{reason="handshake"}', 0)


def wrong_key(exchange):
    bills = os.path.join(ROOT, "data/demo/bills.120000.json")
    wrong = zmq.curve_keypair()[0].decode()
    end, before = exchange.position(), refused_handshakes(exchange)
    for words in (("submit", "--timeout", str(TIMEOUT_S), bills), ("submit", "--await", "--timeout", str(TIMEOUT_S), bills)):
        started = time.time()
        done = exchange.run("--as", "120000", "--server-key", wrong, *words, codes=(3,), timeout=30)
        took = time.time() - started
        check(took < TIMEOUT_S + 2, "%s: ended after %.1f s" % (words[0], took))
        check(b"accepted at" not in done.stdout, "taken for sent: %s" % done.stdout[-300:])
        check(b"server key" in done.stderr, "it does not name the cause: %s" % done.stderr)
    check(exchange.position() == end, "something was stored")
    time.sleep(1.2)  # the counts are taken over once a second
    refused = refused_handshakes(exchange) - before
    check(refused >= 2, "%d refused handshakes were counted" % refused)
    told = [json.loads(line) for line in open(os.path.join(exchange.directory, "data/log/ingest-0.log")) if '"connection_refused"' in line]
    check({each["reason"] for each in told} == {"handshake"} and len(told) <= 2, "D15: the log says %s" % told)
    check("127.0.0.1" in [each["address"] for each in told], "D15: the log says %s" % told)  # and "unknown", of one that was gone at once
    exchange.run("--as", "120000", "submit", "--await", bills, codes=(0, 1))
    check(exchange.position() > end, "the right key does not get through")
    print("        %d refused handshakes counted; the right key gets through" % refused)


main(wrong_key, "wrong", load_demo, http=True, tick_interval_ms=0)
