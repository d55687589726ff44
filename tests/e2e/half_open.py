# SPDX-License-Identifier: Apache-2.0
"""Z15: a network that forwards one way only, or no way, and closes nothing. The exchange drops such a peer by its heartbeats within
10 s, and the peer the exchange; what was sent is answered after connecting again, and nothing is there twice."""
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from exchange import check, main
from proxy import DOWN, UP, Proxy
from slow_reader import deaf
from stranger import bill, connect, gate_pb, load_demo

LIVENESS_S = 10  # an interval of 2 s, 7 s of patience, and the scheduler's share


def submit_through(exchange, gate, bills, results, name):
    done = subprocess.run([*exchange.command("--as", "120000", "--json", "--gate", gate.endpoint, "submit", "--binary", "--timeout", "60", "-")],
                          input=bills, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
    results[name] = done


def delimited(envelope):
    size, out = len(envelope), b""
    while size > 0x7F:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size]) + envelope


def one_way(exchange, directions, name):
    """The line dies with a client's question on it; the client is left alone and comes to its end."""
    gate, results = Proxy(exchange.gate, stop_first=(directions, 200000)), {}
    envelopes = [bill(bill_id="%s%d" % (name, number)) for number in range(2000)]
    sender = threading.Thread(target=submit_through, args=(exchange, gate, b"".join(map(delimited, envelopes)), results, name))
    sender.start()
    sender.join(80)
    check(gate.stopped_at is not None, "%s: the client had ended before the line did" % name)
    took = time.time() - gate.stopped_at
    check(name in results and results[name].returncode == 0, "%s: exit code %s: %s" % (
        name, results[name].returncode if name in results else "none", results[name].stderr[-300:] if name in results else ""))
    check(took < 2 * LIVENESS_S, "%s: the client came to its end after %.1f s" % (name, took))
    check(gate.connections >= 2, "%s: the line failed too late" % name)
    again, _ = connect(exchange, "120000")
    positions = set()
    for first in range(0, len(envelopes), 500):
        positions.update(gate_pb.Receipt.FromString(each).position for each in again.submit(*envelopes[first:first + 500]))
    again.close()
    check(len(positions) == len(envelopes), "%s: %d positions for %d bills" % (name, len(positions), len(envelopes)))
    gate.close()
    print("        %s: over after %.1f s, %d connections" % (name, took, gate.connections), flush=True)
    return len(envelopes)


def dropped_by_heartbeats(exchange):
    """Peers that are silent, by a line that is dead in one direction or both: the exchange closes all of them in time."""
    lines, clients = [Proxy(exchange.mailbox) for _ in range(3)], []
    for line, directions in zip(lines, ((UP,), (DOWN,), (UP, DOWN))):
        _, client = connect(exchange, "120000")
        client.socket.disconnect(exchange.mailbox)
        client.socket.connect(line.endpoint)
        check(client.fetch(0) is not None, "no answer through the proxy")
        clients.append(client)
        line.watched = [link for direction in directions for link in line.stop_forwarding(direction)][:1]
    started = time.time()
    while any(link.ended == [None, None] for line in lines for link in line.watched) and time.time() < started + 2 * LIVENESS_S:
        time.sleep(0.05)
    for line, what in zip(lines, ("nothing comes in", "nothing goes out", "nothing goes either way")):
        for link in line.watched:
            check(link.ended[1] is not None and link.ended[1] - started < LIVENESS_S, "%s: the exchange holds on for more than %.1f s" % (what, LIVENESS_S))
            print("        %s: dropped after %.1f s" % (what, link.ended[1] - started), flush=True)
    for each in clients + lines:
        each.close()


def established(endpoint):
    """The other ends' ports of the connections to an endpoint of ours, as the kernel has them."""
    port, found = "%04X" % int(endpoint.rsplit(":", 1)[1]), set()
    with open("/proc/net/tcp") as file:
        for line in file.readlines()[1:]:
            local, remote, state = line.split()[1:4]
            if state == "01" and local.endswith(":" + port):
                found.add(remote)
    return found


def deaf_is_dropped(exchange):
    """A peer whose machine lives and whose program takes nothing: no heartbeat can reach it."""
    before = established(exchange.gate)
    client = deaf(exchange, "110000", False)
    started = time.time()
    while not (mine := established(exchange.gate) - before) and time.time() < started + 2:
        time.sleep(0.02)
    check(mine, "the deaf client did not connect")
    while mine & established(exchange.gate) and time.time() < started + 3 * LIVENESS_S:
        time.sleep(0.1)
    took = time.time() - started
    check(not mine & established(exchange.gate) and took < 2 * LIVENESS_S, "a connection that takes nothing was kept for %.0f s" % took)
    print("        a peer that takes nothing: dropped after %.1f s" % took, flush=True)
    client.close()


def half_open(exchange):
    exchange.quieten()
    before = exchange.position()
    deaf_is_dropped(exchange)
    with ThreadPoolExecutor() as pool:  # each waits for its own line
        silent = pool.submit(dropped_by_heartbeats, exchange)
        sent = [pool.submit(one_way, exchange, (DOWN,), "answers_lost"), pool.submit(one_way, exchange, (UP,), "questions_lost")]
        silent.result()
        count = sum(each.result() for each in sent)
    check(exchange.position() == before + count, "%d records for %d bills" % (exchange.position() - before, count))


main(half_open, "half", load_demo)
