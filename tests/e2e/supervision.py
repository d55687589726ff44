# SPDX-License-Identifier: Apache-2.0
"""Joint supervision from outside, on a trace's clock: an institution is suspended with a reason, which all three books' boxes have once; who
is suspended is asked of the books; a month's report prints in both languages, and as CSV and JSON; a flag blocked no bill."""
import csv
import io
import json
import os
import re
import uuid

from exchange import REGIONS, ROOT, check, main, wait

DEMO = os.path.join(ROOT, "data/demo")
HOSPITAL, PHARMACY, REASON = "H12010199001", "P12010100031", "分解住院, \"重复\"收费"


def submit(exchange, day, *paths, stdin=None, codes=(0,)):
    said = exchange.json("submit", "--await", "--at", str(day), *paths, stdin=stdin, codes=codes)
    exchange.run("digest")  # answered when every service is there
    return said


def event(sender, name, body, **more):
    return json.dumps({"version": 1, "sender": sender, "messageId": str(uuid.uuid4()), name: body, **more}).encode()


def status(code, name, word, day, reason):
    return event("120000", "institution", {"code": code, "name": name, "area": "120000", "level": 3 if code[0] == "H" else 1,
                                           "status": "INSTITUTION_STATUS_" + word, "effectiveDate": day, "reason": reason})


def told(exchange, party):
    return [each["institution"] for each in exchange.json("mailbox", "--books", "--party", party, "--from", "0")
            if each["kind"] == "BOOKS_KIND_INSTITUTION"]


def take_in(exchange):
    for words in (("policy", "events", os.path.join(ROOT, "data/policies/110000-310.yaml")),
                  ("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml"))):
        submit(exchange, 20250101, "-", stdin=exchange.run(*words).stdout)
    for name in ("institutions.120000", "enrolments.110000"):
        submit(exchange, 20250102, os.path.join(DEMO, name + ".json"))
    submit(exchange, 20250520, os.path.join(DEMO, "bills.120000.json"), codes=(0, 1))
    with open(os.path.join(DEMO, "bills.120000.json")) as file:
        again = json.load(file)[4]
    again["messageId"], again["billSettle"]["billId"] = str(uuid.uuid4()), "DEMO-5-AGAIN"
    outcome = submit(exchange, 20250520, "-", stdin=json.dumps(again).encode())[-1]
    check(outcome["kind"] == "OUTCOME_KIND_SETTLED", "what will be flagged is settled all the same: %s" % outcome)


def suspend(exchange):
    refused = submit(exchange, 20250521, "-", stdin=status(HOSPITAL, "天津示范医院", "SUSPENDED", 20250521, ""), codes=(1,))[-1]
    check([(each["rule"], each["path"]) for each in refused["findings"]] == [(415, "institution.reason")], "no reason: %s" % refused)
    for _ in range(2):  # stated again it is no news
        submit(exchange, 20250521, "-", stdin=status(HOSPITAL, "天津示范医院", "SUSPENDED", 20250521, REASON))
    submit(exchange, 20250521, "-", stdin=status(PHARMACY, "天津同心大药房, 南京路店", "ACTIVE", 20240101, ""))
    wait(lambda: all(len(told(exchange, party)) == 1 for party in REGIONS), "told once", 10)
    for party in REGIONS:
        check(told(exchange, party) == [{"code": HOSPITAL, "name": "天津示范医院", "area": "120000", "status": "INSTITUTION_STATUS_SUSPENDED",
                                         "effectiveDate": 20250521, "reason": REASON, "previousStatus": "INSTITUTION_STATUS_ACTIVE"}],
              "%s is told: %s" % (party, told(exchange, party)))


def from_a_file(exchange):
    """A suspension in a file of reference data states its reason too."""
    path = os.path.join(exchange.directory, "institutions.csv")
    for reason, code in (("", 4), ('"超标准收费, 整改中"', 0)):
        with open(path, "w") as file:
            file.write("code,name,area,level,status,effective_date,reason\n%s,天津示范医院,120000,3,suspended,2025-06-01,%s\n" % (HOSPITAL, reason))
        done = exchange.run("--as", "120000", "reference", "load", "--dry-run", path, codes=(code,))
        check(code == 0 or ":2: reason: REF-0015" in done.stderr.decode(), "by its column: %s" % done.stderr.decode())


def read_csv(exchange, *words):
    rows = list(csv.reader(io.StringIO(exchange.run(*words, "--csv").stdout.decode(), newline="")))
    check(all(len(row) == len(rows[0]) for row in rows), "CSV: %s" % rows)
    return rows


def listed(exchange):
    check([each["code"] for each in exchange.json("clearing", "institutions")] == [HOSPITAL, PHARMACY], "all of them")
    check([each["reason"] for each in exchange.json("clearing", "institutions", "--not-active")] == [REASON], "the suspended")
    rows = read_csv(exchange, "clearing", "institutions", "--language", "en")
    check(rows == [["institution", "name", "area", "status", "since", "reason"],
                   [HOSPITAL, "天津示范医院", "120000", "suspended", "2025-05-21", REASON],
                   [PHARMACY, "天津同心大药房, 南京路店", "120000", "active", "2024-01-01", ""]], "%s" % rows)
    check(re.search("中止 +2025-05-21", exchange.run("clearing", "institutions", "--not-active", "--language", "zh").stdout.decode()), "in Chinese, aligned")


def reported(exchange):
    figures = exchange.json("clearing", "supervision", "2025-05", "--flagged")
    check([(each["institution"], each["status"], each["reason"]) for each in figures] ==
          [(HOSPITAL, "INSTITUTION_STATUS_SUSPENDED", REASON)], "%s" % figures)
    check(figures[0]["unusual"] == ["overlapping stays", "same-day duplicates"], "%s" % figures)
    rows = read_csv(exchange, "clearing", "supervision", "2025-05", "--language", "zh")
    row = dict(zip(rows[0], rows[1]))
    check((row["机构代码"], row["结算笔数"], row["标记"], row["状态"], row["状态起始日"], row["原因"]) ==
          (HOSPITAL, str(figures[0]["settled"]), "住院重叠;同日重复票据", "中止", "2025-05-21", REASON), "%s" % row)
    check(len(read_csv(exchange, "clearing", "supervision", "2025-04", "--flagged")) == 1, "another month has a heading only")
    for language, words in (("zh", ("京津冀定点医药机构联合监管月报    2025年5月", "一、有标记的机构", "二、全部机构",
                                    "标记:住院重叠;同日重复票据    中止 2025-05-21:" + REASON, "不影响任何结算")),
                            ("en", ("Supervision of designated institutions 2025-05", "1. Institutions with a flag", "2. All institutions",
                                    "flags: overlapping stays; same-day duplicates    suspended 2025-05-21: " + REASON, "blocks no settlement"))):
        said = exchange.run("clearing", "supervision", "2025-05", "--print", "--language", language).stdout.decode()
        at = [said.find(word) for word in words]
        check(-1 not in at and at[:3] == sorted(at[:3]), "the report in %s: %s" % (language, said))
    flagged = exchange.run("clearing", "supervision", "2025-05", "--print", "--flagged", "--language", "en").stdout.decode()
    check("2. All" not in flagged, "the flagged alone: %s" % flagged)
    check(exchange.run("clearing", "supervision", "may", codes=(2,)).stdout == b"", "no month")


def supervised(exchange):
    take_in(exchange)
    suspend(exchange)
    from_a_file(exchange)
    listed(exchange)
    reported(exchange)


main(supervised, "supervision", trace_clock=True)
