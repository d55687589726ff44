# SPDX-License-Identifier: Apache-2.0
"""O1, O2. Settlement is stopped while bills are accepted: receipts go on until pipeline_lag_max, then BUSY, and what was accepted is
decided in order when it goes on; what a sender has in flight meanwhile never overtakes what was BUSY. Then, under all the load that three senders make, each process in turn meets a cap on its memory,
and the largest is killed: what had a receipt has its result, once, and the digests are those of an undisturbed run."""
import os
import resource
import signal
import threading
import time

from exchange import REGIONS, SERVICES, check, main, records
from slow_reader import resident_mib
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb

LAG_MAX = 3000
FRAME = 200
CAP_S = 1.5  # of full load under each cap


def plain(record):
    """A record without the length before it."""
    start = 0
    while record[start] > 0x7F:
        start += 1
    return record[start + 1:]


def frame(gate, name, first):
    request = gate.request()
    request.submit.envelopes.extend(bill(bill_id="%s%d" % (name, first + i)) for i in range(FRAME))
    return request


def settlement_stopped(exchange):
    gate, mailbox = connect(exchange, "120000")
    os.kill(exchange.pid("settlement"), signal.SIGSTOP)
    accepted, busy, slowest = [], 0, 0
    try:
        while busy < 3:
            before = time.time()
            reply = gate.ask(frame(gate, "S", len(accepted)), 10000)
            slowest = max(slowest, time.time() - before)
            check(reply is not None and reply.HasField("receipts"), "no receipts while settlement stands: %s" % reply)
            receipts = [gate_pb.Receipt.FromString(each) for each in reply.receipts.receipts]
            kinds = {each.kind for each in receipts}
            check(kinds <= {gate_pb.RECEIPT_KIND_ACCEPTED, gate_pb.RECEIPT_KIND_BUSY}, "kinds %s" % kinds)
            busy += gate_pb.RECEIPT_KIND_BUSY in kinds
            check(all(each.refusal.code == "SYS-0001" and each.retry_after_ms >= 20 for each in receipts if each.kind == gate_pb.RECEIPT_KIND_BUSY),
                  "BUSY without a reason or a delay")
            accepted += [each.position for each in receipts if each.kind == gate_pb.RECEIPT_KIND_ACCEPTED]
            check(len(accepted) <= LAG_MAX + FRAME, "%d accepted: no end to it" % len(accepted))
        check(len(accepted) >= LAG_MAX - 2 * FRAME, "BUSY after %d already" % len(accepted))
        check(gate_pb.MESSAGE_STATE_ACCEPTED == mailbox.query_position(accepted[-1]).query_answer.state, "the last one is decided?")
    finally:
        os.kill(exchange.pid("settlement"), signal.SIGCONT)
    resumed = time.time()
    mailbox.outcome(accepted[-1], 60)
    drained = time.time() - resumed
    place, positions = 0, []
    while len(positions) < len(accepted):
        page = mailbox.fetch(place, 1000).mailbox_page
        check(page.outcomes, "the mailbox ends after %d of %d" % (len(positions), len(accepted)))
        place += len(page.outcomes)
        positions += [each.position for each in map(outcome_pb.Outcome.FromString, page.outcomes) if each.position >= accepted[0]]
    check(positions == accepted, "not in order, or not all")
    check(gate.receipt(bill(bill_id="after")).kind == gate_pb.RECEIPT_KIND_ACCEPTED, "still busy")
    print("        settlement stood: %d receipts, the slowest frame %.0f ms, then BUSY; drained in order in %.1f s"
          % (len(accepted), slowest * 1000, drained), flush=True)


def kinds_of(gate, request):
    return {gate_pb.Receipt.FromString(each).kind for each in gate.ask(request, 10000).receipts.receipts}


def frames_follow(exchange):
    """Submit.follows: a frame is taken behind one that was taken, and behind no other; a frame that follows none begins anew."""
    gate, _ = connect(exchange, "120000")
    other, _ = connect(exchange, "120000")
    first, behind, lost, back, stranger = (frame(gate, name, 0) for name in "FGHIJ")
    behind.submit.follows, lost.submit.follows, back.submit.follows = first.request, behind.request + 100, lost.request
    stranger.submit.follows = first.request
    taken, busy = {gate_pb.RECEIPT_KIND_ACCEPTED}, {gate_pb.RECEIPT_KIND_BUSY}
    check(kinds_of(gate, first) == taken and kinds_of(gate, behind) == taken, "what follows was not taken")
    check(kinds_of(gate, lost) == busy, "a frame overtook one that never came")
    check(kinds_of(gate, back) == busy, "a frame overtook a busy one")
    check(kinds_of(other, stranger) == busy, "a frame followed another connection's")
    lost.submit.follows, lost.request, back.request = 0, gate.request().request, gate.request().request
    back.submit.follows = lost.request
    check(kinds_of(gate, lost) == taken and kinds_of(gate, back) == taken, "order began anew, and was not taken")


def order_is_kept(exchange):
    """What `hutong submit` sends ahead, with settlement standing still in between: positions in the order of the file."""
    events = exchange.gen("--only-reference", "--sender", "120000", persons=32000)
    standing = threading.Timer(0.3, os.kill, (exchange.pid("settlement"), signal.SIGSTOP))
    going_on = threading.Timer(3, os.kill, (exchange.pid("settlement"), signal.SIGCONT))
    standing.start(), going_on.start()
    receipts = exchange.json("--as", "120000", "submit", "--binary", "-", stdin=events)[:-1]
    standing.join(), going_on.join()
    ids = [envelope_pb.Envelope.FromString(plain(each)).message_id for each in records(events)]
    positions = [receipt["position"] for receipt in receipts]
    check(len(receipts) > 2 * LAG_MAX and [receipt["messageId"] for receipt in receipts] == ids, "not the receipts of the file in its order")
    check(positions == sorted(set(positions)), "the log's order is not the file's")


class Load(threading.Thread):
    """A region's bills at 1,300 a second, each frame until it is answered."""

    def __init__(self, exchange, region, stop):
        super().__init__()
        self.exchange, self.region, self.stop, self.positions, self.problem = exchange, region, stop, {}, None
        self.envelopes = [plain(each) for each in records(exchange.gen("--only-bills", "--bills", "24000", "--sender", region))]

    def run(self):
        gate, _ = connect(self.exchange, self.region)
        try:
            for first in range(0, len(self.envelopes), FRAME):
                if self.stop.is_set():
                    break
                request = gate.request()
                request.submit.envelopes.extend(self.envelopes[first:first + FRAME])
                reply = gate.ask(request, 60000)
                check(reply is not None, "no answer in a minute")
                for receipt in map(gate_pb.Receipt.FromString, reply.receipts.receipts):
                    if receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED:
                        self.positions[receipt.message_id] = receipt.position
                time.sleep(0.15)
        except Exception as problem:
            self.problem = problem


def address_space(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def capped(exchange, service):
    """A cap barely above what it has: the next large piece of memory is refused. Whether it lives with it or starts again, it serves."""
    pid = exchange.pid(service)
    try:
        cap = address_space(pid) + (256 << 10)
        resource.prlimit(pid, resource.RLIMIT_AS, (cap, cap))
    except (ProcessLookupError, FileNotFoundError):  # it is being started again
        return False
    time.sleep(CAP_S)
    return exchange.pid(service) != pid


def results(exchange, region):
    """Position by message id, of all that lies in a region's mailbox."""
    _, mailbox = connect(exchange, region)
    place, found = 0, {}
    while True:
        page = mailbox.fetch(place, 1000).mailbox_page
        if not page.outcomes:
            return found
        place += len(page.outcomes)
        for outcome in map(outcome_pb.Outcome.FromString, page.outcomes):
            if outcome.message_id:
                check(found.setdefault(outcome.message_id, outcome.position) == outcome.position, "two results of %s" % outcome.message_id)


def size_of(exchange, service):
    """In MiB; 0 while it is being started again."""
    try:
        return resident_mib(exchange.pid(service))
    except OSError:
        return 0


def full_load(exchange):
    stop = threading.Event()
    senders = [Load(exchange, region, stop) for region in REGIONS]
    for each in senders:
        each.start()
    again = {service: capped(exchange, service) for service in SERVICES}
    largest = []
    for _ in range(3):
        sizes = {service: size_of(exchange, service) for service in SERVICES}
        largest.append(max(sizes, key=sizes.get))
        exchange.kill(largest[-1])
        time.sleep(1)
    stop.set()
    for each in senders:
        each.join(90)
    check(not any(each.problem for each in senders), "%s" % [each.problem for each in senders])
    exchange.up_again()
    exchange.quieten()
    receipts = {id: position for each in senders for id, position in each.positions.items()}
    check(len(receipts) > 10 * FRAME, "only %d receipts: that was no load" % len(receipts))
    for each in senders:
        found = results(exchange, each.region)
        lost = [id for id, position in each.positions.items() if found.get(id) != position]
        check(not lost, "%d receipts of %s without their result" % (len(lost), each.region))
    exchange.replays_equally()
    print("        caps: %s started again, the rest lived with it; killed as the largest: %s; %d receipts, each with its result"
          % ([service for service in SERVICES if again[service]] or "none", largest, len(receipts)), flush=True)


def overload(exchange):
    settlement_stopped(exchange)
    frames_follow(exchange)
    order_is_kept(exchange)
    exchange.load_reference()
    full_load(exchange)


main(overload, "overload", load_demo, pipeline_lag_max=LAG_MAX)
