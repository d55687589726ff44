# SPDX-License-Identifier: Apache-2.0
"""Messages by verbs: the envelope is shown and asked for on a terminal; where nobody can be asked nothing is sent; --print is what submit
takes; the same line under the same id is the same message; a refusal is told as submit tells it; letters of a transfer and of a
certificate end to end, each by its own region's key."""
import json
import os
import pty
import subprocess
import time
import uuid

from exchange import check, main
from letters import identity

TODAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
SOON = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86400))
PERSON = identity("11010119850615001")
TRANSFER = ("--person", PERSON, "--scheme", "pension", "--source", "110000", "--target", "120000")
DEPOSIT = ("--as", "110000", "books", "deposit", "--insured", "110000", "--care", "120000", "--amount", "600000.00", "--paid-on", "2025-01-10")


def on_terminal(exchange, answer, *words):
    """What it says and its exit code, with somebody there who answers."""
    master, slave = pty.openpty()
    process = subprocess.Popen(exchange.command(*words), stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(slave)
    os.write(master, answer)
    out, said = process.communicate(timeout=60)
    os.close(master)
    return out.decode(), said.decode(), process.returncode


def letters_of(exchange, *words):
    """Sent without a question: the outcome."""
    said = exchange.json(*words, "--yes", codes=(0, 1))
    return said[-1]


def asked(exchange):
    before = exchange.position()
    refused = exchange.run(*DEPOSIT, codes=(2,), stdin=b"yes\n")
    check(b'"amountFen": "60000000"' in refused.stderr and b"--yes" in refused.stderr, "nobody there: %s" % refused.stderr)
    out, said, code = on_terminal(exchange, b"no\n", *DEPOSIT)
    check(code == 1 and '"paidOn": 20250110' in said and not out, "no: %d %s %s" % (code, out, said))
    check(exchange.position() == before, "something was sent")
    out, said, code = on_terminal(exchange, b"yes\n", *DEPOSIT)
    check(code == 0 and "accepted at" in out and '"advanceDeposit"' in said, "yes: %d %s %s" % (code, out, said))
    check(exchange.position() == before + 1, "one message: %d" % (exchange.position() - before))


def printed(exchange):
    before = exchange.position()
    for compact in ((), ("--json",)):
        envelope = json.loads(exchange.run(*compact, *DEPOSIT, "--print").stdout)
        check(envelope["advanceDeposit"] == {"insuredRegion": "110000", "careRegion": "120000", "amountFen": "60000000", "paidOn": 20250110}
              and envelope["sender"] == "110000", "printed: %s" % envelope)
    check(exchange.position() == before, "printed, and sent")
    done = exchange.json("--as", "110000", "submit", "--await", "-", stdin=json.dumps(envelope).encode())
    check(done[0]["messageId"] == envelope["messageId"] and done[-1]["kind"] == "OUTCOME_KIND_APPLIED", "submitted: %s" % done)


def same_line(exchange):
    words = (*DEPOSIT, "--message-id", str(uuid.uuid4()), "--yes")
    first, second = exchange.json(*words), exchange.json(*words)
    check(first == second, "the same line again: %s %s" % (first, second))
    other = exchange.json(*(each.replace("600000.00", "600000.01") for each in words), codes=(1,))
    check(other[0]["receipt"] == "conflict", "another amount under this id: %s" % other)


def wrong_words(exchange):
    for words, what in ((("books", "pay", "2025-05", "--amount", "723600"), b"1234.50"),
                        (("books", "pay", "2025-5", "--amount", "1.00"), b"2025-03"),
                        (("books", "pay", "2025-05", "--paid-on", "2025-02-30"), b"a day"),
                        (("books", "pay"), b"--help"),
                        (("books", "pay", "2025-05", "--amuont", "1.00"), b"--amuont"),
                        (("investigate", "find", "7", "--verdict", "wrong"), b"wrong-part"),
                        (("investigate", "open", "7"), b"--sender"),
                        (("investigate",), b"usage"),
                        (("transfer", "close", "T-1"), b"--person")):
        done = exchange.run(*words, codes=(2,))
        check(what in done.stderr, "%s: %s" % (words, done.stderr))
    missing = exchange.run("transfer", "information", "T-1", *TRANSFER, "--rows", "nowhere.csv", codes=(4,))
    check(b"nowhere.csv" in missing.stderr, "no such file: %s" % missing.stderr)


def refused(exchange):
    done = exchange.run("--as", "110000", "books", "pay", "2025-05", "--payer", "110000", "--payee", "110000", "--amount", "1.00",
                        "--paid-on", "2025-07-08", "--yes", codes=(1,))
    check(b"BOK-" in done.stdout, "a payment to oneself: %s" % done.stdout)


def transfer(exchange):
    enrolment = {"version": 1, "sender": "120000", "messageId": str(uuid.uuid4()), "personId": PERSON, "enrolment":
                 {"area": "120000", "insuranceType": "110", "category": "1101", "effectiveDate": 20250101}}
    exchange.run("--as", "120000", "submit", "--await", "-", stdin=json.dumps(enrolment).encode())
    rows = os.path.join(exchange.directory, "rows.csv")
    with open(rows, "w") as file:
        file.write("from_month,to_month,months,base\n2004-01,2004-12,12,1000\n200501,200512,12,1100.00\n200601,200606,6,1200\n")
    amounts = ("--contribution-months", "30", "--account-to-last-year", "3348.00", "--account-total", "3348.00", "--pooled-total", "3888.00",
               "--transfer-total", "7236.00", "--rows", rows)
    for region, state, *words in (
            ("120000", "APPLIED", "apply", "--source-type", "110", "--target-type", "110", "--household", "120101"),
            ("120000", "ACCEPTED", "contact", "--office", "天津", "--bank", "中国银行", "--bank-account", "6222000000000001"),
            ("110000", "INFORMATION_SENT", "information", *amounts),
            ("110000", "INFORMATION_SENT", "correct-information", "--reason", "更正", *amounts),
            ("110000", "FUNDS_SENT", "send", "--amount", "7236.00", "--reference", "B-1", "--sent-on", TODAY),
            ("120000", "MATCHED", "receive", "--amount", "7236.00", "--reference", "B-1", "--received-on", TODAY),
            ("120000", "JOINED", "join", "--joined-on", TODAY),
            ("120000", "CONFIRMED", "confirm"),
            ("110000", "CLOSED", "close", "--remark", "办结")):
        done = letters_of(exchange, "--as", region, "transfer", words[0], "T-1", *TRANSFER, *words[1:])
        check(done.get("transfer", {}).get("state") == "TRANSFER_STATE_" + state, "%s: %s" % (words, done))
    shown = exchange.json("transfer", "show", "T-1")[0]["transfers"][0]
    check(shown["joinedFen"] == "723600" and len(shown["history"]) == 9, "shown: %s" % shown)


def certificate(exchange):
    head = ("C-1", "--person", identity("11010119490101001"), "--paying", "110000", "--residence", "131000")
    done = letters_of(exchange, "--as", "110000", "certificate", "request", *head, "--due", SOON, "--monthly-pension", "4000.00")
    check(done["kind"] == "OUTCOME_KIND_APPLIED" or "certification" in done, "asked for: %s" % done)
    done = letters_of(exchange, "--as", "130000", "certificate", "result", *head, "--status", "alive", "--method", "face", "--date", TODAY)
    check(done["certification"]["status"] == "PENSIONER_STATUS_ALIVE", "answered: %s" % done)


def verbs(exchange):
    for part in (asked, printed, same_line, wrong_words, refused, transfer, certificate):
        part(exchange)


main(verbs, "verbs", tick_interval_ms=0)
