# SPDX-License-Identifier: Apache-2.0
"""Decided once and for ever: duplicates from three connections, before and after restarts, after many others; conflicts; refusals;
what an answer says after any crash. --others N: how many bills come in between (1,000,000 in the long run)."""
import argparse
import os
import re
import subprocess
import threading
import time
import uuid

from exchange import BIN, SERVICES, check, main, wait
from stranger import RANK, bill, connect, gate_pb, load_demo, outcome_pb

parser = argparse.ArgumentParser()
parser.add_argument("--others", type=int, default=20000)
options = parser.parse_args()


def from_three_connections(exchange, envelope):
    """The same bytes by three connections at once: three receipts."""
    receipts, clients = [], [connect(exchange, "120000") for _ in range(3)]
    barrier = threading.Barrier(3)

    def send(gate):
        barrier.wait()
        receipts.append(gate.submit(envelope)[0])

    threads = [threading.Thread(target=send, args=(gate,)) for gate, _ in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    check(len(receipts) == 3 and len(set(receipts)) == 1, "three answers, not equal byte for byte")
    return receipts[0]


def duplicates(exchange):
    envelope, refused = bill(bill_id="D1", message_id="0193a000-1111-7000-8000-000000000001"), bill(bill_id="D2", fen=-5)
    first = from_three_connections(exchange, envelope)
    gate, mailbox = connect(exchange, "120000")
    position = gate_pb.Receipt.FromString(first).position
    outcome = mailbox.query_position(position)
    refused_receipt = gate.submit(refused)[0]
    refused_position = gate_pb.Receipt.FromString(refused_receipt).position
    check(mailbox.outcome(refused_position).kind == outcome_pb.OUTCOME_KIND_REFUSED, "a negative bill was not refused")
    at_the_edge = bill(sender="110000", bill_id="D3")
    edge_receipt = gate.submit(at_the_edge)[0]

    other = gate.receipt(bill(bill_id="D1", message_id="0193a000-1111-7000-8000-000000000001", fen=2000001))
    check(other.kind == gate_pb.RECEIPT_KIND_CONFLICT, "other content under the same id: %s" % other)
    check(other.position == position and len(other.envelope_sha256) == 32 and len(other.accepted_sha256_prefix) == 12
          and not other.envelope_sha256.startswith(other.accepted_sha256_prefix), "the conflict does not name both")
    check(gate_pb.Receipt.FromString(first).envelope_sha256.startswith(other.accepted_sha256_prefix), "it names another")

    second_id = mailbox.outcome(gate.receipt(bill(bill_id="D1")).position)
    check([each.rule for each in second_id.findings] == [502], "one bill under two ids was not refused: %s" % second_id)

    def still_the_same(when):
        check(from_three_connections(exchange, envelope) == first, "%s: another receipt" % when)
        gate, mailbox = connect(exchange, "120000")
        check(gate.submit(refused)[0] == refused_receipt, "%s: another receipt of a refused bill" % when)
        check(gate.submit(at_the_edge)[0] == edge_receipt, "%s: another refusal at the edge" % when)
        check(gate.query_id("0193a000-1111-7000-8000-000000000001").receipt == first, "%s: the query's receipt differs" % when)
        check(mailbox.outcome(refused_position).kind == outcome_pb.OUTCOME_KIND_REFUSED, "%s: refused turned" % when)

    still_the_same("at once")
    for service in ("ingest", "broker", "settlement"):
        exchange.kill(service)
        exchange.up_again()
        still_the_same("after %s was killed" % service)
    exchange.down()
    exchange.up()
    still_the_same("after a restart")
    return still_the_same


def ids_kept(exchange):
    """How many ids ingest keeps; and of those that are in its tree, how many there are, and the bytes of their pages."""
    store = os.path.join(exchange.directory, "data/ingest-0")
    kept = int(re.search(r"^ids\s+(\d+)", exchange.run("dump", store).stdout.decode(), re.M).group(1))
    used = subprocess.run(["mdb_stat", "-e", "-s", "ids", store], stdout=subprocess.PIPE, check=True).stdout.decode()
    number = {line.split(":")[0].strip(): int(line.split(":")[1]) for line in used.splitlines() if ":" in line and line.split(":")[1].strip().isdigit()}
    return kept, number["Entries"], (number["Branch pages"] + number["Leaf pages"] + number["Overflow pages"]) * number.get("Page size", 4096)


def many_others(exchange, still_the_same):
    exchange.load_reference()
    exchange.quieten()
    before = ids_kept(exchange)
    done = subprocess.run([os.path.join(BIN, "hutong-load"), "--config", exchange.config, "--bills", str(options.others), "--today", "20251124"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900)
    check(done.returncode == 0, "hutong-load: %s%s" % (done.stdout.decode(), done.stderr.decode()))
    still_the_same("after %d others" % options.others)
    exchange.quieten()
    gate, _ = connect(exchange, "120000")

    def most_are_in_the_tree():  # what fills memory goes there with a later commit
        gate.submit(bill(bill_id="later-%d" % time.monotonic_ns()))
        time.sleep(0.5)
        return ids_kept(exchange)[1] - before[1] >= options.others // 2

    wait(most_are_in_the_tree, "few ids come into the tree")
    kept, entries, size = (now - then for now, then in zip(ids_kept(exchange), before))
    check(kept >= options.others, "%d ids are kept" % kept)
    print("        %d ids, %d of them in the tree at %.1f bytes each on disk" % (kept, entries, size / entries))
    check(0 < size / entries <= 80, "an id takes %.1f bytes" % (size / entries))


def answers_never_contradict(exchange):
    """One asks about a message all the time while every process is killed in turn: what was said is never taken back."""
    seen, problems, stop = {}, [], threading.Event()
    ids = [str(uuid.uuid4()) for _ in range(40)]
    envelopes = [bill(bill_id="R%d" % i, message_id=id) for i, id in enumerate(ids)]

    def watch():
        gate, mailbox = connect(exchange, "120000")
        try:
            while not stop.is_set():
                for id in ids:
                    request = gate.request()
                    request.query.message_id = id
                    reply = gate.ask(request, 3000, 500)
                    if reply is None or reply.HasField("refusal"):
                        continue  # no answer is no statement
                    answer = reply.query_answer
                    rank, receipt = RANK[answer.state], bytes(answer.receipt)
                    before_rank, before_receipt, before_outcome = seen.get(id, (0, b"", b""))
                    outcome = b""
                    if receipt:
                        reply = mailbox.query_position(gate_pb.Receipt.FromString(receipt).position)
                        if reply is not None and reply.HasField("query_answer"):
                            outcome = bytes(reply.query_answer.outcome)
                            rank = max(rank, RANK[reply.query_answer.state])
                        else:
                            rank, outcome = max(rank, before_rank), before_outcome
                    if rank < before_rank or (before_receipt and receipt != before_receipt) or (before_outcome and outcome != before_outcome):
                        problems.append("%s: said %d, then %d" % (id, before_rank, rank))
                    seen[id] = (rank, receipt or before_receipt, outcome or before_outcome)
        except Exception as problem:
            problems.append(repr(problem))

    watcher = threading.Thread(target=watch)
    watcher.start()
    gate, mailbox = connect(exchange, "120000")
    receipts = {}
    for i, envelope in enumerate(envelopes):
        exchange.kill(SERVICES[i % len(SERVICES)])
        receipts[ids[i]] = gate.submit(envelope, timeout_ms=30000)[0]
    exchange.up_again()
    for id, receipt in receipts.items():
        outcome = mailbox.outcome(gate_pb.Receipt.FromString(receipt).position)
        check(outcome.message_id == id, "the outcome at a receipt's place is another message's")
        check(gate.query_id(id).receipt == receipt, "asked with its number after the crashes, the gate says something else")
    stop.set()
    watcher.join(30)
    check(not problems, "; ".join(problems[:5]))
    check(len(seen) == len(ids), "not every message was watched")


def exactly_once(exchange):
    still_the_same = duplicates(exchange)
    answers_never_contradict(exchange)
    many_others(exchange, still_the_same)


main(exactly_once, "once", load_demo, state_map_mib=64)
