# SPDX-License-Identifier: Apache-2.0
"""Reference data out of CSV files, and bills of every kind held to it: a bad row keeps its whole file out, the same file again
changes nothing, the catalogue of the place of care decides, chronic care wants a qualification, and the explanation names the
policy's version and each parameter's source."""
import csv
import json
import os
import uuid

from exchange import ROOT, check, main

DEMO = os.path.join(ROOT, "data/demo")
PERSONS = [row["person_id"] for row in csv.DictReader(open(os.path.join(DEMO, "enrolments.110000.csv")))]
DRUG = {"code": "XC09CAD029A0010101000A1", "level": "01", "unitPriceMicro": "30000000", "quantityE4": "100000", "amountFen": "30000"}
SHARED = {"code": "XA10BHX107A0010102000A2", "level": "02", "unitPriceMicro": "8000000", "quantityE4": "100000", "amountFen": "8000",
          "firstOwnShareBp": 1000, "priceLimitMicro": "7440000"}


def bill(kind, items, institution="H12010100021", person=PERSONS[0], **more):
    total = sum(int(item["amountFen"]) for item in items)
    return {"version": 1, "sender": "120000", "messageId": str(uuid.uuid4()), "personId": person, "billSettle": {
        "billId": "R-%s" % uuid.uuid4().hex[:12], "institution": institution, "insuredArea": "110000", "insuranceType": "310",
        "careKind": kind, "admissionDate": 20250310, "dischargeDate": 20250310, "diagnosis": "I10.x00", "credential": "01",
        "totalFen": str(total), "items": items, **more}}


def settle(exchange, envelope, codes=(0, 1)):
    said = exchange.json("--as", "120000", "submit", "--await", "-", stdin=json.dumps(envelope).encode(), codes=codes)
    return [each for each in said if "kind" in each][-1]


def load(exchange, region, *words, codes=(0,)):
    return exchange.json("--as", region, "reference", "load", *words, codes=codes)


def refused(outcome, rule, path):
    found = [(each["rule"], each["path"]) for each in outcome.get("findings", [])]
    check(outcome["kind"] == "OUTCOME_KIND_REFUSED" and (rule, "bill_settle." + path) in found, "%s %s: %s" % (rule, path, outcome))


def files(exchange):
    for name, region in (("institutions", "120000"), ("catalogue", "120000"), ("enrolments", "110000"), ("filings", "110000"),
                         ("qualifications", "110000")):
        path = os.path.join(DEMO, "%s.%s.csv" % (name, region))
        first = load(exchange, region, path)[0]
        check(first["bad"] == 0 and first["applied"] == first["good"] > 0, "%s: %s" % (name, first))
        end = exchange.position()
        check(load(exchange, region, path)[0]["applied"] == first["applied"], "the same file again: %s" % name)
        check(exchange.position() == end, "the same file again was taken anew: %s" % name)
    bad = os.path.join(exchange.directory, "bad.csv")
    good = open(os.path.join(DEMO, "catalogue.120000.csv")).read()
    with open(bad, "w") as file:
        file.write("\ufeff" + good.replace("01,,,,,2024-01-01,", "01,,,,,2023-01-01,").replace(",02,5,", ",02,105,").replace("\n", "\r\n"))
    end = exchange.position()
    done = exchange.run("--as", "120000", "reference", "load", bad, codes=(4,))
    check("bad.csv:5: first_own_share: REF-0007" in done.stderr.decode(), "line and column: %s" % done.stderr.decode())
    check(exchange.position() == end, "something of a bad file was loaded")
    check(load(exchange, "120000", "--skip-bad", bad)[0]["applied"] == 5, "--skip-bad")
    load(exchange, "130000", os.path.join(DEMO, "catalogue.120000.csv"), codes=(4,))  # another region's


def bills(exchange):
    outcome = settle(exchange, bill("21", [DRUG, SHARED]))
    amounts = outcome["amounts"]
    check((amounts["aboveLimitFen"], amounts["firstOwnShareFen"], amounts["inScopeFen"]) == ("560", "744", "36696"), "%s" % amounts)
    refused(settle(exchange, bill("21", [dict(DRUG, code="XC09CAD029A0010101000A9")])), 409, "items[0].code")
    refused(settle(exchange, bill("21", [dict(DRUG, level="03")])), 410, "items[0].level")
    refused(settle(exchange, bill("21", [dict(SHARED, firstOwnShareBp=0)])), 411, "items[0].first_own_share_bp")
    refused(settle(exchange, bill("21", [dict(SHARED, priceLimitMicro="7450000")])), 412, "items[0].price_limit_micro")
    refused(settle(exchange, bill("14", [DRUG])), 528, "special_disease")
    refused(settle(exchange, bill("14", [DRUG], specialDisease="M07800")), 605, "special_disease")
    for kind, institution in (("11", "H12010100021"), ("13", "H12010100021"), ("41", "P12010100031"), ("51", "H12010100021"),
                              ("52", "H12010100021"), ("24", "H12010100021")):
        outcome = settle(exchange, bill(kind, [DRUG], institution))
        check(outcome["kind"] == "OUTCOME_KIND_SETTLED", "care kind %s: %s" % (kind, outcome))
    outcome = settle(exchange, bill("14", [dict(DRUG, quantityE4="1000000", amountFen="300000")], specialDisease="M03900"))
    check(outcome["amounts"]["poolPayFen"] == "144500", "chronic: (3,000 - 1,300) x 85 %%: %s" % outcome["amounts"])
    return outcome


def refund(exchange):
    """A partial refund is one message: the old settlement is taken back, the smaller one stands."""
    first = settle(exchange, bill("11", [dict(DRUG, quantityE4="1000000", amountFen="300000")], person=PERSONS[1]))
    smaller = bill("11", [DRUG], person=PERSONS[1], replacesSettlement=first["position"])
    outcome = settle(exchange, smaller)
    check(outcome["kind"] == "OUTCOME_KIND_SETTLED" and outcome["originalPosition"] == first["position"], "%s" % outcome)
    check(int(outcome["reversed"]["totalFen"]) == -300000 and outcome["amounts"]["totalFen"] == "30000", "%s" % outcome)
    check(sum(int(each["amountFen"]) for each in outcome.get("postings", [])) == 0, "the entry does not sum to zero")


def explanation(exchange, outcome):
    said = exchange.run("explain", "--language", "en", str(outcome["position"])).stdout.decode()
    for part in ("policy 110000 310 from 20230101, published at position", "outpatient[5].bands[0].ratio [M]",
                 "outpatient[5].deductible [M]", "1300.00 -           0.00", "1700.00 ×        85.00 % =        1445.00  band 1 (1300.00 to 3000.00)"):
        check(part in said, "explain lacks %s: %s" % (part, said))
    said = exchange.run("--as", "120000", "explain", "--language", "zh", str(outcome["position"])).stdout.decode()
    check("待遇政策 110000 310" in said, "a region's own explain: %s" % said)


def same_again(exchange):
    """F01: what was sent is sent again: the same receipts, the documented way out of exit code 3."""
    policies = [os.path.join(ROOT, "data/policies/110000-%s.yaml" % kind) for kind in ("310", "390")]
    receipts = []
    for _ in range(2):
        events = exchange.run("policy", "events", "--sender", "110000", *policies).stdout
        said = exchange.json("--as", "110000", "submit", "-", stdin=events)
        for region, name in (("120000", "institutions"), ("110000", "enrolments"), ("120000", "bills")):
            said += exchange.json("--as", region, "submit", os.path.join(DEMO, "%s.%s.json" % (name, region)))
        receipts.append([(each["messageId"], each["receipt"], each["position"]) for each in said if "receipt" in each])
    check(receipts[0] == receipts[1] and all(each[1] == "accepted" for each in receipts[0]), "F01 sent again: %s" % receipts)


def rows_file(exchange, name, *rows):
    path = os.path.join(exchange.directory, name)
    with open(path, "w") as file:
        file.write("person_id,area,insurance_type,category,effective_date\n" + "".join("%s,110000,310,%s,%s\n" % (PERSONS[1], *row) for row in rows))
    return path


def stated_again(exchange):
    """F09: what was stated before and changed since is not done by stating it again; neither is a policy, nor a bill that was taken back."""
    a, b = (rows_file(exchange, "F09-%s.csv" % each, (each, "2023-05-01")) for each in ("1101", "1201"))
    said = load(exchange, "110000", a)[0]
    check((said["applied"], said["already"]) == (1, 0), "F09: %s" % said)
    said = load(exchange, "110000", a)[0]
    check((said["applied"], said["already"]) == (1, 1), "F09, as it stands: %s" % said)
    load(exchange, "110000", b)
    done = exchange.run("--json", "--as", "110000", "reference", "load", a, codes=(1,))
    check(json.loads(done.stdout)["applied"] == 0 and "F09-1101.csv:2: REF-0025" in done.stderr.decode(), "F09, superseded: %s" % done)
    said = load(exchange, "110000", "--batch", "F09", a)[0]
    check((said["applied"], said["already"]) == (1, 0), "F09, anew: %s" % said)
    load(exchange, "110000", b, codes=(1,))
    both = rows_file(exchange, "both.csv", ("1101", "2023-06-01"), ("1201", "2023-06-01"))
    for already in (0, 2):
        said = load(exchange, "110000", both)[0]
        check((said["applied"], said["already"]) == (2, already), "one file states a row twice, and again: %s" % said)
    policy = open(os.path.join(ROOT, "data/policies/110000-510.yaml")).read()
    codes = []
    for cap in ("100000", "110000", "100000"):
        path = os.path.join(exchange.directory, "F09.yaml")
        with open(path, "w") as file:
            file.write(policy.replace('pool_cap: "100000"', 'pool_cap: "%s"' % cap).replace("2020-01-01", "2019-01-01"))
        events = exchange.run("policy", "events", path).stdout
        codes.append(exchange.run("--as", "110000", "submit", "--await", "-", stdin=events, codes=(0, 1)))
    check([each.returncode for each in codes] == [0, 0, 1] and b"REF-0025" in codes[2].stderr, "a policy: %s" % codes)
    paid = bill("11", [DRUG])
    outcome = settle(exchange, paid, codes=(0,))
    settle(exchange, paid, codes=(0,))
    back = {"version": 1, "sender": "120000", "messageId": str(uuid.uuid4()), "personId": paid["personId"],
            "billReversal": {"settlementPosition": outcome["position"], "reason": "F09"}}
    exchange.run("--as", "120000", "submit", "--await", "-", stdin=json.dumps(back).encode())
    done = exchange.run("--as", "120000", "submit", "--await", "-", stdin=json.dumps(paid).encode(), codes=(1,))
    check(b"BIL-0037" in done.stderr, "a bill that was taken back: %s" % done)


def versions(exchange):
    """`policy check` tells an earlier version from an overlap, and both from a gap."""
    text = open(os.path.join(ROOT, "data/policies/120000-310.yaml")).read()

    def checked(*periods):
        paths = []
        for at, (begins, ends) in enumerate(periods):
            paths.append(os.path.join(exchange.directory, "version-%d.yaml" % at))
            with open(paths[-1], "w") as file:
                kept = [line for line in text.splitlines(True) if not line.startswith(("valid_from", "valid_to"))]
                file.write("".join(kept) + 'valid_from: "%s"\n' % begins + ('valid_to: "%s"\n' % ends if ends else ""))
        done = exchange.run("policy", "check", *paths, codes=(0, 4))
        return done.returncode, (done.stdout + done.stderr).decode()

    for periods, code, word in (((("2020-01-01", None), ("2025-01-01", None)), 0, "an earlier version, until"),
                                ((("2020-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31")), 0, "an earlier version, until"),
                                ((("2020-01-01", "2025-06-30"), ("2025-01-01", None)), 4, "an overlap"),
                                ((("2025-01-01", None), ("2025-01-01", None)), 4, "an overlap"),
                                ((("2020-01-01", "2023-12-31"), ("2025-01-01", None)), 4, "a gap")):
        said = checked(*periods)
        check(said[0] == code and word in said[1], "%s: %s" % (periods, said))


def reference(exchange):
    policies = sorted(os.path.join(ROOT, "data/policies", each) for each in os.listdir(os.path.join(ROOT, "data/policies")))
    events = exchange.run("policy", "events", "--sender", "110000", *policies).stdout
    exchange.run("--as", "110000", "submit", "--quiet", "--await", "-", stdin=events)
    exchange.quieten()  # positions are counted
    versions(exchange)
    files(exchange)
    outcome = bills(exchange)
    refund(exchange)
    explanation(exchange, outcome)
    first = load(exchange, "110000", os.path.join(DEMO, "local_care.110000.csv"))[0]
    check(first["applied"] == 1, "local care: %s" % first)
    same_again(exchange)
    stated_again(exchange)
    exchange.replays_equally()
    exchange.ledger()


main(reference, "reference")
