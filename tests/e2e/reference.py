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
    for part in ("policy 110000 310 from 20010401, published at position", "outpatient[5].bands[0].ratio [M]",
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


def reference(exchange):
    policies = sorted(os.path.join(ROOT, "data/policies", each) for each in os.listdir(os.path.join(ROOT, "data/policies")))
    events = exchange.run("policy", "events", "--sender", "110000", *policies).stdout
    exchange.run("--as", "110000", "submit", "--quiet", "--await", "-", stdin=events)
    exchange.quieten()  # positions are counted
    files(exchange)
    outcome = bills(exchange)
    refund(exchange)
    explanation(exchange, outcome)
    first = load(exchange, "110000", os.path.join(DEMO, "local_care.110000.csv"))[0]
    check(first["applied"] == 1, "local care: %s" % first)
    same_again(exchange)
    exchange.replays_equally()
    exchange.ledger()


main(reference, "reference")
