# SPDX-License-Identifier: Apache-2.0
"""What is sent in each trace of data/traces, on an exchange whose clock is the trace's."""
import glob
import json
import os

import books
import transfer_edges
from exchange import REGIONS, ROOT, TODAY
from letters import Letters

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


ALL = {"quiet": quiet, "care": care, "month": month, "transfers": straight, "returns": returned}
