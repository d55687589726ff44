# SPDX-License-Identifier: Apache-2.0
"""Z14: connections that come and go by the thousand, cut in the middle of the handshake and of frames, while bills flow. No process
ends, file descriptors and memory go back to where they were, and the bills of others go on."""
import os
import random
import socket
import threading
import time

import zmq

from bad_input import well_behaved
from exchange import SERVICES, Exchange, check, main
from proxy import Proxy
from stranger import bill, connect, load_demo, read_key
from slow_reader import resident_mib

FLAPS = int(os.environ.get("HUTONG_FLAPS", "3000"))  # of each kind
GROWTH_MAX_MIB, HANDSHAKE_S = 64, 6
GREETING = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE" + b"\0" * 48


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def raw_flaps(exchange, chance):
    """TCP alone: nothing said, half a greeting, a whole one and the beginning of a HELLO."""
    ports = [int(each.rsplit(":", 1)[1]) for each in (exchange.gate, exchange.mailbox)]
    hello = GREETING + b"\x04\xc8\x05HELLO" + b"\x01\0" + b"\0" * 192
    for number in range(FLAPS):
        peer = socket.create_connection(("127.0.0.1", ports[number % 2]), timeout=5)
        try:
            peer.sendall(hello[:chance.randrange(len(hello))])
            if number % 3 == 0:  # a reset, not an orderly end
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        except OSError:
            pass
        peer.close()


def cut_flaps(exchange, proxies, parties):
    """Keys that are known, over lines that are cut after some hundred bytes: in the handshake, and in frames of 30 kB."""
    keys, context = os.path.join(exchange.directory, "keys"), zmq.Context()
    server, sockets = read_key(os.path.join(keys, "server.key"))[0], []
    for party in parties:
        pair = read_key(os.path.join(keys, "clients", "%s.key_secret" % party))
        for proxy in proxies:
            peer = context.socket(zmq.DEALER)
            peer.linger, peer.reconnect_ivl, peer.sndhwm = 0, 1, 4
            peer.curve_serverkey, peer.curve_publickey, peer.curve_secretkey = server, pair[0], pair[1]
            peer.connect(proxy.endpoint)
            sockets.append(peer)
    until = time.time() + 60
    while sum(proxy.cuts for proxy in proxies) < FLAPS and time.time() < until:
        for peer in sockets:
            try:
                peer.send(b"\x08\x01\x10\x07" + b"\x1a\x80\x20" + b"\x0a\x7f" * 15000, zmq.NOBLOCK)
            except zmq.Again:
                pass
        time.sleep(0.002)
    for peer in sockets:
        peer.close()
    context.term()
    return sum(proxy.cuts for proxy in proxies)


def flapping():
    chance = random.Random(14)
    exchange = Exchange("flaps")
    stop, problems, settled, proxies = threading.Event(), [], [], []
    try:
        exchange.up()
        load_demo(exchange)
        pids = {service: exchange.pid(service) for service in SERVICES}
        ingest = pids["ingest"]
        gate, mailbox = connect(exchange, "120000")
        mailbox.outcome(gate.receipt(bill(bill_id="first")).position)
        before = descriptors(ingest), resident_mib(ingest)
        good = threading.Thread(target=well_behaved, args=(exchange, stop, problems, settled))
        good.start()
        raw_flaps(exchange, chance)
        proxies = [Proxy(each, cut_after=lambda: chance.choice((30, 300, 500, 700, 1200, 20000)) + chance.randrange(200))
                   for each in (exchange.gate, exchange.mailbox)]
        cut = cut_flaps(exchange, proxies, ("110000", "130000"))
        check(cut >= FLAPS, "only %d connections were cut" % cut)
        time.sleep(0.5)
        stop.set()
        good.join(30)
        for each in proxies:
            each.close()
        until = time.time() + HANDSHAKE_S
        while descriptors(ingest) > before[0] + 4 and time.time() < until:
            time.sleep(0.1)
        grown = resident_mib(ingest) - before[1]
        print("        %d flaps; meanwhile %d bills, the slowest %.0f ms; %d descriptors before, %d after; memory grew by %d MiB"
              % (FLAPS + cut, len(settled), max(settled) * 1000, before[0], descriptors(ingest), grown), flush=True)
        check(not problems, "others were stalled: %s" % problems[:3])
        check(len(settled) > 50, "only %d bills in the meantime" % len(settled))
        for service in SERVICES:
            check(exchange.pid(service) == pids[service], "%s was started again" % service)
        check(descriptors(ingest) <= before[0] + 4, "%d descriptors, there were %d" % (descriptors(ingest), before[0]))
        check(grown < GROWTH_MAX_MIB, "memory grew by %d MiB" % grown)
        exchange.up_again()
    finally:
        stop.set()
        exchange.close()


main(flapping)
