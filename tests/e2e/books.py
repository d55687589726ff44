# SPDX-License-Identifier: Apache-2.0
"""A month in the books from outside, on a trace's clock: bills, statements out of a file, a wrong fen found by the sum tree,
the table disputed and issued, paid, and the ledger held against settlements and journal; hledger, where it is there, agrees."""
import glob
import json
import os
import re
import shutil
import subprocess
import time

from exchange import ROOT, check, main

DEMO = os.path.join(ROOT, "data/demo")


def submit(exchange, day, *paths, stdin=None):
    exchange.run("submit", "--await", "--quiet", "--at", str(day), *paths, stdin=stdin)
    exchange.run("digest")  # answered when every service is there


def events(sender, name, body):
    return json.dumps({"version": 1, "sender": sender, name: body}).encode()


def tick(exchange, day, count=1):
    for number in range(count):
        submit(exchange, day, "-", stdin=events("exchange", "tick", {"number": str(number + 1)}))


def books(exchange, party):
    return exchange.json("mailbox", "--books", "--party", party, "--from", "0")


def last(exchange, party, kind, field, holds, what):
    """The newest of this kind in the party's box, once it is as wanted: the books are in no hurry."""
    until = time.time() + 10
    while True:
        found = [record[field] for record in books(exchange, party) if record["kind"] == "BOOKS_KIND_" + kind]
        if found and holds(found[-1]):
            return found[-1]
        check(time.time() < until, "%s: %s" % (what, found[-1:]))
        time.sleep(0.05)


def take_in(exchange):
    policies = exchange.run("policy", "events", *glob.glob(os.path.join(ROOT, "data/policies/*.yaml"))).stdout
    submit(exchange, 20250101, "-", stdin=policies)
    clearing = exchange.run("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml")).stdout
    submit(exchange, 20250101, "-", stdin=clearing)
    for name in ("institutions.120000", "enrolments.110000"):
        submit(exchange, 20250102, os.path.join(DEMO, name + ".json"))
    submit(exchange, 20250520, os.path.join(DEMO, "bills.120000.json"))


def reconcile(exchange, directory):
    """The rows that the books hold are what both regions state; one fen is wrong at first."""
    path = os.path.join(directory, "may.csv")
    rows = exchange.run("clearing", "rows", "2025-05", "--insured", "110000", "--care", "120000", "--open").stdout.decode()
    lines = rows.splitlines()
    check(len(lines) > 5, "bills are open: %s" % rows)
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    exchange.run("reconcile", "--side", "care", "--region", "120000", path)
    columns = lines[2].split(",")
    columns[9] = "%.2f" % (float(columns[9]) + 0.01)
    wrong = os.path.join(directory, "wrong.csv")
    with open(wrong, "w") as file:
        file.write("\n".join(lines[:2] + [",".join(columns)] + lines[3:]) + "\n")
    found = exchange.json("reconcile", "--side", "care", "--region", "120000", wrong, codes=(1,))
    check([each["number"] for each in found] == [int(columns[0])], "the wrong fen is found: %s" % found)
    submit(exchange, 20250521, "-", stdin=exchange.run("reconcile", "--side", "insured", "--region", "110000", "--events", wrong).stdout)
    last(exchange, "110000", "STATEMENT", "statement",
         lambda result: [each["name"] for each in result.get("differences", [])] == ["DIFFERENCE_ONE_FEN"], "named")
    for side, party in (("care", "120000"), ("insured", "110000")):
        statement = exchange.run("reconcile", "--side", side, "--region", party, "--events", path).stdout
        submit(exchange, 20250522, "-", stdin=statement)
    return len(lines) - 1, int(columns[0])


def clear(exchange, count, disputed):
    tick(exchange, 20250621, 3)
    last(exchange, "110000", "CLEARING_TABLE", "clearingTable",
         lambda table: table["countPositive"] == count and table["state"] == "CLEARING_STATE_GENERATED", "generated")
    reply = {"month": 202505, "insuredRegion": "110000", "careRegion": "120000", "action": "CLEARING_ACTION_DISPUTE",
             "numbers": [str(disputed)]}
    submit(exchange, 20250622, "-", stdin=events("110000", "clearingReply", reply))
    tick(exchange, 20250626, 6)
    table = last(exchange, "120000", "CLEARING_TABLE", "clearingTable",
                 lambda table: table["state"] == "CLEARING_STATE_ISSUED" and table["countPositive"] == count - 1, "issued")
    notice = last(exchange, "120000", "PAYMENT_NOTICE", "payment",
                  lambda notice: notice["payer"] == "110000" and notice["amountFen"] == table["amountFen"], "notified")
    for party in ("110000", "120000"):
        payment = {"month": 202505, "payer": "110000", "payee": "120000", "amountFen": notice["amountFen"], "paidOn": 20250708}
        submit(exchange, 20250708, "-", stdin=events(party, "payment", payment))
    last(exchange, "110000", "PAYMENT", "payment", lambda payment: payment["state"] == "PAYMENT_STATE_CONFIRMED", "confirmed")
    check(not books(exchange, "130000") or all("clearingTable" not in each for each in books(exchange, "130000")),
          "a third region sees no table")
    nets = exchange.json("clearing", "show", "2025-05")[0]["nets"]["nets"]
    check(sum(int(each.get("netFen", 0)) for each in nets) == 0, "the nets add up to zero")
    shown = exchange.run("clearing", "show", "2025-05", "--language", "en").stdout.decode()
    check(re.search("Beijing +Tianjin +issued", shown), "shown: %s" % shown)


def paged(exchange, *words):
    """All rows of a list, two at a time, each page from where the one before ended."""
    rows, key = [], None
    while True:
        *page, last = exchange.json(*words, "--limit", "2", *(["--from", key] if key else [])) or [{}]
        if list(last) != ["next"]:
            return rows + page + ([last] if last else [])
        check(len(page) <= 2, "a page of two: %s" % page)
        rows, key = rows + page, last["next"]


def looked_at(exchange, disputed):
    """What the console's screens ask: months, replies, pages, versions of policies, published tables."""
    month = exchange.json("clearing", "months", "2025-05")[0]
    check(month["state"] == "CLEARING_STATE_ISSUED" and month["disputedCount"] == 1 and month["paymentsConfirmed"] == month["payments"] == 1,
          "the month is paid: %s" % month)
    check(exchange.json("--as", "130000", "clearing", "months", "2025-05")[0].get("count", 0) == 0, "a third region sees no sums")
    reply = exchange.json("clearing", "replies", "2025-05")
    check([(each["region"], each["numbers"]) for each in reply] == [("110000", [str(disputed)])], "the dispute holds: %s" % reply)
    for words in (("clearing", "rows", "2025-05"), ("reference", "list", "areas"), ("reference", "list", "calendar", "--year", "2025"),
                  ("clearing", "institutions"), ("clearing", "supervision", "2025-05")):
        check(paged(exchange, *words) == exchange.json(*words), "pages are the list: %s" % (words,))
    check(b"--from" in exchange.run("clearing", "rows", "2025-05", "--from", "0g", codes=(2,)).stderr, "no page's end")
    sheet, text = exchange.json("clearing", "print", "2025-05")[0], exchange.run("clearing", "print", "2025-05", "--language", "zh").stdout.decode()
    check(sheet["tableSums"]["amountFen"] == sum(int(each["amountFen"]) for each in sheet["tables"]), "sums: %s" % sheet)
    check(all(each["amountWords"] in text for each in sheet["payments"]) and sheet["payments"], "payments in words: %s" % text)
    versions = exchange.json("policy", "versions", "110000", "310", "--on", "2022-06-01")
    check([each["state"] for each in versions] == ["in_force", "future"] and versions[0]["lastDay"] == 20221231, "versions: %s" % versions)
    ending = exchange.json("policy", "versions", "--on", "2025-12-01", "--ending", "60")
    check(ending and all(each["daysLeft"] == 30 for each in ending), "what ends: %s" % ending)
    positions = [str(each["position"]) for each in versions]
    check(exchange.json("policy", "show", positions[1])[0]["validFrom"] == versions[1]["validFrom"], "a published policy")
    check(any(each["path"] == "policy.validFrom" for each in exchange.json("policy", "diff", *positions, codes=(1,))), "what two differ in")
    exchange.run("policy", "show", "0", codes=(4,))
    check({each["table"] for each in exchange.json("reference", "list", "tables")} >= {"calendar", "areas", "divisions"}, "published tables")
    exchange.run("reference", "list", "enrolment", codes=(2,))


def boxes(exchange):
    """Each box has a confirmation of its own."""
    exchange.json("--as", "110000", "mailbox", "--books", "--confirm")
    check(exchange.json("--as", "110000", "mailbox", "--books") == [], "the books' box is confirmed")
    check(len(exchange.json("--as", "110000", "mailbox")) > 5, "outcomes are not")
    refused = exchange.run("--as", "130000", "mailbox", "--books", "--party", "110000", codes=(1,))
    check(b"AUT-0003" in refused.stderr, "another's box: %s" % refused.stderr)


def ledger(exchange, disputed):
    exchange.run("ledger", "verify")
    journal = exchange.run("ledger", "entries", "--hledger").stdout
    if shutil.which("hledger") is None:
        return

    def hledger(*words):
        return subprocess.run(["hledger", "-f", "-", *words], input=journal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, LANG="C.UTF-8"), timeout=30)
    done = hledger("check")
    check(done.returncode == 0, "hledger check: %s" % done.stderr.decode())
    balances = dict(line.replace('"', "").split(",") for line in hledger("balance", "--flat", "--no-total", "-O", "csv").stdout.decode().split())
    rows = exchange.run("clearing", "rows", "2025-05", "--insured", "110000", "--care", "120000", "--open").stdout.decode().splitlines()
    row = [line.split(",") for line in rows if line.startswith("%d," % disputed)][0]
    check(row[12] == "OPEN_DISPUTED", "open with its reason: %s" % row)
    owed = float(row[9]) + float(row[10])
    check(abs(float(balances["payable:110000:120000"]) + owed) < 0.001, "what is still owed is the disputed bill: %s" % balances)
    check("clearing:110000" not in balances or float(balances["clearing:110000"]) == 0, "all else is paid: %s" % balances)


def printed(exchange):
    """The statement to be signed: sums of its lines, nets that sum to zero."""
    said = exchange.run("clearing", "print", "2025-05", "--language", "en").stdout.decode()
    table = exchange.json("clearing", "show", "2025-05")[0]["tables"]
    amount = sum(int(each.get("amountFen", 0)) for each in table)
    total = [line for line in said.splitlines() if line.startswith("Sum")]
    check("{:,.2f}".format(amount / 100) in total[0] and total[1].split()[-1] == "0.00", "hutong clearing print: %s" % said)
    check("京津冀异地就医医疗费用清算表    2025年5月" in exchange.run("clearing", "print", "2025-05", "--language", "zh").stdout.decode(), "in Chinese")
    rows = exchange.run("books", "advances", "2025-05", "--csv").stdout.decode().splitlines()[1:]
    advances = exchange.json("clearing", "show", "2025-05")[0]["advances"]
    keys = ("depositsFen", "availableFen", "usedFen", "inTransitFen", "monthClearingFen")
    check([[round(float(cell) * 100) for cell in row.split(",")[2:7]] for row in rows] ==
          [[int(each.get(key, 0)) for key in keys] for each in advances], "advance funds as CSV: %s %s" % (rows, advances))


def tampered(exchange):
    """One fen moved in the books' own store, behind everybody's back: it is found at the start, by the sums of the pages, and the state
    made again. Where the sums are gone too, verify does not trust it. A snapshot takes the store's place first, since all of its rows lie in trees."""
    place, store = os.path.join(exchange.directory, "snapshots"), os.path.join(exchange.directory, "data", "books-0")
    exchange.json("snapshot", place)
    exchange.down()
    shutil.rmtree(store)
    shutil.copytree(glob.glob(os.path.join(place, "books-0-*"))[0], store)
    dump = subprocess.run(["mdb_dump", "-s", "balances", store], stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
    at = dump.index("HEADER=END") + 2
    value = dump[at].strip()
    dump[at] = " %02x%s" % ((int(value[:2], 16) + 1) & 0xff, value[2:])
    subprocess.run(["mdb_load", "-s", "balances", store], input="\n".join(each for each in dump if not each.startswith("db_pagesize")).encode(), check=True)
    tampered_with = store + ".tampered"
    shutil.copytree(store, tampered_with)
    exchange.up()
    check(len(glob.glob(store + ".aside-*")) == 1, "a tampered state was not set aside")
    exchange.run("ledger", "verify")
    exchange.down()
    shutil.rmtree(store)
    os.rename(tampered_with, store)
    os.remove(os.path.join(store, "pages.sums"))
    exchange.up()
    said = exchange.run("ledger", "verify", codes=(1,)).stdout.decode()
    check("state DIFFERS" in said, "a tampered balance: %s" % said)


def month(exchange):
    take_in(exchange)
    count, disputed = reconcile(exchange, exchange.directory)
    clear(exchange, count, disputed)
    looked_at(exchange, disputed)
    boxes(exchange)
    printed(exchange)
    ledger(exchange, disputed)
    exchange.kill("books")
    exchange.up_again()
    exchange.run("ledger", "verify")
    tampered(exchange)


main(month, "books", trace_clock=True)
