# SPDX-License-Identifier: Apache-2.0
"""What neither the tests nor the day say: rules that only odd letters break, and fields that nobody else fills in. Prints histories for
compat_histories --fill:  HUTONG_BIN=.../bin rest.py >OUT"""
import datetime
import hashlib
import json
import os
import subprocess
import sys

from google.protobuf import json_format

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, ".."), os.path.join(HERE, "../../e2e")]
import coverage  # noqa: E402
from exchange import BIN, ROOT  # noqa: E402
from letters import BEIJING, HEBEI, TIANJIN, identity  # noqa: E402
from live import person_hash, record  # noqa: E402

OF = coverage.schema()
LANGFANG = "131000"
CORES = ("validation", "settlement", "audit", "mailbox", "books", "mailbox_books")
TYPES = {"PENSION": "110", "MEDICAL": "310", "UNEMPLOYMENT": "210"}
# 2004 12 x 1000, 2005 12 x 1100, 2006 6 x 1200 yuan.
ROWS = [{"fromMonth": 200401, "toMonth": 200412, "months": 12, "baseFen": "100000"},
        {"fromMonth": 200501, "toMonth": 200512, "months": 12, "baseFen": "110000"},
        {"fromMonth": 200601, "toMonth": 200606, "months": 6, "baseFen": "120000"}]


def somebody(number, birth="19850615"):
    return identity("110101%s%03d" % (birth, 2 * number + 1))


class History:
    def __init__(self, name, day):
        self.day, self.count = day, 0
        sys.stdout.buffer.write(record("H", 1, name.encode()))

    def send(self, sender, name, body, person=None):
        """Accepted at noon of the day; the position."""
        at = datetime.datetime(self.day // 10000, self.day // 100 % 100, self.day % 100, 4, tzinfo=datetime.timezone.utc)
        envelope = {"version": 1, "sender": sender, "messageId": "01950000-0000-7000-8000-%012x" % self.count, "sentAtMs": str(int(at.timestamp()) * 1000 - 1000), name: body}
        if person:
            envelope["personId"] = person
        envelope = json_format.ParseDict(envelope, OF["envelope"].Envelope())
        self.last = OF["outcome"].Submission(accepted_at_ms=int(at.timestamp()) * 1000, person_hash=person_hash(person),
                                             envelope=envelope.SerializeToString(deterministic=True))
        self.put("S", self.last)
        self.count += 1
        return self.count - 1

    def put(self, kind, message):
        sys.stdout.buffer.write(record(kind, 0, message.SerializeToString(deterministic=True) if message else b""))

    def enrol(self, person, area, type, category="1101", **more):
        self.send(area[:2] + "0000", "enrolment", {"area": area, "insuranceType": type, "category": category, "effectiveDate": 20200101, **more}, person)

    def ask(self, core, **body):
        question = {"settlement": OF["transfer"].TransferQuery, "books": OF["books"].BooksQuery}[core](**body).SerializeToString(deterministic=True)
        if core == "settlement":
            question = b"\x82\x03" + bytes([len(question)]) + question
        sys.stdout.buffer.write(record("Q", 0, core.encode() + b"\0" + question) + record("A", 0, b""))

    def end(self):
        for core in CORES:
            sys.stdout.buffer.write(record("D", 0, core.encode() + b"\0"))


class Transfer:
    """From Beijing to Tianjin unless said otherwise; the person is enrolled at the target."""

    def __init__(self, history, number, scheme, source=BEIJING, target=TIANJIN, birth="19850615", enrolled=True, **application):
        self.history, self.id, self.person = history, "X-%d" % number, somebody(number, birth)
        self.scheme, self.source, self.target = scheme, source, target
        type = TYPES[scheme]
        self.application = {"sourceType": type, "targetType": type, "householdDivision": "120101", **application}
        if scheme == "MEDICAL":
            self.application.setdefault("coveredFromMonth", history.day // 100)
        if enrolled and scheme != "UNEMPLOYMENT":
            history.enrol(self.person, target, self.application["targetType"])
        self.letter(target, "application", self.application)

    def letter(self, area, step, body):
        self.history.send(area[:2] + "0000", "transfer", {"transferId": self.id, "scheme": "TRANSFER_SCHEME_" + self.scheme, "sourceArea": self.source,
                                                          "targetArea": self.target, step: body}, self.person)

    def contact(self, office="office"):
        self.letter(self.target, "contactLetter", {"office": office, "bank": "Bank", "bankAccount": "6222000000000001", "telephone": "022-1"})
        return self

    def form(self, step="informationForm", **body):
        form = {"contributionMonths": sum(each.get("months", 0) for each in body.get("rows", ROWS)), "rows": ROWS, **body}
        self.letter(self.source, step, form if step == "informationForm" else {"reason": "as asked", "informationForm": form})
        return self

    def to_the_end(self, amount):
        money = {"amountFen": str(amount), "reference": "B-1"}
        self.letter(self.source, "fundsNotice", dict(money, sentOn=self.history.day))
        self.letter(self.target, "fundsReceipt", dict(money, receivedOn=self.history.day))
        self.letter(self.target, "joining", {"joinedOn": self.history.day})
        self.letter(self.target, "confirmation", {"remark": "joined"})
        self.letter(self.source, "closing", {"remark": "closed"})
        return self


PENSION_SUMS = {"accountToLastYearFen": "334800", "accountTotalFen": "334800", "pooledTotalFen": "388800", "transferTotalFen": "723600"}


def pensions(history):
    Transfer(history, 1, "PENSION", householdDivision="130102", sourceIsTemporary=True)  # sealed
    Transfer(history, 2, "PENSION", enrolled=False)
    old = Transfer(history, 3, "PENSION", birth="19620615", sourceType="170", employeesMonths=180).contact()
    old.form(accountBefore1998Fen="1", accountTotalFen="500000", transferTotalFen="500000")
    Transfer(history, 4, "PENSION").contact().form(rows=[{"fromMonth": 202501, "toMonth": 202501, "months": 1, "baseFen": "100000", "interestFen": "1"}])
    kinds = [dict(ROWS[0], kind="CONTRIBUTION_KIND_FLEXIBLE", unitRateBp=1200, accountRateBp=800, interestFen="100"),
             dict(ROWS[1], kind="CONTRIBUTION_KIND_TEMPORARY", division=130102), dict(ROWS[2], oneOff=True, document="approved 2006-7")]
    Transfer(history, 5, "PENSION", posted=True, womanInManagement=True, rows=ROWS[2:]).contact().form(
        rows=kinds, temporaryAccount=True, accountRunningYearFen="1", **PENSION_SUMS)
    late = [dict(each, oneOff=True, fromMonth=each["fromMonth"] + 100, toMonth=each["toMonth"] + 100) for each in ROWS[1:]]
    for number, more in ((6, {}), (7, {"document": "court"})):
        bought = Transfer(history, number, "PENSION").contact().form(rows=ROWS[:1] + [dict(late[0], fromMonth=200601, toMonth=200612, **more), dict(late[1], **more),
                                                                                      {"fromMonth": 200801, "toMonth": 200812, "months": 12, "baseFen": "1", "oneOff": True, **more},
                                                                                      {"fromMonth": 200901, "toMonth": 200912, "months": 12, "baseFen": "1", "oneOff": True, **more}],
                                                                     **PENSION_SUMS)
        bought.letter(bought.target, "carveOut", {"toldOn": history.day, "reason": "no documents"})
        bought.letter(bought.source, "carveOut", {"toldOn": history.day, "reason": "no documents"})
    Transfer(history, 8, "PENSION").contact().form(**PENSION_SUMS).to_the_end(723600)
    gone = Transfer(history, 9, "PENSION").contact()
    gone.letter(gone.source, "refusal", {"reason": "not here"})
    back = Transfer(history, 10, "PENSION").contact()
    back.letter(back.target, "withdrawal", {"reason": "stays"})
    wrong = Transfer(history, 11, "PENSION").contact().form(**PENSION_SUMS)
    for amount in (1, 723600):
        wrong.letter(wrong.source, "fundsNotice", {"amountFen": str(amount), "reference": "B-1", "sentOn": history.day})
    for amount in (1, 2, 3):
        wrong.letter(wrong.target, "fundsReceipt", {"amountFen": str(amount), "reference": "B-1", "receivedOn": history.day})
    wrong.form(step="correction", **PENSION_SUMS)
    wrong.letter(wrong.target, "fundsReturn", {"amountFen": "3", "reference": "B-2", "reason": "wrong"})


def medicals(history):
    def residents(number, **application):
        application = {"sourceType": "390", "targetType": "390", **application}
        return Transfer(history, number, "MEDICAL", **application).contact()
    residents(20, missedYears=3, paidUpYears=1, targetWaitingMonths=3).form(coveredToMonth=202412)
    residents(21, inEnrolmentPeriod=True).form(coveredToMonth=202412).letter(TIANJIN, "joining", {"joinedOn": history.day})
    residents(22, waitingExempt=True).form(coveredToMonth=202412)
    residents(23, missedYears=1, paidUpYears=2).form(coveredToMonth=202412)
    residents(24, targetWaitingMonths=7).form(coveredToMonth=202412)
    residents(25, missedYears=4294967295).form(coveredToMonth=202412)
    residents(26).form(coveredToMonth=202412, transferTotalFen="100")
    Transfer(history, 27, "MEDICAL", gapPaidUp=True, targetWaitingMonths=6).contact().form(coveredToMonth=202412, transferTotalFen="150000").to_the_end(150000)
    Transfer(history, 28, "MEDICAL", targetWaitingMonths=7).contact().form(coveredToMonth=202412, transferTotalFen="150000")
    Transfer(history, 29, "MEDICAL", sourceType="110")


def unemployments(history):
    def beijing(number, **form):
        return Transfer(history, number, "UNEMPLOYMENT").contact().form(**{"benefitMonths": 6, "transferTotalFen": str(6 * 212400 * 3 // 2), **form})
    beijing(40).to_the_end(6 * 212400 * 3 // 2)
    beijing(41, monthsDrawn=7)
    beijing(42, monthsDrawn=2, benefitMonths=4, transferTotalFen=str(4 * 212400 * 3 // 2))
    for standard in (0, 1, 2, 3):
        Transfer(history, 43 + standard, "UNEMPLOYMENT", source=LANGFANG, target=BEIJING).contact().form(standardClass=standard, benefitMonths=6, transferTotalFen="100")
    Transfer(history, 48, "UNEMPLOYMENT", target="110000")
    Transfer(history, 49, "UNEMPLOYMENT", retired=True)
    late = beijing(50)
    late.letter(BEIJING, "fundsNotice", {"amountFen": str(6 * 212400 * 3 // 2), "reference": "B-1", "sentOn": 20991231})


def repaired_for_ever(history):
    for number, scheme in ((60, "PENSION"), (61, "MEDICAL"), (62, "UNEMPLOYMENT")):
        transfer = Transfer(history, number, scheme).contact()
        for i in range(30):
            contact = {"office": "office %d" % i, "bank": "Bank", "bankAccount": "6222", "telephone": ""}
            transfer.letter(TIANJIN, "correction", {"reason": "moved", "contactLetter": contact})
        history.ask("settlement", transfer_id=transfer.id)


def beyond_the_calendar(history):
    for number, scheme in ((70, "PENSION"), (71, "MEDICAL"), (72, "UNEMPLOYMENT")):
        Transfer(history, number, scheme)


def transfers():
    history = History("rest/transfers", 20230701)
    early = Transfer(history, 80, "UNEMPLOYMENT").contact()  # before Beijing's first standard
    early.form(benefitMonths=6, transferTotalFen="1")
    history.day = 20250310
    pensions(history)
    medicals(history)
    unemployments(history)
    repaired_for_ever(history)
    for day in (20250331, 20250415, 20250601):
        history.day = day
        for number in range(3):
            history.send("exchange", "tick", {"number": str(number + 1)})
    for number in range(90):
        history.ask("settlement", transfer_id="X-%d" % number)
    for scheme in range(4):
        history.ask("settlement", scheme=scheme, overdue_on=20250601)
    history.day = 20261225
    beyond_the_calendar(history)
    history.end()


def said(*words):
    return [json.loads(line) for line in subprocess.run([os.path.join(BIN, "hutong"), *words], stdout=subprocess.PIPE, check=True).stdout.splitlines()]


HOSPITAL = {"code": "H12010100001", "name": "一中心", "area": TIANJIN, "level": 3, "municipal": True, "status": "INSTITUTION_STATUS_ACTIVE", "effectiveDate": 20240101}


def bill(number, person_type, care="21", total=20000000, admitted=20250301, discharged=20250310):
    item = {"code": "X000000000000000000000A", "level": "01", "unitPriceMicro": str(total * 10000), "quantityE4": "10000", "amountFen": str(total)}
    return {"billId": "B-%d" % number, "institution": HOSPITAL["code"], "insuredArea": BEIJING, "insuranceType": person_type, "careKind": care, "admissionDate": admitted,
            "dischargeDate": discharged, "diagnosis": "J18.900", "credential": "01", "totalFen": str(total), "items": [item]}


def policies():
    """Every parameter that a policy may have, and the persons whom it concerns."""
    history = History("rest/policies", 20250102)
    history.send(TIANJIN, "institution", HOSPITAL)
    history.send(TIANJIN, "institution", dict(HOSPITAL, code="H12010100002", level=1, municipal=False, community=True))
    for each in said("policy", "events", *[os.path.join(ROOT, "data/policies/110000-%s.yaml" % type) for type in ("310", "390")]):
        policy = each["policy"]
        policy.update(civilServantBp=5000, minorDeductibleBp=5000, yearSplitByDays=True)
        policy["assistance"] = {"classes": [{"category": "POVERTY_CATEGORY_" + name, "deductibleFen": str(1000 * i), "ratioBp": 9000 - 1000 * i}
                                            for i, name in enumerate(("EXTREME", "MINIMUM", "MARGINAL", "RETURNING", "ILLNESS")) if name in POVERTY], "capFen": "5000000"}
        row = dict(policy["outpatient"][0])
        policy["outpatient"] += [dict(row, care="CARE_CLASS_EMERGENCY", level=level, countsToPoolCap=True) for level in (1, 2, 3)]
        stay = dict(policy["inpatient"][0])
        history.send(BEIJING, "policy", policy)
        for care in ("CARE_CLASS_CHRONIC", "CARE_CLASS_EMERGENCY", "CARE_CLASS_PHARMACY"):  # not stays: refused
            history.send(BEIJING, "policy", dict(policy, inpatient=policy["inpatient"] + [dict(stay, care=care)]))
    people = [(type, category, poverty, servant) for type, category in (("310", "1101"), ("310", "1201"), ("390", "1401"), ("390", "1501"), ("390", "1601"))
              for poverty in ("UNSPECIFIED",) + POVERTY for servant in (False, True)]
    for i, (type, category, poverty, servant) in enumerate(people):
        person = somebody(i, "20150615" if category == "1401" else "19550615")
        history.day = 20250105
        history.enrol(person, BEIJING, type, category, poverty="POVERTY_CATEGORY_" + poverty, civilServant=servant, accountBalanceFen="300000")
        history.day = 20250320
        for n, (care, total, first, last) in enumerate((("21", 20000000, 20250301, 20250310), ("21", 60000000, 20241220, 20250110), ("11", 100000, 20250311, 20250311),
                                         ("13", 200000, 20250312, 20250312), ("52", 900000, 20250313, 20250316), ("21", 90000000, 20250311, 20250318))):
            history.send(TIANJIN, "billSettle", dict(bill(10 * i + n, type, care, total, first, last), usePersonalAccount=True), person)
    history.end()


POVERTY = tuple(name[len("POVERTY_CATEGORY_"):] for name in OF["reference"].PovertyCategory.keys() if not name.endswith("UNSPECIFIED"))


# What the funds pay for each day's four bills, as the books said it.
FUNDS = {20241011: 10683406, 20241012: 10457027, 20241111: 9714855, 20241112: 9714856, 20241211: 9639396, 20241212: 9639396, 20250111: 10446806,
         20250112: 10624256}


def books():
    """No clearing policy yet; both confirm; what only one side states; last year's quarter for an advance; pages and trees."""
    history = History("rest/books", 20240910)
    history.send(TIANJIN, "institution", HOSPITAL)
    for each in said("policy", "events", os.path.join(ROOT, "data/policies/110000-310.yaml")):
        history.send(BEIJING, "policy", dict(each["policy"], validFrom=20240101))
    persons = [somebody(i, "19550615") for i in range(12)]
    for person in persons:
        history.enrol(person, BEIJING, "310", "1201")
    settled = []

    def month(days, first):
        for n, day in enumerate(days):
            history.day = day
            for i in range(4):
                settled.append(history.send(TIANJIN, "billSettle", bill(first + 10 * n + i, "310", total=3000000 + i, admitted=day - 3, discharged=day), persons[(n + i) % 12]))
    month((20240911, 20240912), 100)
    history.send(BEIJING, "investigationRequest", {"settlement": str(settled[0]), "question": "?"})  # no clearing policy is in force
    clearing = said("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml"))[0]["clearingPolicy"]
    history.send("operator", "clearingPolicy", dict(clearing, validFrom=20240901, insuredStatementNeeded=False))
    history.send(BEIJING, "investigationRequest", {"settlement": str(settled[0]), "question": "?"})
    for day in (20241011, 20241111, 20241211, 20250111):
        month((day, day + 1), day % 100000)
        history.day = day + 4
        history.send(TIANJIN, "statement", {"day": day, "institution": HOSPITAL["code"], "side": "STATEMENT_SIDE_CARE", "totals": [
            {"insuranceType": "310", "clearingType": "21", "countPositive": 4, "totalFen": "1"}]})
        rows = [{"number": str(number), "billId": "?", "insuredArea": BEIJING, "insuranceType": "310", "clearingType": "21", "totalFen": "1", "fundFen": "1"}
                for number in settled[-8:] + list(range(900000, 901100 if day == 20241011 else 900003))]
        for each in (day, day + 1):
            history.send(TIANJIN, "statement", {"day": each, "institution": HOSPITAL["code"], "side": "STATEMENT_SIDE_CARE", "detailed": True,
                                                "numberFrom": "1", "numberTo": "999999", "rows": rows})
        history.send(BEIJING, "statement", {"day": day + 1, "institution": HOSPITAL["code"], "side": "STATEMENT_SIDE_INSURED", "detailed": True, "numberFrom": "1",
                                            "numberTo": "999999", "rows": rows[:2] + rows[8:9]})
        for each in (day, day + 1) if day < 20250101 else (day,):  # the last day stays open
            for sender, side in ((TIANJIN, "CARE"), (BEIJING, "INSURED")):
                history.send(sender, "statement", {"day": each, "institution": HOSPITAL["code"], "side": "STATEMENT_SIDE_" + side, "totals": [
                    {"insuranceType": "310", "clearingType": "21", "countPositive": 4, "totalFen": "12000006", "fundFen": str(FUNDS[each])}]})
        for next_day in (day + 10, day + 15, day + 19) if day < 20250101 else ():
            history.day = next_day
            for number in range(4):
                history.send("exchange", "tick", {"number": str(number)})
    history.day = 20250116
    asked = history.send(BEIJING, "investigationRequest", {"settlement": str(settled[-8]), "question": "?"})
    history.send(TIANJIN, "investigationAnswer", {"request": str(asked), "answer": "!"})
    for finder in (BEIJING, TIANJIN):
        history.send(finder, "investigationFinding", {"request": str(asked), "verdict": "INVESTIGATION_VERDICT_WRONG_PART", "amountFen": "100", "text": "."})
    history.day = 20250121
    for number in range(4):
        history.send("exchange", "tick", {"number": str(number)})
    history.day = 20250122
    for sender in (BEIJING, TIANJIN):
        history.send(sender, "clearingReply", {"month": 202412, "insuredRegion": BEIJING, "careRegion": TIANJIN, "action": "CLEARING_ACTION_CONFIRM"})
    history.ask("books", clearing={"month": 202412})
    history.send(BEIJING, "advanceDeposit", {"insuredRegion": BEIJING, "careRegion": TIANJIN, "amountFen": "100000", "paidOn": 20250122, "emergency": True})
    history.send(TIANJIN, "advanceDeposit", {"insuredRegion": BEIJING, "careRegion": TIANJIN, "amountFen": "100000", "paidOn": 20250122, "deposit": str(history.count - 1)})
    for day in (20250126, 20250201, 20250221, 20250226, 20250301):
        history.day = day
        for number in range(8):
            history.send("exchange", "tick", {"number": str(number)})
    for viewer in ("", BEIJING, TIANJIN, HEBEI):
        history.ask("books", balances={"after": b"fund:", "count_max": 5}, viewer=viewer)
        history.ask("books", entries={"after": bytes(9), "count_max": 5}, viewer=viewer)
        history.ask("books", investigations={"after": bytes(8), "count_max": 1}, viewer=viewer)
        history.ask("books", reconciliation={"from_day": 20240901, "to_day": 20250228}, viewer=viewer)
        history.ask("books", reconciliation={"from_day": 20240901, "to_day": 20250228, "only_theirs": True}, viewer=viewer)
        history.ask("books", supervision={"month": 202412}, viewer=viewer)
        history.ask("books", supervision={"month": 202501}, viewer=viewer)
        history.ask("books", clearing={"month": 202412}, viewer=viewer)
        for side in (1, 2):
            for rows in (False, True):
                history.ask("books", viewer=viewer, tree={"side": side, "region": BEIJING if side == 2 else TIANJIN, "ranges": [
                    {"from": {"day": 20240901}, "to": {"day": 20250228, "institution": HOSPITAL["code"], "number": 5}, "rows": rows}]})
    history.end()


def quarantined():
    """A record that stopped a service three times is a dead letter of that service, and stays one."""
    history = History("rest/quarantined", 20250310)
    reason = "the record stopped the service three times"
    for service in ("none", "validation", "settlement", "books"):
        history.send(TIANJIN, "institution", HOSPITAL)
        at = history.last.accepted_at_ms
        history.put("V", OF["outcome"].Verdict(accepted_at_ms=at, dead_reason=reason, envelope=history.last.envelope) if service == "validation" else None)
        history.put("O", OF["outcome"].Outcome(position=history.count - 1, sender=TIANJIN, message_id="01950000-0000-7000-8000-%012x" % (history.count - 1),
                                               accepted_at_ms=at, kind="OUTCOME_KIND_DEAD_LETTER", deliver_to=[TIANJIN], dead_reason=reason,
                                               envelope_sha256=hashlib.sha256(history.last.envelope).digest()) if service == "settlement" else None)
        history.put("B", OF["books"].BooksRecord(position=history.count - 1, sender="exchange", kind="BOOKS_KIND_DEAD_LETTER", deliver_to=["operator"],
                                                 dead_reason=reason) if service == "books" else None)
    history.end()


if __name__ == "__main__":
    transfers()
    policies()
    books()
    quarantined()
