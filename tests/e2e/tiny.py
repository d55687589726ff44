# SPDX-License-Identifier: Apache-2.0
"""Every bound that the preset `tiny` makes small (LIMIT in common/base/limits.h) is reached, told as the protocol says, and passed
when there is room again. DUE_ITEMS_MAX is unit_deadlines'. The log that comes of it replays to equal digests."""
import os
import re
import signal
import subprocess
import time
import uuid

from dead_flood import letter
from exchange import BIN, ROOT, check, main
from stranger import bill, connect, gate_pb, load_demo, outcome_pb

LIMITS = {name: eval(value) for name, value in
          re.findall(r"(\w+) = LIMIT\([^,]+, ([\d *]+)\)", open(os.path.join(ROOT, "common/base/limits.h")).read())}
FRAME = LIMITS["BATCH_RECORDS_MAX"]


def bills(count):
    return [bill(bill_id="T%s" % uuid.uuid4().hex[:20]) for _ in range(count)]


def replies(client, wait_s):
    """What comes within so long."""
    until, found = time.time() + wait_s, []
    while client.socket.poll(max(0, int((until - time.time()) * 1000))):
        found.append(gate_pb.GateReply.FromString(client.socket.recv()))
    return found


def send(client, fill):
    request = client.request()
    fill(request)
    client.socket.send(request.SerializeToString(deterministic=True))
    return request


def frames(exchange, gate):
    """A Submit one envelope too long; and, while nothing reaches the disk, one Submit more than may be under way."""
    request = gate.request()
    request.submit.envelopes.extend(bills(FRAME + 1))
    check(gate.ask(request).refusal.code == "ENV-0002", "a Submit of %d envelopes" % (FRAME + 1))
    room, sent = LIMITS["ORDERER_INFLIGHT_MAX"] // FRAME, [bills(FRAME) for _ in range(LIMITS["ORDERER_INFLIGHT_MAX"] // FRAME + 1)]
    os.kill(exchange.pid("broker"), signal.SIGSTOP)
    try:
        for each in sent:
            send(gate, lambda request: request.submit.envelopes.extend(each))
        early = replies(gate, 1)
    finally:
        os.kill(exchange.pid("broker"), signal.SIGCONT)
    kinds = [gate_pb.Receipt.FromString(each).kind for reply in early for each in reply.receipts.receipts]
    check(kinds == [gate_pb.RECEIPT_KIND_BUSY] * FRAME, "of %d Submits the last is busy: %s" % (room + 1, kinds))
    positions = {gate_pb.Receipt.FromString(each).position for frame in sent for each in gate.submit(*frame)}
    check(len(positions) == FRAME * len(sent), "sent again, each has its own place")
    return max(positions)


def pages(exchange, mailbox):
    """A full page, and one waiting fetch too many."""
    page = mailbox.fetch(0).mailbox_page
    check(len(page.outcomes) == LIMITS["MAILBOX_PAGE_RECORDS_MAX"] < page.end, "a page of %d" % len(page.outcomes))
    waiting = [connect(exchange, "120000")[1] for _ in range(LIMITS["MAILBOX_WAITERS_MAX"] + 1)]
    for client in waiting:
        def fill(request):
            request.fetch.wait_ms = 3000
            setattr(request.fetch, "from", page.end)
        send(client, fill)
    answered = [len(replies(client, 0.3)) for client in waiting]
    check(sum(answered) == 1, "one too many waits, and is answered at once: %s" % answered)


def questions(exchange, mailbox):
    """More questions than may wait; then pages of rows to their end."""
    askers = [connect(exchange, party)[1] for party in ("120000", "120000", "120000", "110000")]
    early = []
    os.kill(exchange.pid("books"), signal.SIGSTOP)
    try:
        for client in askers:
            for _ in range(4):
                send(client, lambda request: request.books_query.balances.SetInParent())
            early += [reply.refusal.code for reply in replies(client, 0.5)]
    finally:
        os.kill(exchange.pid("books"), signal.SIGCONT)
    one, all_ = LIMITS["QUESTIONS_A_PARTY_MAX"], LIMITS["QUESTIONS_WAITING_MAX"]
    check(early == ["SYS-0006"] * (12 - one) + ["SYS-0001"] * (4 - (all_ - one)), "questions that found no room: %s" % early)
    check(sum(len(replies(client, 1)) for client in askers) == LIMITS["QUESTIONS_WAITING_MAX"], "those that waited are answered")
    sizes, after = [], b""
    while not sizes or after:
        request = mailbox.request()
        rows = request.books_query.rows
        rows.month, rows.insured_region, rows.care_region, rows.open, rows.after = int(time.strftime("%Y%m")), "110000", "120000", True, after
        answer = mailbox.ask(request).books_answer
        sizes.append(len(answer.rows))
        after = answer.next
    check(max(sizes) == LIMITS["BOOKS_PAGE_ROWS_MAX"] and len(sizes) > 2, "pages of the books: %s" % sizes)


def batches(exchange):
    """Of submissions, by the broker's own account of its log."""
    dump = subprocess.run([os.path.join(BIN, "hutong-broker"), "--dump", os.path.join(exchange.directory, "data/broker")],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    return int(re.search(r"^submissions .* batches (\d+)", dump, re.M).group(1))


def letters(exchange, gate, mailbox):
    """Four of 6,000 bytes fill two batches; of the last the state keeps no bytes, and it can be sent through again all the same."""
    size, before = 6000, batches(exchange)
    check(2 * size > LIMITS["BATCH_SIZE_TARGET"] > size and 4 * size > LIMITS["DEAD_LETTERS_SIZE_MAX"], "sizes of this test")
    receipts = gate.submit(*[letter(number, size) for number in range(4)])
    positions = [gate_pb.Receipt.FromString(each).position for each in receipts]
    check(all(mailbox.outcome(each).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER for each in positions), "dead letters")
    check(batches(exchange) == before + 2, "batches of letters: %d" % (batches(exchange) - before))
    kept = {each["position"]: each["keptBytes"] for each in exchange.json("dead", "list")}
    check(kept[positions[0]] > size and kept[positions[-1]] == 0, "kept of each letter: %s" % kept)
    again = exchange.json("dead", "requeue", str(positions[-1]), "--reason", "a test")[0]
    check(mailbox.outcome(again["position"]).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "sent through again")


def tiny(exchange):
    exchange.run("--as", "120000", "submit", "--binary", "--quiet", "--await", "-", stdin=exchange.gen("--only-reference", "--sender", "120000", persons=50))
    gate, mailbox = connect(exchange, "120000")
    mailbox.outcome(frames(exchange, gate))
    exchange.json("digest", "--wait", "60")
    pages(exchange, mailbox)
    questions(exchange, mailbox)
    letters(exchange, gate, mailbox)
    exchange.replays_equally()
    print("        reached: %s" % ", ".join(sorted(LIMITS)))


main(tiny, "tiny", load_demo, tick_interval_ms=0)
