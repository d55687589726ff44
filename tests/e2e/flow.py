# SPDX-License-Identifier: Apache-2.0
"""What went between the regions from the command line: counted and listed by day, pair, kind; found by number, also by track and explain, refusals too; the
same after audit was made again. Dead letters by cause and by pages; transfers by step and by pages; a bill by the policy that stands on the log."""
import json
import os
import shutil

import console_day
from exchange import check, main, wait
from stranger import bill, connect, envelope_pb, load_demo, outcome_pb

CARE, INSURED = "120000", "110000"


def sent(exchange, **changes):
    gate, mailbox = connect(exchange, CARE)
    outcome = mailbox.outcome(gate.receipt(bill(**changes)).position)
    gate.close()
    mailbox.close()
    return outcome


def cell(exchange):
    cells = [each for each in exchange.json("flow")[0]["cells"] if (each["from"], each["to"]) == (CARE, INSURED)]
    check(len(cells) == 1, "cells: %s" % cells)
    return cells[0]


def reversal_of(exchange, settled):
    text = json.dumps({"version": 1, "sender": CARE, "messageId": "0197f1a2-0000-7000-8000-00000000aaaa", "personId": settled_person(),
                       "billReversal": {"settlementPosition": str(settled.position), "reason": "by mistake"}})
    return [each for each in exchange.json("--as", CARE, "submit", "--await", "-", stdin=text.encode()) if "kind" in each][-1]


def settled_person():
    return envelope_pb.Envelope.FromString(bill(bill_id="x")).person_id


def counted_and_listed(exchange):
    first = sent(exchange, bill_id="FLOW-1")
    check(first.kind == outcome_pb.OUTCOME_KIND_SETTLED, "not settled: %s" % first)
    refused = sent(exchange, bill_id="FLOW-1")  # the number is used up
    check(refused.kind == outcome_pb.OUTCOME_KIND_REFUSED, "not refused: %s" % refused)
    reversal = reversal_of(exchange, first)
    check(reversal["kind"] == "OUTCOME_KIND_REVERSED", "not reversed: %s" % reversal)
    sent(exchange, bill_id="FLOW-2")
    exchange.json("digest", "--wait", "60")
    there = cell(exchange)
    check((there["settled"], there["reversed"], there["refused"]) == (2, 1, 1), "counted: %s" % there)
    check(there["fundFen"] == first.amounts.fund_pay_total_fen, "money: %s" % there)
    rows = exchange.json("flow", "--number", "FLOW-1")
    check([each["position"] for each in rows] == [int(reversal["position"]), refused.position, first.position], "by number: %s" % rows)
    check(rows[1]["rule"]["code"] and rows[0]["amountFen"] == -first.amounts.fund_pay_total_fen and rows[2]["number"] == "FLOW-1", "rows: %s" % rows)
    check(settled_person() not in json.dumps(rows), "a person is shown")
    check([each["position"] for each in exchange.json("flow", "--from", CARE, "--to", INSURED, "--kind", "refused")] == [refused.position], "refusals")
    pages, before = [], "0"
    while True:
        page = exchange.json("flow", "--before", before, "--limit", "1")
        if not page:
            break
        pages, before = pages + page, str(page[0]["position"])
    check([each["position"] for each in pages] == [each["position"] for each in exchange.json("flow", "--limit", "200")], "pages")
    exchange.run("flow", "--number", "FLOW-404", codes=(1,))
    exchange.run("flow", "--from", "140000", codes=(2,))
    exchange.run("flow", "--day", "20250230", codes=(2,))
    return first, refused


def explained(exchange, first, refused):
    said = exchange.json("track", "--number", "FLOW-2")[0]
    check(said["envelope"]["billSettle"]["billId"] == "FLOW-2" and settled_person() not in json.dumps(said), "track: %s" % said)
    steps, amounts = said["explained"]["steps"], {each["name"]: each["fen"] for each in said["explained"]["amounts"]}
    check(len(steps) > 5 and all(each["zh"] and each["en"] for each in steps), "steps: %s" % steps)
    check(amounts["fund_pay_total"] == first.amounts.fund_pay_total_fen and said["explained"]["policy"]["source"], "amounts: %s" % amounts)
    said = exchange.json("track", str(refused.position))[0]
    check(said["findings"] and all(each["remedyZh"] and each["remedyEn"] for each in said["findings"]), "findings: %s" % said)
    check(b"FLOW-2" in exchange.run("explain", "--number", "FLOW-2").stdout, "explain by number")
    exchange.run("track", "--number", "FLOW-404", codes=(1,))
    proof = exchange.json("audit", "prove", str(first.position), "--bare")[0]
    check(proof["proof"].startswith("c2sp.org/tlog-proof@v1\n"), "proof: %s" % proof)


def dead(exchange):
    console_day.dead_letters(exchange, 5)
    exchange.json("digest", "--wait", "60")
    counts = exchange.json("dead", "count")
    check(sorted(each["count"] for each in counts) == [2, 3], "by cause: %s" % counts)
    cause = next(each["cause"] for each in counts if each["count"] == 3)
    listed = exchange.json("dead", "list")
    check(exchange.json("dead", "list", "--from", "1", "--limit", "2") == listed[1:3], "pages")
    check(len(exchange.json("dead", "list", "--cause", cause)) == 3, "of one cause")
    exchange.run("dead", "requeue", "--cause", cause, codes=(2,))
    exchange.run("dead", "requeue", "--cause", "none such", "--reason", "x", codes=(1,))
    check(len(exchange.json("dead", "requeue", "--cause", cause, "--reason", "all of it")) == 3, "a group")
    wait(lambda: {each["cause"]: each["first"] for each in exchange.json("dead", "count")}[cause] > max(each["position"] for each in listed), "not sent again")
    check(len(exchange.json("dead", "drop", "validation", "--cause", cause, "--limit", "2", "--reason", "by hand")) == 2, "dropped")
    check(sum(each["count"] for each in exchange.json("dead", "count")) == 3, "left: %s" % exchange.json("dead", "count"))
    acts = [each["reason"] for each in exchange.json("actions", "--action", "dead requeue")]
    check(acts == ["all of it"] * 3, "the operators' log: %s" % acts)


def transfers(exchange):
    whole = exchange.json("transfer", "list")[0]["transfers"]
    check(len(whole) == 3 and all(int(each["workdaysLeft"]) < 0 for each in whole), "transfers: %s" % whole)
    pages = [exchange.json("transfer", "list", "--from", str(each), "--limit", "1")[0]["transfers"][0]["transferId"] for each in range(3)]
    check(pages == [each["transferId"] for each in whole], "pages: %s" % pages)
    check(len(exchange.json("transfer", "list", "--state", "accepted", "--overdue")[0]["transfers"]) == 2, "by step")
    counts = {(each["state"], each["region"]): (each["running"], each["overdue"]) for each in exchange.json("transfer", "count")}
    check(counts == {("TRANSFER_STATE_APPLIED", CARE): (1, 1), ("TRANSFER_STATE_ACCEPTED", INSURED): (2, 2)}, "counts: %s" % counts)
    check(len(exchange.json("flow", "--number", "T-LATE-2")) == 2, "a transfer by its number")


def calculated(exchange, first):
    from google.protobuf import json_format
    envelope = envelope_pb.Envelope.FromString(bill(bill_id="CALC-1"))
    text = json_format.MessageToJson(envelope).encode()
    said = exchange.json("calc", "--published", "-", stdin=text)[0]
    check(int(said["fundPayTotalFen"]) == first.amounts.fund_pay_total_fen and said["explained"]["policy"]["position"] > 0, "calc: %s" % said)
    envelope.bill_settle.insured_area = "130300"
    exchange.run("calc", "--published", "-", stdin=json_format.MessageToJson(envelope).encode(), codes=(1,))
    envelope.bill_settle.insured_area, envelope.bill_settle.care_kind = "110000", "99"
    findings = exchange.json("calc", "--published", "-", stdin=json_format.MessageToJson(envelope).encode(), codes=(1,))[0]["findings"]
    check(any("care_kind" in each["path"] for each in findings), "findings: %s" % findings)


def made_again(exchange):
    """Audit's state away: the same is counted of the log."""
    before = [exchange.json("flow")[0], exchange.json("flow", "--limit", "200")]
    exchange.down()
    shutil.rmtree(os.path.join(exchange.directory, "data/audit-0"))
    exchange.up()
    exchange.json("digest", "--wait", "60")
    check([exchange.json("flow")[0], exchange.json("flow", "--limit", "200")] == before, "another count after audit was made again")


def flow(exchange):
    exchange.down()
    shutil.rmtree(os.path.join(exchange.directory, "data"))
    console_day.late_transfers(exchange)
    load_demo(exchange)
    first, refused = counted_and_listed(exchange)
    explained(exchange, first, refused)
    transfers(exchange)
    calculated(exchange, first)
    dead(exchange)
    made_again(exchange)


main(flow, "flow")
