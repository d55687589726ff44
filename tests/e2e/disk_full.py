# SPDX-License-Identifier: Apache-2.0
"""A full disk: appends are refused with a code, reads go on, nothing that was accepted is lost, and the exchange takes up again by
itself when there is room. On a small tmpfs of its own; skipped where that may not be mounted."""
import os
import time

from exchange import Exchange, check, fill_disk, main, small_disk
from stranger import bill, connect, gate_pb, load_demo, outcome_pb


def disk_full():
    with small_disk() as place, Exchange("full", tick_interval_ms=0) as exchange:
        exchange.up()
        load_demo(exchange)
        gate, mailbox = connect(exchange, "120000")
        first = gate.receipt(bill(bill_id="A1"))
        ballast = fill_disk(place)
        time.sleep(2)
        request = gate.request()
        envelope = bill(bill_id="A2")
        request.submit.envelopes.append(envelope)
        reply = gate.ask(request, 5000)
        check(reply is not None, "no answer with a full disk")
        code = reply.refusal.code if reply.HasField("refusal") else gate_pb.Receipt.FromString(reply.receipts.receipts[0]).refusal.code
        check(code == "SYS-0002", "a full disk is answered with: %s" % reply)
        check(mailbox.outcome(first.position).kind == outcome_pb.OUTCOME_KIND_SETTLED, "reads do not go on")
        os.unlink(ballast)
        until = time.time() + 15
        while True:
            receipt = gate.receipt(envelope)
            if receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED:
                break
            check(time.time() < until, "it does not take up again: %s" % receipt)
            time.sleep(0.2)
        check(mailbox.outcome(receipt.position).kind == outcome_pb.OUTCOME_KIND_SETTLED, "not settled after the disk had room")


main(disk_full)
