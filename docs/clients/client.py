#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One bill, exactly once. client.py GATE MAILBOX SERVER.key PARTY.key_secret OUTBOX BILL; docs/clients/README.md.

What matters: the envelope is on disk before it is sent, the same bytes go out until a receipt comes, an outcome is on disk before
it is confirmed. So the program may be killed anywhere and run again."""
import os
import re
import sys
import time
import uuid

import zmq
from hutong.v1 import envelope_pb2, gate_pb2, outcome_pb2


def keep(path, data):
    """On disk, whole or not at all."""
    with open(path + ".part", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".part", path)
    directory = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def kept(path):
    with open(path, "rb") as file:
        return file.read()


def key_file(path):
    """What stands in quotes behind a name."""
    with open(path) as file:
        return dict(re.findall(r'^\s*([\w-]+) = "(.*)"$', file.read(), re.M))


class Connection:
    def __init__(self, endpoint, server, own):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.heartbeat_ivl = 2000
        self.socket.curve_serverkey = server["public-key"].encode()
        self.socket.curve_publickey, self.socket.curve_secretkey = own["public-key"].encode(), own["secret-key"].encode()
        self.socket.connect(endpoint)
        self.number = 0  # of the last request; 0 itself is never used

    def ask(self, fill, quiet_ms=1000):
        """The answer to a request; silence is no answer, so the same bytes go out again."""
        self.number += 1
        request = gate_pb2.GateRequest(version=1, request=self.number)
        fill(request)
        frame = request.SerializeToString(deterministic=True)
        while True:
            self.socket.send(frame)
            until = time.monotonic() + quiet_ms / 1000
            while self.socket.poll(max(0, (until - time.monotonic()) * 1000)):
                reply = gate_pb2.GateReply.FromString(self.socket.recv())
                refusal = reply.refusal
                if reply.request == 0:  # the request could not be read: it never will be
                    sys.exit("refused: %s %s" % (refusal.code, refusal.path))
                if reply.request != self.number:
                    continue  # late, of an earlier sending
                if reply.HasField("refusal") and not refusal.retry_helps:
                    sys.exit("refused: %s %s" % (refusal.code, refusal.en))
                if not reply.HasField("refusal"):
                    return reply
                time.sleep(0.1)  # not ready: again
                break


def new_bill(party, bill_id):
    envelope = envelope_pb2.Envelope(version=1, sender=party, message_id=str(uuid.uuid4()), sent_at_ms=int(time.time() * 1000),
                                     person_id="110101198001011013")
    bill = envelope.bill_settle
    bill.bill_id, bill.institution, bill.insured_area, bill.insurance_type = bill_id, "H12010199001", "110000", "310"
    bill.care_kind, bill.admission_date, bill.discharge_date = "21", 20250301, 20250310
    bill.diagnosis, bill.credential, bill.total_fen = "J18.900", "01", 2000000
    item = bill.items.add(code="XN01AB00000000000000005", level="01", quantity_e4=10000)
    item.unit_price_micro, item.amount_fen = 20000000000, 2000000
    return envelope.SerializeToString(deterministic=True)


def send(gate, envelope):
    """Its position, once there is a receipt."""
    while True:
        reply = gate.ask(lambda request: request.submit.envelopes.append(envelope))
        receipt = gate_pb2.Receipt.FromString(reply.receipts.receipts[0])
        if receipt.kind == gate_pb2.RECEIPT_KIND_ACCEPTED:
            return receipt.position
        if receipt.kind != gate_pb2.RECEIPT_KIND_BUSY:
            sys.exit("not accepted: %s %s %s" % (receipt.refusal.code, receipt.refusal.path, receipt.refusal.en))
        time.sleep(receipt.retry_after_ms / 1000)


def read_mailbox(mailbox, outbox):
    """Fetches what is new, keeps it, and only then says so."""
    place = os.path.join(outbox, "next")
    start = int(kept(place)) if os.path.exists(place) else 0

    def fetch(request):
        setattr(request.fetch, "from", start)  # a word of Python's own
        request.fetch.count_max, request.fetch.wait_ms = 100, 2000
    page = mailbox.ask(fetch, 4000).mailbox_page
    for number, outcome in enumerate(page.outcomes, page.first):
        keep(os.path.join(outbox, "%s.outcome" % outcome_pb2.Outcome.FromString(outcome).message_id), outcome)
        keep(place, b"%d" % (number + 1))
    if page.outcomes:
        mailbox.ask(lambda request: setattr(request.confirm, "through", page.first + len(page.outcomes)))


def main(gate, mailbox, server, own, outbox, bill_id):
    server, own = key_file(server), key_file(own)
    os.makedirs(outbox, exist_ok=True)
    path = os.path.join(outbox, "%s.envelope" % bill_id)
    if not os.path.exists(path):
        keep(path, new_bill(own["party"], bill_id))
    envelope = kept(path)
    position = send(Connection(gate, server, own), envelope)
    answer = os.path.join(outbox, "%s.outcome" % envelope_pb2.Envelope.FromString(envelope).message_id)
    box = Connection(mailbox, server, own)
    while not os.path.exists(answer):
        read_mailbox(box, outbox)
    outcome = outcome_pb2.Outcome.FromString(kept(answer))
    kind = outcome_pb2.OutcomeKind.Name(outcome.kind).replace("OUTCOME_KIND_", "")
    print("%s %d funds %d person %d" % (kind, position, outcome.amounts.fund_pay_total_fen, outcome.amounts.person_pay_total_fen))


main(*sys.argv[1:])
