# SPDX-License-Identifier: Apache-2.0
"""How `day`, `two` and the states were made: an exchange on a trace's clock lives through a year and a half, with two months' tables and payments and
a year's end; then its log becomes a history for compat_histories --fill, with questions about it.

  HUTONG_BIN=.../bin live.py OUT BILLS TRANSFERS CATALOGUE PARTITIONS

OUT.trace: recorded. OUT.history: plain, with nothing filled in but the digests of the exchange's own services, to hold what --fill says
against. OUT.data: the exchange's data directory, stopped."""
import base64
import glob
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../e2e"))
from exchange import REGIONS, ROOT, Exchange, check, records  # noqa: E402
from letters import identity  # noqa: E402

BEIJING, TIANJIN, HEBEI = REGIONS
TODAY = "20250528"
MASK = (1 << 64) - 1


def person_hash(person):
    """Low half of XXH64, seed 0, of at most 31 bytes."""
    if not person:
        return 0
    p1, p2, p3, p4, p5 = 11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261
    rotate = lambda value, by: ((value << by) | (value >> (64 - by))) & MASK
    data, at = person.upper().encode(), 0
    acc = (p5 + len(data)) & MASK
    while at + 8 <= len(data):
        lane = int.from_bytes(data[at:at + 8], "little")
        acc = (rotate(acc ^ rotate(lane * p2 & MASK, 31) * p1 & MASK, 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= len(data):
        acc = (rotate(acc ^ int.from_bytes(data[at:at + 4], "little") * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    for each in data[at:]:
        acc = rotate(acc ^ each * p5 & MASK, 11) * p1 & MASK
    acc = (acc ^ (acc >> 33)) * p2 & MASK
    acc = (acc ^ (acc >> 29)) * p3 & MASK
    return (acc ^ (acc >> 32)) & 0xffffffff or 1


def pensioner(i):
    return identity("1101011950%02d%02d%03d" % (i % 12 + 1, i % 28 + 1, i))


class Day:
    def __init__(self, bills, transfers, catalogue, partitions):
        self.exchange = Exchange("compat", partitions=partitions, trace_clock=True, segment_size_mib=16, state_map_mib=256)
        self.bills, self.transfers, self.catalogue, self.numbers, self.ticks = bills, transfers, catalogue, 0, 0

    def submit(self, day, lines):
        """Envelopes as JSON, noon of that day. Ids in a row, and few traces: what is random does not compress."""
        whole = []
        for each in lines:
            self.numbers += 1
            each = {**each, "version": 1, "messageId": "01940000-0000-7000-8000-%012x" % self.numbers}
            if self.numbers % 16:
                each.pop("traceparent", None)
            whole.append(json.dumps(each, ensure_ascii=False))
        if whole:
            self.exchange.run("submit", "--quiet", "--timeout", "300", "--at", str(day), "-", stdin="\n".join(whole).encode())

    def send(self, day, sender, name, body, person=None):
        self.submit(day, [{"sender": sender, **({"personId": person} if person else {}), name: body}])

    def tick(self, day, count=4):
        self.submit(day, [{"sender": "exchange", "tick": {"number": str(self.ticks + number + 1)}} for number in range(count)])
        self.ticks += count

    def settled(self):
        self.exchange.run("digest", "--wait", "120")

    def said(self, *words):
        return [json.loads(line) for line in self.exchange.run(*words).stdout.splitlines()]

    def gen(self, *words):
        return self.said("gen", "--seed", "7", "--today", TODAY, "--persons", str(max(60, self.bills // 16)), "--institutions", "24", "--mix",
                         "--catalogue", str(self.catalogue), *words)

    # ---- before the bills ----

    def reference(self):
        e = self.exchange
        self.submit(20250101, self.said("policy", "events", *sorted(glob.glob(os.path.join(ROOT, "data/policies/*.yaml")))))
        self.submit(20250101, self.said("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml")))
        self.send(20250101, "operator", "logicVersion", {"version": 1, "reason": "the first"})
        self.tick(20250102)
        for name in ("institutions.120000", "enrolments.110000"):
            e.run("submit", "--quiet", "--at", "20250102", os.path.join(ROOT, "data/demo", name + ".json"))
        self.persons = [each for each in self.gen("--only-reference")]
        self.submit(20250103, self.persons)
        self.send(20250103, TIANJIN, "catalogueItem", {"region": TIANJIN, "code": "XC09CAD029A0010101000A1", "name": "缬沙坦胶囊", "level": "01",
                                                       "effectiveDate": 20240101, "endDate": 20251231})

    def local_care(self):
        """Of each kind of sum a year keeps; taken back, twice reported, unknown."""
        sums = ("poolPaidFen", "largeAmountPaidFen", "catastrophicBaseFen", "catastrophicPaidFen", "assistanceBaseFen", "assistancePaidFen",
                "outpatientInScopeFen", "outpatientPaidFen", "chronicInScopeFen", "chronicPaidFen", "maternityInScopeFen", "maternityPaidFen")
        enrolled = [each for each in self.persons if "enrolment" in each]
        for i, each in enumerate(enrolled[:60]):
            at = each["enrolment"]
            body = {"localId": "L-%d" % i, "insuredArea": at["area"], "insuranceType": at["insuranceType"], "dischargeDate": 20250105 + i % 20,
                    "stays": i % 2, **{name: str(1000 * (i + 1) * (n + 1)) for n, name in enumerate(sums) if (i + n) % 3 == 0}}
            self.send(20250201, each["sender"], "localCare", body, each["personId"])
            if i % 7 == 0:
                self.send(20250201, each["sender"], "localCare", dict(body, localId="L-%d" % (i if i % 2 else 1000)), each["personId"])
            if i % 5 == 0:
                taken = {"localId": "L-%d" % (i if i % 10 else 2000 + i), "cancels": True}
                self.send(20250202, each["sender"], "localCare", taken, each["personId"])

    def conversations(self):
        """The generator's rounds of letters and the demonstration's, each on its day; certificates between them."""
        days = [(each["day"], 1, each["envelope"]) for each in map(json.loads, open(os.path.join(ROOT, "data/demo/transfers.jsonl")))]
        for number in range(14):
            lines = self.said("gen", "--seed", "7", "--today", "20250304", "--transfers", str(self.transfers), "--round", str(number))
            days += [(20250304 + number * 3 if number < 9 else 20250401 + 3 * (number - 9), 0, each) for each in lines]
        for i in range(self.transfers // 4):
            person, number = pensioner(i), "C-%d" % i
            body = {"certificationId": number, "payingArea": BEIJING, "residenceArea": "131000"}
            due = 20250331 if i % 3 else 20250410
            asked = {"sender": BEIJING, "personId": person, "certification": dict(body, request={"dueDate": due, "monthlyPensionFen": str(300000 + i)})}
            days.append((20250305, 0, asked))
            result = {"status": "PENSIONER_STATUS_" + ("ALIVE", "DEAD", "MISSING", "IMPRISONED", "NOT_FOUND", "ALIVE")[i % 6], "method": "face", "date": (20250320, 20250215, 20250318, 20250506, 20250319, 20250511)[i % 6]}
            if i % 5:
                days.append((max(20250321, result["date"]), 0, {"sender": HEBEI, "personId": person, "certification": dict(body, result=result)}))
        for i, day in enumerate((20250317, 20250325, 20250411, 20250430, 20250512)):
            days += [(day, 2, {"sender": "exchange", "tick": {"number": str(1000 + 10 * i + n)}}) for n in range(6)]
        days.sort(key=lambda each: each[:2])
        self.later = [each for each in days if each[0] > 20250520]
        for day in sorted({each[0] for each in days if each[0] <= 20250520}):
            self.submit(day, [each[2] for each in days if each[0] == day])

    # ---- bills ----

    def generated_bills(self):
        lines = self.gen("--only-bills", "--bills", str(self.bills))
        for i, each in enumerate(lines):
            if i % 40 == 3:
                each["billTrial"] = each.pop("billSettle")
            elif i % 40 == 7:
                each["billSettle"]["expected"] = {"fundPayTotalFen": "100", "personPayTotalFen": "200"}
            elif i % 40 == 11:
                each["billSettle"]["totalFen"] = str(int(each["billSettle"]["totalFen"]) + 1)
            elif i % 40 == 13:
                each["billSettle"]["items"][0]["level"] = "02"
            elif i % 40 == 17:
                each["personId"] = identity("110101197001%02d%03d" % (i % 28 + 1, i % 1000))
        self.submit(20250529, lines[:len(lines) * 2 // 3])
        self.tick(20250530)
        self.submit(20250530, lines[len(lines) * 2 // 3:])
        for name in ("bills.120000", "chronic.120000"):
            self.exchange.run("submit", "--quiet", "--at", "20250530", os.path.join(ROOT, "data/demo", name + ".json"), codes=(0, 1))
        self.settled()

    def outcomes(self, kind):
        return [each for each in self.said("--json", "mailbox", "--party", BEIJING, "--from", "0", "--count", "100000") if each["kind"] == "OUTCOME_KIND_" + kind]

    def taken_back(self):
        """Bills reversed, by those who may and those who may not, and partly refunded by another in their place."""
        bills = {each["billSettle"]["billId"]: each for each in self.gen("--only-bills", "--bills", str(self.bills)) if "billSettle" in each}
        for i, each in enumerate(self.outcomes("SETTLED")):
            bill = bills.get(each["billId"])
            if bill is None or i % 15:
                continue
            what = {"settlementPosition": each["position"], "reason": "退费"}
            if i % 45 == 0:
                again = json.loads(json.dumps(bill["billSettle"]))
                again.update(billId=again["billId"] + "R", replacesSettlement=each["position"], items=again["items"][:-1] or again["items"])
                again["totalFen"] = str(sum(int(item["amountFen"]) for item in again["items"]))
                self.send(20250531, bill["sender"], "billSettle", again, bill["personId"])
            else:
                self.send(20250531, bill["sender"] if i % 60 else HEBEI, "billReversal", what, bill["personId"])
                if i % 30 == 0:
                    self.send(20250531, bill["sender"], "billReversal", what, bill["personId"])

    def dead_letters(self):
        """A body that this build does not know, sent through again; and what is no dead letter."""
        number = self.exchange.json("digest", "--wait", "60")[0]["position"]
        envelope = b"\x08\x01\x12\x06120000\x1a\x24" + b"01940000-0000-7000-8000-0000feedbeef" + b"\xb2\x06\x02\x08\x01"  # field 102
        self.exchange.run("submit", "--binary", "--quiet", "--at", "20250531", "-", stdin=bytes([len(envelope)]) + envelope)
        self.settled()
        dead = [each["position"] for each in self.exchange.json("dead", "list")]
        check(dead, "no dead letter after %s" % number)
        for position in (dead[-1], 1):
            self.send(20250531, "operator", "requeue", {"position": str(position), "envelope": base64.b64encode(envelope).decode()})
        self.settled()

    # ---- the books ----

    def statements(self, month, first, second, third):
        """By the regions of care row by row, Tianjin's with faults; by the insuring regions as sums; then what is open again."""
        e, directory = self.exchange, self.exchange.directory
        for region in REGIONS:
            for side in ("care", "insured"):
                rows = e.run("clearing", "rows", month, "--" + side, region, "--open").stdout.decode().splitlines()
                path = os.path.join(directory, "%s.%s.csv" % (side, region))
                columns = [line.split(",") for line in rows]
                if side == "care" and region == TIANJIN:
                    for i in range(3, len(columns), 30):
                        columns[i][9] = "%.2f" % (float(columns[i][9]) + (0.01 if i % 60 else 5))
                    del columns[5:7]
                with open(path, "w") as file:
                    file.write("\n".join(",".join(each) for each in columns) + "\n")
                said = e.run("reconcile", "--side", side, "--region", region, "--events" if side == "care" else "--totals", path).stdout
                print("%s %s: %d rows" % (region, side, len(rows) - 1))
                if said:
                    e.run("submit", "--quiet", "--timeout", "300", "--at", first if side == "care" else second, "-", stdin=said)
        self.tick(second)
        self.settled()
        rows = e.run("clearing", "rows", month, "--care", TIANJIN, "--open").stdout
        with open(os.path.join(directory, "again.csv"), "wb") as file:
            file.write(rows)
        said = e.run("reconcile", "--side", "care", "--region", TIANJIN, "--events", os.path.join(directory, "again.csv")).stdout
        print("%d rows are stated again" % (len(rows.splitlines()) - 1))
        if said:
            e.run("submit", "--quiet", "--at", third, "-", stdin=said)
        self.settled()

    def rows(self, insured, care, month="2025-05", *words):
        lines = self.exchange.run("clearing", "rows", month, "--insured", insured, "--care", care, *words).stdout.decode().splitlines()
        return [line.split(",")[0] for line in lines[1:]]

    def replies(self):
        self.tick(20250621, 12)
        self.settled()
        pair = {"month": 202505, "insuredRegion": BEIJING, "careRegion": TIANJIN}
        numbers = self.rows(BEIJING, TIANJIN)
        dispute = dict(pair, action="CLEARING_ACTION_DISPUTE", numbers=numbers[:2], reason="住院天数存疑")
        self.send(20250622, BEIJING, "clearingReply", dispute)
        self.send(20250622, BEIJING, "clearingReply", dispute)
        self.settled()
        first = self.exchange.json("digest", "--wait", "60")[0]["position"] - 2
        self.send(20250622, BEIJING, "clearingReply", dict(pair, action="CLEARING_ACTION_ROLL_BACK", reply=str(first)))
        self.send(20250623, BEIJING, "clearingReply", dict(dispute, numbers=numbers[1:2]))
        self.send(20250623, HEBEI, "clearingReply", dispute)
        self.send(20250624, TIANJIN, "clearingReply", dict(pair, action="CLEARING_ACTION_CONFIRM"))
        self.send(20250624, TIANJIN, "clearingReply", dict(dispute, numbers=numbers[3:4]))
        for i, number in enumerate(numbers[4:10]):
            self.send(20250624, BEIJING if i % 2 else TIANJIN, "investigationRequest", {"settlement": number, "question": "床位费与病程记录不符"})
        self.settled()
        asked = [each["request"] for each in self.exchange.json("books", "investigations")]
        for i, request in enumerate(asked):
            if i < 4:
                self.send(20250625, TIANJIN if i % 2 else BEIJING, "investigationAnswer", {"request": request, "answer": "重复计费一日"})
                self.send(20250625, BEIJING if i % 2 else TIANJIN, "investigationAnswer", {"request": request, "answer": "重复计费一日"})
                for finder in (BEIJING, TIANJIN):
                    self.send(20250626, finder, "investigationFinding",
                              {"request": request, "verdict": "INVESTIGATION_VERDICT_" + ("WRONG_PART", "CONFIRMED", "WRONG_WHOLE", "WRONG_PART")[i],
                               "amountFen": ("100", "0", "0", "99999999")[i], "text": "核减"})
        self.tick(20250628, 24)

    def payments(self, month, day):
        self.settled()
        said = self.exchange.json("books", "payments", month)
        for i, row in enumerate(said):
            body = {"month": int(month.replace("-", "")), "payer": row["payer"], "payee": row["payee"], "amountFen": row["amountFen"], "paidOn": day}
            self.send(day, HEBEI if row["payee"] != HEBEI else BEIJING, "payment", dict(body, amountFen="1"))
            if i % 3 != 2:
                self.send(day, row["payer"], "payment", body)
                self.send(day, row["payee"], "payment", body)

    def deposits(self):
        for insured, care, amount in ((BEIJING, TIANJIN, 60000000), (HEBEI, BEIJING, 90000000), (HEBEI, TIANJIN, 1000)):
            body = {"insuredRegion": insured, "careRegion": care, "amountFen": str(amount), "paidOn": 20250110, "emergency": amount == 1000}
            self.send(20250110, insured, "advanceDeposit", body)
            self.settled()
            number = self.exchange.json("digest", "--wait", "60")[0]["position"] - 1
            if amount > 1000:
                self.send(20250112, care, "advanceDeposit", dict(body, deposit=str(number)))

    def suspended(self):
        body = {"code": "H12010199001", "name": "演示医院", "area": TIANJIN, "level": 3, "effectiveDate": 20240101, "status": "INSTITUTION_STATUS_ACTIVE"}
        self.send(20250627, TIANJIN, "institution", body)
        for day, status in ((20250701, "SUSPENDED"), (20250801, "TERMINATED"), (20250715, "ACTIVE")):
            self.send(20250627, TIANJIN, "institution", dict(body, status="INSTITUTION_STATUS_" + status, effectiveDate=day, reason="重复计费,限期整改"))

    def live(self):
        self.exchange.up()
        self.reference()
        self.deposits()
        self.local_care()
        self.conversations()
        self.generated_bills()
        self.taken_back()
        self.dead_letters()
        for day, _, letter in self.later:
            self.submit(day, [letter])
        self.statements("2025-05", "20250611", "20250612", "20250616")
        self.replies()
        self.suspended()
        self.payments("2025-05", 20250708)
        self.submit(20250709, self.gen("--only-bills", "--first-bill", str(self.bills), "--bills", str(self.bills // 4)))
        self.statements("2025-07", "20250710", "20250711", "20250714")
        for day in (20250721, 20250726, 20250730, 20250812, 20250821, 20250826, 20250922, 20251022, 20251122, 20251230, 20260121, 20260328, 20260331, 20260421):
            self.tick(day, 12)
        self.payments("2025-07", 20260422)
        self.tick(20260423)
        self.settled()


def record(kind, part, body):
    return kind.encode() + bytes([part]) + len(body).to_bytes(4, "little") + body


def history(name, trace, exchange, out):
    """The submissions of a trace, and the digests that its services say."""
    import coverage
    of = coverage.schema()
    plain = subprocess.run(["zstd", "-dc", trace], stdout=subprocess.PIPE, check=True).stdout
    out.write(record("H", exchange.partitions, name.encode()))
    count = 0
    for each in records(plain):
        at = 1
        while each[at - 1] >= 0x80:
            at += 1
        message = of["trace"].TraceRecord.FromString(each[at:])
        if not message.HasField("submission"):
            continue
        envelope = of["envelope"].Envelope.FromString(message.submission.envelope)
        submission = of["outcome"].Submission(accepted_at_ms=message.submission.accepted_at_ms, person_hash=person_hash(envelope.person_id), envelope=message.submission.envelope)
        out.write(record("S", 0, submission.SerializeToString(deterministic=True)))
        count += 1
    for core, question in questions(of, count):
        asked = question.SerializeToString(deterministic=True)
        if core == "settlement":  # its question is field 48
            asked = b"\x82\x03" + bytes([len(asked)]) + asked
        out.write(record("Q", 0, core.encode() + b"\0" + asked))
        out.write(record("A", 0, b""))
    for (service, partition), (position, digest) in sorted(exchange.digests().items(), key=lambda each: ("validation", "settlement", "audit", "books", "ingest").index(each[0][0])):
        check(position == count, "%s stands at %s of %s" % (service, position, count))
        core = ("mailbox", "mailbox_books")[partition] if service == "ingest" else service
        out.write(record("D", 0 if service == "ingest" else partition, core.encode() + b"\0" + bytes.fromhex(digest)))


def questions(of, count):
    books, transfer, audit = of["books"].BooksQuery, of["transfer"].TransferQuery, of["audit"].AuditQuery
    for viewer in ("",) + REGIONS:
        for month in (202505, 202507):
            yield "books", books(clearing={"month": month}, viewer=viewer)
            for is_open in (False, True):
                yield "books", books(rows={"month": month, "open": is_open, "count_max": 50}, viewer=viewer)
            yield "books", books(supervision={"month": month}, viewer=viewer)
            yield "books", books(supervision={"month": month, "after": "H12010100005"}, viewer=viewer)
        yield "books", books(balances={"count_max": 20}, viewer=viewer)
        yield "books", books(entries={"count_max": 20}, viewer=viewer)
        for only in (False, True):
            yield "books", books(reconciliation={"from_day": 20250501, "to_day": 20250630, "count_max": 60, "open_only": only}, viewer=viewer)
            yield "books", books(institutions={"not_active_only": only}, viewer=viewer)
            yield "books", books(investigations={"open_only": only, "count_max": 3}, viewer=viewer)
        yield "books", books(reconciliation={"from_day": 20250501, "to_day": 20250630, "only_theirs": True}, viewer=viewer)
        yield "books", books(aging={}, viewer=viewer)
        yield "books", books(aging={"on_day": 20250610}, viewer=viewer)
    for number in range(0, count, count // 40):
        yield "audit", audit(trail={"position": number})
    yield "audit", audit(counts={})
    for scheme in range(5):
        for region in ("",) + REGIONS:
            yield "settlement", transfer(scheme=scheme, region=region, count_max=20)
            yield "settlement", transfer(scheme=scheme, region=region, overdue_on=20250325, count_max=5)
            yield "settlement", transfer(scheme=scheme, region=region, overdue_on=20250601, count_max=20)
    for number in ("P-2025-1", "M-2025-1", "U-2025-1"):
        yield "settlement", transfer(transfer_id=number)
    for i in range(24):
        yield "settlement", transfer(certificate_of=pensioner(i))


def main(out, bills, transfers, catalogue, partitions):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    day = Day(int(bills), int(transfers), int(catalogue), int(partitions))
    try:
        day.live()
        day.exchange.run("trace", "record", out + ".trace")
        day.exchange.run("ledger", "verify")
        with open(out + ".history", "wb") as file:
            history(os.path.basename(out), out + ".trace", day.exchange, file)
        day.exchange.down()
        shutil.rmtree(out + ".data", ignore_errors=True)
        shutil.copytree(os.path.join(day.exchange.directory, "data"), out + ".data")
    finally:
        day.exchange.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
