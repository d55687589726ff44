# SPDX-License-Identifier: Apache-2.0
"""Z9: a party that takes one message a second, and connections that ask and ask and never read an answer, at the mailbox and at the
gate. Nobody else's results come later, and what waits for them in memory has a bound."""
import os
import threading
import time

import zmq

from exchange import Exchange, check, main
from stranger import bill, connect, gate_pb, load_demo, outcome_pb, read_key

BILLS = 3000  # so that a page of the mailbox is as large as a page gets
ASKED = 500  # questions of each connection that never reads; each is answered with a megabyte
GROWTH_MAX_MIB = 300


def resident_mib(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def fill(exchange):
    gate, mailbox = connect(exchange, "120000")
    last = 0
    for first in range(0, BILLS, 500):
        receipts = gate.submit(*[bill(bill_id="F%d" % (first + i)) for i in range(500)])
        last = gate_pb.Receipt.FromString(receipts[-1]).position
    check(mailbox.outcome(last, 60).kind in (outcome_pb.OUTCOME_KIND_SETTLED, outcome_pb.OUTCOME_KIND_REFUSED), "not filled")


def times(exchange, count, name):
    """From sending a bill to holding its result, in order of length."""
    gate, mailbox = connect(exchange, "120000")
    took = []
    for number in range(count):
        before = time.time()
        mailbox.outcome(gate.receipt(bill(bill_id="%s%d" % (name, number))).position)
        took.append(time.time() - before)
    return sorted(took)


def never_reads(client):
    """Its receiving side is shut: libzmq takes a message or two off the wire, and then TCP's window closes."""
    client.socket.close()
    client.socket = client.context.socket(zmq.DEALER)
    client.socket.linger = 0
    client.socket.set_hwm(0)
    client.socket.rcvhwm = 1
    return client


def deaf(exchange, party, ask_mailbox):
    gate, mailbox = connect(exchange, party)
    client = never_reads(mailbox if ask_mailbox else gate)
    (gate if ask_mailbox else mailbox).close()
    keys = os.path.join(exchange.directory, "keys")
    client.socket.curve_serverkey = read_key(os.path.join(keys, "server.key"))[0]
    client.socket.curve_publickey, client.socket.curve_secretkey = read_key(os.path.join(keys, "clients", "%s.key_secret" % party))
    client.socket.connect(exchange.mailbox if ask_mailbox else exchange.gate)
    for _ in range(ASKED):
        request = client.request()
        if ask_mailbox:
            request.fetch.count_max = 4096
        else:
            request.submit.envelopes.extend([b""] * 4096)
        client.socket.send(request.SerializeToString(deterministic=True))
    return client


def one_a_second(exchange, stop, taken):
    gate, mailbox = connect(exchange, "110000")
    place = 0
    while not stop.wait(1):
        page = mailbox.fetch(place, 100)
        if page is not None and page.mailbox_page.outcomes:
            place += 1
            taken.append(place)


def slow_reader():
    exchange = Exchange("slow")
    stop, taken, clients = threading.Event(), [], []
    slow = threading.Thread(target=one_a_second, args=(exchange, stop, taken))
    try:
        exchange.up()
        load_demo(exchange)
        fill(exchange)
        pid = exchange.pid("ingest")
        alone = times(exchange, 100, "A")
        before = resident_mib(pid)
        slow.start()
        clients = [deaf(exchange, "110000", True), deaf(exchange, "110000", False)]
        among = times(exchange, 100, "B")
        time.sleep(1)
        grown = resident_mib(pid) - before
        print("        alone: median %.0f ms, slowest %.0f ms; among them: median %.0f ms, slowest %.0f ms; memory grew by %d MiB"
              % (alone[50] * 1000, alone[-1] * 1000, among[50] * 1000, among[-1] * 1000, grown), flush=True)
        check(exchange.pid("ingest") == pid, "ingest was started again")
        check(grown < GROWTH_MAX_MIB, "%d MiB wait for connections that never read" % grown)
        check(among[95] <= 2 * alone[95] + 0.05 and among[-1] < 1, "others wait for those that do not read")
        check(taken, "the slow party gets nothing")
        stop.set()
        slow.join(10)
        for client in clients:
            client.close()
        clients = []
        after = times(exchange, 20, "C")
        check(after[-1] < 1, "slow after they left: %.1f s" % after[-1])
    finally:
        stop.set()
        for client in clients:
            client.close()
        exchange.close()


main(slow_reader)
