# SPDX-License-Identifier: Apache-2.0
"""What is sent in each trace of data/traces, on an exchange whose clock is the trace's."""
import base64
import glob
import json
import os
import uuid

import books
import refusals
import transfer_edges
from bad_input import envelopes
from exchange import ROOT, TODAY
from letters import Letters
from stranger import bill, envelope_pb, gate_pb

BROKEN = set()  # numbers of rules, in traces made so far
ZOO_AT_MS = 1743480000000  # noon of 2025-04-01
DEMO = os.path.join(ROOT, "data/demo")


def sent(exchange, day, *words, stdin=None):
    exchange.run("submit", "--quiet", "--await", "--at", str(day), *words, stdin=stdin, codes=(0, 1))


def policies(exchange, day):
    sent(exchange, day, "-", stdin=exchange.run("policy", "events", *sorted(glob.glob(os.path.join(ROOT, "data/policies/*.yaml")))).stdout)


def generated(exchange, *words, persons, institutions=12):
    """Of all regions, in the order in which they depend on each other: who is insured before who is treated."""
    for part in (("--only-reference",), ("--only-bills",)):
        events = exchange.gen(*words, *part, persons=persons, institutions=institutions)
        sent(exchange, TODAY, "--binary", "-", stdin=events)


def quiet(exchange):
    """Three regions, forty bills, an hour's ticks: what most days are."""
    policies(exchange, 20250101)
    generated(exchange, "--bills", "40", persons=60)
    books.tick(exchange, TODAY, 3)


def care(exchange):
    """Every kind of care that the published table has, with filings, qualifications, pharmacies and catalogues."""
    policies(exchange, 20250101)
    generated(exchange, "--mix", "--catalogue", "10", "--bills", "360", persons=150, institutions=24)


def month(exchange):
    """May 2025: bills, statements, one wrong fen, the table generated, disputed, issued and paid."""
    books.take_in(exchange)
    count, disputed = books.reconcile(exchange, exchange.directory)
    books.clear(exchange, count, disputed)


def straight(exchange):
    """One transfer of each scheme and a certificate, to their ends (data/demo/transfers.jsonl)."""
    with open(os.path.join(DEMO, "transfers.jsonl")) as file:
        for line in file:
            value = json.loads(line)
            sent(exchange, value["day"], "-", stdin=json.dumps(value["envelope"]).encode())


def returned(exchange):
    """What does not go straight: letters sent again, months paid twice, a carve-out, the place of a pension, second applications,
    refusals, withdrawals, money that is not the amount and goes back, regions that are no party."""
    letters = Letters(exchange)
    persons = transfer_edges.Persons(letters)
    letters.day(transfer_edges.DAY, ticks=1)
    for part in (transfer_edges.again, transfer_edges.paid_twice, transfer_edges.carve_out, transfer_edges.place, transfer_edges.second,
                 transfer_edges.mismatch, transfer_edges.strangers):
        part(letters, persons)
    letters.day(20250610)  # and whose limits have passed is told


def broken(_):
    """The rules that a message can break, one log's worth."""
    return refusals.values(set())


def broken_still(_):
    """Those that the first left unbroken, since what one history says another has said before it."""
    return refusals.values(BROKEN)


def zoo(exchange):
    """What is let in and should not have been sent: amounts beyond all bounds, days that are none, a body that nobody knows."""
    policies(exchange, 20250101)
    for name in ("institutions.120000", "enrolments.110000"):
        sent(exchange, 20250102, os.path.join(DEMO, name + ".json"))
    unknown = bill(bill_id="Z1") + b"\xa2\x06\x02\x08\x01"  # a field of a later schema beside the bill
    nothing = envelope_pb.Envelope(version=1, sender="120000", message_id=str(uuid.uuid4()), sent_at_ms=1).SerializeToString()
    for data in [bill(bill_id="Z0"), unknown, nothing + b"\xa2\x06\x02\x08\x01"] + [data for _, data, code, _ in envelopes() if code is None]:
        yield {"acceptedAtMs": ZOO_AT_MS, "envelopeBytes": base64.b64encode(data).decode()}


def edge(_):
    """(what, bytes) that the gate does not let in, or lets in once; a bill of the zoo must stand there already."""
    for what, data, code, _ in envelopes():
        if code not in (None, "dropped") and len(data) < 1 << 20:
            yield what, data
    yield "no bytes", b""
    yield "the sender is somebody else", bill(sender="110000", bill_id="Z2")


def id_like(given, index):
    """In the letters' case that was given."""
    id = b"01900000-0000-7000-8000-%012x" % (0xabc000 + index)
    return id.upper() if given != given.lower() else id


def said(gate, data):
    """What the gate says of an envelope: its receipt, or the refusal of the request that held it."""
    request = gate.request()
    request.submit.envelopes.append(data)
    reply = gate.ask(request)
    if reply.HasField("refusal"):
        return {"receipt": "NONE", "code": reply.refusal.code}
    receipt = gate_pb.Receipt.FromString(reply.receipts.receipts[0])
    kind = gate_pb.ReceiptKind.Name(receipt.kind).replace("RECEIPT_KIND_", "")
    position = {"position": receipt.position} if kind in ("ACCEPTED", "CONFLICT") else {}
    return {"receipt": kind, "code": receipt.refusal.code, **position}


ALL = {"quiet": quiet, "care": care, "month": month, "transfers": straight, "returns": returned, "refusals": broken, "refusals-2": broken_still, "zoo": zoo}
