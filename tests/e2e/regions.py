# SPDX-License-Identifier: Apache-2.0
"""What a region learns of the books over its own connection: its own rows, state of reconciliation, accounts; the sum tree from
both sides; and what it does not learn. A client that asks by the protocol alone, and the tool."""
import os
import signal
import threading
import time

import stranger
from books import reconcile, submit, take_in, events, last
from exchange import check, main, wait

DAY = "2025-05-20"


def ask(exchange, party, **question):
    """BooksAnswer, or the code of its refusal."""
    gate, mailbox = stranger.connect(exchange, party)
    request = mailbox.request()
    for name, fields in question.items():
        if name == "viewer":
            request.books_query.viewer = fields
            continue
        getattr(request.books_query, name).SetInParent()
        for field, value in fields.items():
            setattr(getattr(request.books_query, name), field, value)
    reply = mailbox.ask(request, timeout_ms=10000, patience_ms=5000)
    check(reply is not None, "no answer")
    return reply.refusal.code if reply.HasField("refusal") else reply.books_answer


def rows_of(exchange, party, codes=(0,)):
    return exchange.run("--as", party, "clearing", "rows", "2025-05", "--insured", "110000", "--care", "120000", "--open", codes=codes)


def own_rows(exchange):
    whole = exchange.run("clearing", "rows", "2025-05", "--insured", "110000", "--care", "120000", "--open").stdout
    check(whole.count(b"\n") > 5, "bills are open")
    for party in ("110000", "120000"):
        check(rows_of(exchange, party).stdout == whole, "%s sees the same" % party)
    refused = rows_of(exchange, "130000", codes=(1,))
    check(b"AUT-0007" in refused.stderr, "a third region: %s" % refused.stderr)


def paged(exchange):
    """Pages of three are the same rows, each once."""
    numbers, after = [], b""
    count = rows_of(exchange, "110000").stdout.count(b"\n") - 1
    while True:
        answer = ask(exchange, "110000", rows={"month": 202505, "insured_region": "110000", "care_region": "120000", "open": True,
                                               "count_max": 3, "after": after})
        numbers += [row.number for row in answer.rows]
        after = answer.next
        if not after:
            break
        check(len(answer.rows) <= 3, "a page of three")
    check(len(numbers) == count and len(set(numbers)) == count, "pages: %s" % numbers)


def what_is_refused(exchange):
    pair = {"month": 202505, "insured_region": "110000", "care_region": "120000", "open": True}
    check(ask(exchange, "130000", rows=pair) == "AUT-0007", "another pair's rows")
    check(ask(exchange, "130000", rows=pair, viewer="110000") == "AUT-0007", "as if it were another")
    check(ask(exchange, "130000", tree={"side": 2, "region": "110000"}) == "AUT-0007", "another's rows by the tree")
    check(ask(exchange, "130000", rows=dict(pair, insured_region="999999")) == "BOK-0017", "a region that is none")
    check(ask(exchange, "130000", clearing={"month": 202513}) == "BOK-0017", "a month that is none")
    check(ask(exchange, "130000", reconciliation={"from_day": 20250230, "to_day": 20250301}) == "BOK-0017", "a day that is none")
    seen = ask(exchange, "130000", clearing={"month": 202505})
    check(len(seen.tables) == 0 and all("130000" in (each.insured_region, each.care_region) for each in seen.advances),
          "a third region sees its own pairs: %s" % seen)
    accounts = [each.account for each in ask(exchange, "130000", balances={}).balances]
    check(accounts == [], "accounts of others: %s" % accounts)
    gate, mailbox = stranger.connect(exchange, "110000")
    request = gate.request()
    request.books_query.balances.SetInParent()
    check(gate.ask(request).refusal.code == "AUT-0004", "the gate is no place to ask")


def accounts(exchange):
    """Beijing sees its expenditure, not what Tianjin owes its hospital; Tianjin the other way round."""
    seen = {party: {each.account: each.amount_fen for each in ask(exchange, party, balances={}).balances} for party in ("110000", "120000")}
    check("payable:110000:120000" in seen["110000"] and "payable:110000:120000" in seen["120000"], "the pair's account is both's")
    check(any(name.startswith("fund:110000") for name in seen["110000"]) and not any(name.startswith("fund:") for name in seen["120000"]),
          "expenditure: %s" % seen)
    check(any(name.startswith("institution:H12") for name in seen["120000"]) and
          not any(name.startswith("institution:") for name in seen["110000"]), "institutions: %s" % seen)
    said = exchange.run("ledger", "balances", "--language", "en").stdout.decode()
    check("sum 0.00" in said and "Beijing: debit" in said, "balances: %s" % said)


def reconciliation(exchange, count):
    """A row that only Beijing has is seen by both sides, until Beijing states the day without it."""
    lines = ask(exchange, "120000", reconciliation={"from_day": 20250520, "to_day": 20250520}).reconciliation
    check(sum(each.bills for each in lines) == count and all(each.care_matched == each.insured_matched == each.bills for each in lines),
          "both agree on all: %s" % lines)
    institution = lines[0].institution
    statement = {"day": 20250520, "institution": institution, "side": "STATEMENT_SIDE_INSURED", "detailed": True, "rows": [
        {"number": "777777", "billId": "GHOST", "insuredArea": "110000", "insuranceType": "310", "clearingType": "21", "totalFen": "100",
         "fundFen": "60", "accountFen": "0"}]}
    submit(exchange, 20250523, "-", stdin=events("110000", "statement", statement))
    last(exchange, "120000", "STATEMENT", "statement", lambda result: any(each["name"] == "DIFFERENCE_EXTRA" for each in result.get("differences", [])), "told")
    for party in ("110000", "120000"):
        theirs = ask(exchange, party, reconciliation={"from_day": 20250501, "to_day": 20250531, "only_theirs": True}).only_theirs
        check([(each.number, each.bill_id, each.stated_on, each.region) for each in theirs] == [(777777, "GHOST", 20250523, "110000")], "only theirs: %s" % theirs)
    line = [each for each in ask(exchange, "110000", reconciliation={"from_day": 20250520, "to_day": 20250520}).reconciliation
            if each.institution == institution][0]
    check(line.insured_only == 1 and line.insured_differs == line.bills == line.open and line.care_matched == line.bills, "three-way: %s" % line)
    check(len(ask(exchange, "130000", reconciliation={"from_day": 20250501, "to_day": 20250531, "only_theirs": True}).only_theirs) == 0, "not a third's")
    aging = ask(exchange, "110000", aging={"on_day": 20250720}).aging
    check([(each.open_reason_name, each.count, each.age_from, each.oldest) for each in aging] == [("OPEN_DIFFERS", line.bills, 61, 20250520)], "aging: %s" % aging)
    shown = exchange.run("--as", "120000", "books", "reconciliation", DAY, "--language", "en").stdout.decode()
    check("insured differs" in shown and institution in shown, shown)
    check("GHOST" in exchange.run("books", "theirs", DAY, "--csv").stdout.decode(), "theirs")
    check("对账不符" in exchange.run("books", "aging", "--on", "2025-07-20", "--language", "zh").stdout.decode(), "aging")
    path = os.path.join(exchange.directory, "may.csv")
    submit(exchange, 20250524, "-", stdin=exchange.run("reconcile", "--side", "insured", "--region", "110000", "--totals", path).stdout)
    wait(lambda: not ask(exchange, "110000", aging={"on_day": 20250720}).aging, "nothing is open any more", 10)
    check(len(ask(exchange, "110000", reconciliation={"from_day": 20250501, "to_day": 20250531, "only_theirs": True}).only_theirs) == 0, "totals that agree leave no ghost")


def bad_lines(exchange):
    path = os.path.join(exchange.directory, "bad.csv")
    with open(path, "w") as file:
        file.write("day,number,institution,bill_id,insured_area,insurance_type,clearing_type,total,fund\n"
                   "2025-05-20,5,H12010199001,A,110000,310,21,1.00,0.50\n"
                   "2025-05-32,6,H12010199001,B,110000,310,21,1.00,0.50\n"
                   '2025-05-20,7,H1201,"C",110000,310,21,1.005,0.50\n'
                   "2025-05-20,8,H12010199001,D,110000,310,21,1.00\n")
    said = exchange.run("reconcile", "--side", "care", "--region", "120000", path, codes=(4,)).stderr.decode()
    for wanted in ("bad.csv:3: day", "bad.csv:4: institution", "bad.csv:4: total", "found 1.005", "bad.csv:5: fund"):
        check(wanted in said, "%s is not said: %s" % (wanted, said))


def by_the_tree(exchange):
    """Each region finds its own wrong fen over its own connection."""
    path = os.path.join(exchange.directory, "may.csv")
    wrong = os.path.join(exchange.directory, "wrong.csv")
    for party, side in (("120000", "care"), ("110000", "insured")):
        exchange.run("--as", party, "reconcile", "--side", side, "--region", party, path)
        found = exchange.json("--as", party, "reconcile", "--side", side, "--region", party, wrong, codes=(1,))
        check(len(found) == 1 and found[0]["difference"] == "differs", "%s: %s" % (party, found))
    refused = exchange.run("--as", "130000", "reconcile", "--side", "care", "--region", "120000", path, codes=(1,))
    check(b"AUT-0007" in refused.stderr, "another's tree: %s" % refused.stderr)


def books_away(exchange):
    """A daemon that dies with a question in its hands: whoever comes after it is asked again, by the exchange and by the tool."""
    for ask_it in (lambda: ask(exchange, "110000", clearing={"month": 202505}), lambda: exchange.run("digest")):
        answers = []
        pid = exchange.pid("books")
        os.kill(pid, signal.SIGSTOP)
        asking = threading.Thread(target=lambda: answers.append(ask_it()))
        asking.start()
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        asking.join(20)
        check(len(answers) == 1 and answers[0] != "SYS-0001", "a question that the books died with: %s" % answers)
        exchange.up_again()
    check(len(ask(exchange, "110000", clearing={"month": 202505}).tables) == 1, "and after")


def regions(exchange):
    take_in(exchange)
    own_rows(exchange)
    paged(exchange)
    what_is_refused(exchange)
    accounts(exchange)
    count, _ = reconcile(exchange, exchange.directory)
    bad_lines(exchange)
    by_the_tree(exchange)
    reconciliation(exchange, count)
    books_away(exchange)
    exchange.run("ledger", "verify")


main(regions, "regions", trace_clock=True)
